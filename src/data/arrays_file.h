// The arrays X and y of a file of HDF5 or of two .npy files, checked and ready to be divided.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "data/array.h"
#include "data/task.h"

namespace unroll {

struct Arrays {
  Array x;  // made [N, T, D]
  Array y;  // made [N, S, O]; of classes [N, S, 1]
  std::string x_where;
  std::string y_where;
  std::string hash;       // of the files
  std::size_t bytes = 0;  // of the files
  bool every_step = false;
  std::size_t outputs = 0;            // O
  std::vector<std::uint32_t> length;  // [N]

  std::size_t sequences() const { return x.shape[0]; }
  std::size_t steps() const { return x.shape[1]; }
  std::size_t inputs() const { return x.shape[2]; }
  bool unequal() const {
    return std::any_of(length.begin(), length.end(), [&](std::uint32_t l) { return l != steps(); });
  }
};

// Reads what task.file and task.target_file name. What is past the end of a sequence becomes zero. Throws
// UsageError for a target file that is missing or too many, FileError for shapes that do not go together and
// for values that no net can read or learn.
Arrays read_arrays(const TaskConfig& config);

}  // namespace unroll
