// Attributes and arrays of an HDF5 file.
#include <fmt/format.h>
#include <hdf5.h>
#include <hdf5_hl.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <span>

#include "base/error.h"
#include "store/chunk_filter.h"
#include "store/h5.h"

namespace unroll {
namespace {

// Variable length, UTF-8: fixed-length strings crash netCDF 4.9.
H5Object text_type(const H5Object& owner) {
  H5Object type = owner.part(H5Tcopy(H5T_C_S1), H5Tclose, "make the type of", owner.name());
  type.check(H5Tset_size(type.id(), H5T_VARIABLE), "make the type of");
  type.check(H5Tset_cset(type.id(), H5T_CSET_UTF8), "make the type of");
  return type;
}

hid_t file_type(H5Type type) {
  switch (type) {
    case H5Type::kInt8:
      return H5T_STD_I8LE;
    case H5Type::kInt32:
      return H5T_STD_I32LE;
    case H5Type::kInt64:
      return H5T_STD_I64LE;
    case H5Type::kFloat32:
      return H5T_IEEE_F32LE;
    default:
      return H5T_IEEE_F64LE;
  }
}

hid_t memory_type(H5Type type) {
  switch (type) {
    case H5Type::kInt8:
      return H5T_NATIVE_INT8;
    case H5Type::kInt32:
      return H5T_NATIVE_INT32;
    case H5Type::kInt64:
      return H5T_NATIVE_INT64;
    case H5Type::kFloat32:
      return H5T_NATIVE_FLOAT;
    default:
      return H5T_NATIVE_DOUBLE;
  }
}

}  // namespace

void H5Object::set_attribute(const std::string& name, const std::string& text) {
  if (text.empty()) return;
  const H5Object type = text_type(*this);
  const H5Object space = part(H5Screate(H5S_SCALAR), H5Sclose, "make the space of", name);
  H5Object attribute = part(H5Acreate2(id(), name.c_str(), type.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT),
                            H5Aclose, "create the attribute", name);
  const char* value = text.c_str();
  attribute.check(H5Awrite(attribute.id(), type.id(), &value), "write the attribute");
  attribute.close();
}

void H5Object::set_attribute(const std::string& name, H5Type type, const void* values, std::size_t count) {
  const hsize_t size = count;
  const H5Object space = part(count == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &size, nullptr),
                              H5Sclose, "make the space of", name);
  H5Object attribute =
      part(H5Acreate2(id(), name.c_str(), file_type(type), space.id(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose,
           "create the attribute", name);
  attribute.check(H5Awrite(attribute.id(), memory_type(type), values), "write the attribute");
  attribute.close();
}

std::string H5Object::text_attribute(const std::string& name) const {
  if (check(H5Aexists(id(), name.c_str()), "look for the attributes of") == 0) return {};
  const H5Object attribute =
      part(H5Aopen(id(), name.c_str(), H5P_DEFAULT), H5Aclose, "open the attribute", name);
  const H5Object stored = part(H5Aget_type(attribute.id()), H5Tclose, "read the type of", name);
  const H5Object space = part(H5Aget_space(attribute.id()), H5Sclose, "read the space of", name);
  if (H5Tis_variable_str(stored.id()) <= 0 || H5Sget_simple_extent_npoints(space.id()) != 1) return {};
  const H5Object type = text_type(*this);
  char* value = nullptr;
  attribute.check(H5Aread(attribute.id(), type.id(), &value), "read the attribute");
  std::string text = value == nullptr ? "" : value;
  H5free_memory(value);
  return text;
}

std::optional<std::int64_t> H5Object::integer_attribute(const std::string& name) const {
  if (check(H5Aexists(id(), name.c_str()), "look for the attributes of") == 0) return std::nullopt;
  const H5Object attribute =
      part(H5Aopen(id(), name.c_str(), H5P_DEFAULT), H5Aclose, "open the attribute", name);
  const H5Object stored = part(H5Aget_type(attribute.id()), H5Tclose, "read the type of", name);
  const H5Object space = part(H5Aget_space(attribute.id()), H5Sclose, "read the space of", name);
  if (H5Tget_class(stored.id()) != H5T_INTEGER || H5Sget_simple_extent_npoints(space.id()) != 1) {
    return std::nullopt;
  }
  std::int64_t value = 0;
  attribute.check(H5Aread(attribute.id(), H5T_NATIVE_INT64, &value), "read the attribute");
  return value;
}

struct H5Dataset::Selection {
  H5Object memory;
  H5Object file;
};

const std::vector<std::uint64_t>& H5Dataset::dims() {
  if (!dims_) {
    const H5Object space = part(H5Dget_space(id()), H5Sclose, "read the shape of", name());
    const int rank = check(H5Sget_simple_extent_ndims(space.id()), "read the shape of");
    std::vector<hsize_t> dims(static_cast<std::size_t>(rank));
    check(H5Sget_simple_extent_dims(space.id(), dims.data(), nullptr), "read the shape of");
    dims_.emplace(dims.begin(), dims.end());
  }
  return *dims_;
}

std::optional<H5Type> H5Dataset::type() const {
  const H5Object type = part(H5Dget_type(id()), H5Tclose, "read the type of", name());
  switch (H5Tget_class(type.id())) {
    case H5T_INTEGER:
      return H5Type::kInt64;
    case H5T_FLOAT:
      return H5Type::kFloat64;
    case H5T_STRING:
      return H5Tis_variable_str(type.id()) > 0 ? std::optional(H5Type::kText) : std::nullopt;
    default:
      return std::nullopt;
  }
}

H5Dataset::Selection H5Dataset::select(std::uint64_t first, std::uint64_t count) {
  H5Object file = part(H5Dget_space(id()), H5Sclose, "read the shape of", name());
  if (dims().empty()) {
    return {part(H5Screate(H5S_SCALAR), H5Sclose, "select rows of", name()), std::move(file)};
  }
  std::vector<hsize_t> start(dims().size(), 0);
  std::vector<hsize_t> size(dims().begin(), dims().end());
  start[0] = first;
  size[0] = count;
  check(H5Sselect_hyperslab(file.id(), H5S_SELECT_SET, start.data(), nullptr, size.data(), nullptr),
        "select rows of");
  const int rank = static_cast<int>(size.size());
  return {part(H5Screate_simple(rank, size.data(), nullptr), H5Sclose, "select rows of", name()),
          std::move(file)};
}

// Do these rows fill a chunk, or the last one as far as there are rows?
bool H5Dataset::is_chunk(H5Type type, std::uint64_t first, std::uint64_t count) {
  if (chunk_.empty() || type == H5Type::kText || std::endian::native != std::endian::little) return false;
  const std::vector<std::uint64_t>& size = dims();
  return std::equal(size.begin() + 1, size.end(), chunk_.begin() + 1) && first % chunk_[0] == 0 &&
         count == std::min(chunk_[0], size[0] - first);
}

void H5Dataset::write_chunk(H5Type type, std::uint64_t first, std::uint64_t count, const void* rows) {
  const std::size_t width = H5Tget_size(memory_type(type));
  std::size_t row = width;
  for (std::size_t axis = 1; axis < chunk_.size(); ++axis) row *= static_cast<std::size_t>(chunk_[axis]);
  std::span values(static_cast<const std::byte*>(rows), static_cast<std::size_t>(count) * row);
  std::vector<std::byte> whole;
  if (count < chunk_[0]) {
    whole.assign(values.begin(), values.end());
    whole.resize(static_cast<std::size_t>(chunk_[0]) * row);
    values = whole;
  }
  const std::vector<std::byte> stored = filter_chunk(values, width);
  std::vector<hsize_t> offset(chunk_.size(), 0);
  offset[0] = first;
  constexpr std::uint32_t kAllFilters = 0;
  check(H5Dwrite_chunk(id(), H5P_DEFAULT, kAllFilters, offset.data(), stored.size(), stored.data()), "write");
}

void H5Dataset::write(H5Type type, std::uint64_t first, std::uint64_t count, const void* rows) {
  if (is_chunk(type, first, count)) return write_chunk(type, first, count, rows);
  const Selection rows_at = select(first, count);
  if (type != H5Type::kText) {
    check(H5Dwrite(id(), memory_type(type), rows_at.memory.id(), rows_at.file.id(), H5P_DEFAULT, rows),
          "write");
    return;
  }
  std::vector<const char*> pointers(count);
  const auto* texts = static_cast<const std::string*>(rows);
  std::transform(texts, texts + count, pointers.begin(),
                 [](const std::string& text) { return text.c_str(); });
  const H5Object text = text_type(*this);
  check(H5Dwrite(id(), text.id(), rows_at.memory.id(), rows_at.file.id(), H5P_DEFAULT, pointers.data()),
        "write");
}

void H5Dataset::read(H5Type type, std::uint64_t first, std::uint64_t count, void* rows) {
  const Selection rows_at = select(first, count);
  if (type != H5Type::kText) {
    check(H5Dread(id(), memory_type(type), rows_at.memory.id(), rows_at.file.id(), H5P_DEFAULT, rows),
          "read");
    return;
  }
  std::vector<char*> pointers(count);
  const H5Object text = text_type(*this);
  const int result =
      H5Dread(id(), text.id(), rows_at.memory.id(), rows_at.file.id(), H5P_DEFAULT, pointers.data());
  if (result >= 0) {
    auto* texts = static_cast<std::string*>(rows);
    std::transform(pointers.begin(), pointers.end(), texts,
                   [](const char* value) { return std::string(value == nullptr ? "" : value); });
  }
  H5Dvlen_reclaim(text.id(), rows_at.memory.id(), H5P_DEFAULT, pointers.data());
  check(result, "read");
}

void H5Dataset::make_scale() {
  check(H5DSset_scale(id(), name().c_str()), "make a dimension scale of");
}

void H5Dataset::make_bare_scale() {
  const std::string name =
      fmt::format("This is a netCDF dimension but not a netCDF variable.{:>10}", dims()[0]);
  check(H5DSset_scale(id(), name.c_str()), "make a dimension scale of");
}

void H5Dataset::attach_scale(const H5Dataset& scale, std::size_t axis) {
  check(H5DSattach_scale(id(), scale.id(), static_cast<unsigned>(axis)), "label the axes of");
}

H5Dataset H5Group::create_dataset(const std::string& name, H5Type type,
                                  const std::vector<std::uint64_t>& dims,
                                  const std::vector<std::uint64_t>& chunk) {
  const H5Object plist = part(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "prepare", name);
  plist.check(H5Pset_obj_track_times(plist.id(), false), "prepare");
  std::vector<hsize_t> size(dims.begin(), dims.end());
  if (!chunk.empty()) {
    const std::vector<hsize_t> piece(chunk.begin(), chunk.end());
    plist.check(H5Pset_chunk(plist.id(), static_cast<int>(piece.size()), piece.data()), "prepare");
    if (type != H5Type::kText) {
      plist.check(H5Pset_shuffle(plist.id()), "prepare");
      plist.check(H5Pset_deflate(plist.id(), 1), "prepare");
      plist.check(H5Pset_fletcher32(plist.id()), "prepare");
    }
  }
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  if (type == H5Type::kFloat64) {
    plist.check(H5Pset_fill_value(plist.id(), H5T_NATIVE_DOUBLE, &kNan), "prepare");
  }
  const H5Object space =
      part(dims.empty() ? H5Screate(H5S_SCALAR)
                        : H5Screate_simple(static_cast<int>(size.size()), size.data(), nullptr),
           H5Sclose, "make the space of", name);
  const H5Object text = text_type(*this);
  H5Dataset dataset(part(H5Dcreate2(id(), name.c_str(), type == H5Type::kText ? text.id() : file_type(type),
                                    space.id(), H5P_DEFAULT, plist.id(), H5P_DEFAULT),
                         H5Dclose, "create", name),
                    chunk);
  return dataset;
}

}  // namespace unroll
