// An array of a results file, written or compared row by row: rows gather until a slab is full, then it goes
// to the file, or is compared with what the file has. The checksum of the array is that of its slabs, whose
// sizes follow from shape and type alone (each_slab).
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "store/h5.h"
#include "store/layout.h"
#include "store/results_format.h"

namespace unroll {

enum class PassMode { kWrite, kCompare };

// Throws FileError: what the file has is not what was written.
[[noreturn]] void differs(const H5Object& object);

template <typename T>
class SlabStream {
 public:
  SlabStream(H5Dataset dataset, const Shape& shape, PassMode mode)
      : dataset_(std::move(dataset)),
        mode_(mode),
        rows_(shape.empty() ? 1 : shape[0]),
        step_(shape.empty() ? 1 : chunk_of(shape, sizeof(T))[0]) {
    for (std::size_t axis = 1; axis < shape.size(); ++axis) row_ *= static_cast<std::size_t>(shape[axis]);
    slab_.resize(static_cast<std::size_t>(std::min(step_, rows_)) * row_);
  }

  // Room for the next row, to be filled before the next call.
  T* next() {
    if (used_ == step_) flush();
    return slab_.data() + static_cast<std::size_t>(used_++) * row_;
  }
  std::size_t row_size() const { return row_; }

  // After the last row: the checksum of the array.
  std::string finish() {
    if (used_ > 0) flush();
    UNROLL_CHECK(first_ == rows_, dataset_.name());
    return hash_.hex();
  }
  H5Dataset& dataset() { return dataset_; }

 private:
  void flush() {
    slab_.resize(static_cast<std::size_t>(used_) * row_);
    hash_rows(hash_, slab_);
    if (mode_ == PassMode::kWrite) {
      dataset_.write(h5_type<T>(), first_, used_, slab_.data());
    } else {
      stored_.resize(slab_.size());
      dataset_.read(h5_type<T>(), first_, used_, stored_.data());
      if (!same_rows(slab_, stored_)) differs(dataset_);
    }
    first_ += used_;
    used_ = 0;
    slab_.resize(static_cast<std::size_t>(std::min(step_, rows_ - first_)) * row_);
  }

  H5Dataset dataset_;
  PassMode mode_;
  std::uint64_t rows_;
  std::uint64_t step_;       // rows of a slab
  std::size_t row_ = 1;      // values of a row
  std::uint64_t first_ = 0;  // row of the slab in the array
  std::uint64_t used_ = 0;   // rows of the slab that were handed out
  std::vector<T> slab_;
  std::vector<T> stored_;
  ContentHash hash_;
};

}  // namespace unroll
