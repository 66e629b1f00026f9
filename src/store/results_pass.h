// Everything that a results file holds, in the order of the file. The same pass writes the file and, later,
// compares the finished file with what should be in it, so that no error of disk or library stays unseen.
// Records are asked for once, in the order of the plan; all arrays over runs grow together.
#pragma once

#include "store/h5.h"
#include "store/layout.h"
#include "store/slab_stream.h"

namespace unroll {

// Throws FileError if the library fails or, comparing, if anything differs.
// Requires: an empty file to write; `layout` of the same manifest and records.
void pass_over(H5File& file, const Manifest& manifest, const RecordSource& source, const Layout& layout,
               const std::string& made_from, PassMode mode);

}  // namespace unroll
