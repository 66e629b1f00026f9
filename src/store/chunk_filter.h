// What HDF5's filters shuffle, deflate and fletcher32 make of a chunk, several times as fast as the library's
// own pipeline: of doubles from a training run only the upper bytes compress, and only those are given to
// deflate. Any HDF5 reads the result.
// Source: the filters of the HDF5 library's file format specification, version 3, section IV.A.2.l; RFC 1950.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace unroll {

// The stored form of a chunk of values of `width` bytes each. Requires: values.size() is a multiple of width
// and below 4 GiB. The same values give the same bytes.
std::vector<std::byte> filter_chunk(std::span<const std::byte> values, std::size_t width);

}  // namespace unroll
