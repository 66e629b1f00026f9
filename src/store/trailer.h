// The last 16 bytes of a results file, behind what HDF5 knows of: a checksum of all bytes before them. HDF5
// 1.10 can crash on damage to its own structures, most of which have no checksum, so the whole file is
// checked before the library sees it. Other programs do not notice the trailer; one that changes the file
// drops it.
#pragma once

#include "store/posix_file.h"

namespace unroll {

// What helps against a damaged results file.
inline constexpr const char* kDamagedHint =
    "run the experiment again: the journal beside it has every finished run; if there is none, move the file "
    "away first";

// Requires: a finished HDF5 file.
void append_trailer(PosixFile& file);

// Throws FileError if the file is not as it was when its trailer was made. False if it has none.
bool check_trailer(const PosixFile& file);
// Throws if there is none, too.
void require_trailer(const PosixFile& file);

}  // namespace unroll
