// Everything that a results file holds, in the order of the file. The same pass writes the file and, later,
// compares the finished file with what should be in it, so that no error of disk or library stays unseen.
#pragma once

#include "store/h5.h"
#include "store/layout.h"

namespace unroll {

enum class PassMode { kWrite, kCompare };

// Throws FileError if the library fails or, comparing, if anything differs.
// Requires: an empty file to write; `layout` of the same results.
void pass_over(H5File& file, const Results& results, const Layout& layout, PassMode mode);

}  // namespace unroll
