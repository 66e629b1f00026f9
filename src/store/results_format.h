// What writing and reading results.h5 have in common: types, slabs of rows, checksums.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>
#include <vector>

#include "store/h5.h"
#include "store/layout.h"

namespace unroll {

template <typename T>
constexpr H5Type h5_type() {
  if constexpr (std::is_same_v<T, std::int8_t>) return H5Type::kInt8;
  if constexpr (std::is_same_v<T, std::int32_t>) return H5Type::kInt32;
  if constexpr (std::is_same_v<T, std::int64_t>) return H5Type::kInt64;
  if constexpr (std::is_same_v<T, float>) return H5Type::kFloat32;
  if constexpr (std::is_same_v<T, double>) return H5Type::kFloat64;
  if constexpr (std::is_same_v<T, std::string>) return H5Type::kText;
}

// Calls f(first, count, rows) for all rows of an array, as many at a time as a chunk has; `rows` has room for
// them. The slabs follow from shape and type alone, so that checksums of slabs can be compared.
template <typename T, typename F>
void each_slab(const Shape& shape, const F& f) {
  const std::uint64_t total = shape.empty() ? 1 : shape[0];
  const std::uint64_t step = shape.empty() ? 1 : chunk_of(shape, sizeof(T))[0];
  std::size_t row = 1;
  for (std::size_t axis = 1; axis < shape.size(); ++axis) row *= static_cast<std::size_t>(shape[axis]);
  std::vector<T> rows;
  for (std::uint64_t first = 0; first < total; first += step) {
    const std::uint64_t count = std::min(step, total - first);
    rows.resize(static_cast<std::size_t>(count) * row);
    f(first, count, rows);
  }
}

template <typename T>
void hash_rows(ContentHash& hash, const std::vector<T>& rows) {
  if constexpr (std::is_same_v<T, std::string>) {
    for (const std::string& text : rows) hash.add(text);
  } else {
    hash.add({reinterpret_cast<const char*>(rows.data()), rows.size() * sizeof(T)});
  }
}

template <typename T>
bool same_rows(const std::vector<T>& a, const std::vector<T>& b) {
  if constexpr (std::is_same_v<T, std::string>) {
    return a == b;
  } else {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
  }
}

// Hash over the texts of a group and over names, texts and checksums of its arrays, in their order.
// Arrays that others have added, known by having no checksum, do not count.
std::string group_hash(const H5Group& group);

}  // namespace unroll
