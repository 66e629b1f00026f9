#include <fmt/format.h>
#include <fmt/ranges.h>
#include <hdf5.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "base/error.h"
#include "data/array.h"
#include "data/text_file.h"

namespace unroll {
namespace {

// An open HDF5 object, closed when it goes out of scope.
class Handle {
 public:
  Handle(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  ~Handle() {
    if (id_ >= 0) close_(id_);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  hid_t id() const { return id_; }
  bool valid() const { return id_ >= 0; }

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

// The library prints its own errors unless it is told not to, on every thread.
void be_quiet() {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

void check_library(const std::string& where) {
  hbool_t safe = false;
  if (H5is_library_threadsafe(&safe) < 0 || !safe) {
    throw FileError(where,
                    "this HDF5 library is not thread-safe, so that runs cannot read their data at once",
                    "save the arrays as .npy");
  }
}

std::vector<std::string> member_names(hid_t enumeration) {
  std::vector<std::string> names;
  const auto count = static_cast<unsigned>(std::max(H5Tget_nmembers(enumeration), 0));
  for (unsigned i = 0; i < count; ++i) {
    char* name = H5Tget_member_name(enumeration, i);
    names.emplace_back(name == nullptr ? "" : name);
    H5free_memory(name);
  }
  return names;
}

// As h5py stores NumPy's bool: FALSE = 0 and TRUE = 1, of one byte.
bool is_bool(hid_t enumeration, const std::vector<std::string>& names) {
  signed char off = -1;
  signed char on = -1;
  return H5Tget_size(enumeration) == 1 && names == std::vector<std::string>{"FALSE", "TRUE"} &&
         H5Tget_member_value(enumeration, 0, &off) >= 0 && H5Tget_member_value(enumeration, 1, &on) >= 0 &&
         off == 0 && on == 1;
}

Array::Kind kind_of_enumeration(hid_t type, const std::string& where) {
  const std::vector<std::string> names = member_names(type);
  if (is_bool(type, names)) return Array::Kind::kBool;
  throw FileError(where,
                  fmt::format("the values are words: {}", shown(fmt::format("{}", fmt::join(names, ", ")))),
                  "store their numbers instead: classes are integers, numbered from 0");
}

Array::Kind kind_of(hid_t type, const std::string& where) {
  switch (H5Tget_class(type)) {
    case H5T_FLOAT:
      return Array::Kind::kReal;
    case H5T_INTEGER:
      return Array::Kind::kInteger;
    case H5T_ENUM:
      return kind_of_enumeration(type, where);
    default:
      break;
  }
  throw FileError(where, "the values are not numbers", "store float32, float64, an integer type or bool");
}

}  // namespace

Array read_hdf5(const std::string& path, const std::string& name) {
  check_library(path);
  be_quiet();
  const std::string where = path + ":/" + name;
  const Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
  if (!file.valid() && H5Fis_hdf5(path.c_str()) > 0) {
    throw FileError(path,
                    "this HDF5 file cannot be opened: it is being written, was not closed, or is damaged",
                    "close it in the program that writes it");
  }
  if (!file.valid()) {
    throw FileError(
        path, "this is not an HDF5 file",
        "save X and y in one, or each as .npy; arrays of an .npz are saved one by one, tables are for "
        "the tasks series and classification");
  }
  const Handle dataset(H5Dopen2(file.id(), name.c_str(), H5P_DEFAULT), H5Dclose);
  if (!dataset.valid()) {
    throw FileError(path, fmt::format("there is no dataset '{}'", name),
                    "the inputs are called X, what is predicted y");
  }
  const Handle type(H5Dget_type(dataset.id()), H5Tclose);
  const Handle space(H5Dget_space(dataset.id()), H5Sclose);
  const int axes = space.valid() ? H5Sget_simple_extent_ndims(space.id()) : -1;
  if (!type.valid() || axes < 0) throw FileError(where, "the dataset cannot be read");
  std::vector<hsize_t> extent(static_cast<std::size_t>(axes));
  H5Sget_simple_extent_dims(space.id(), extent.data(), nullptr);

  Array array;
  array.kind = kind_of(type.id(), where);
  array.shape.assign(extent.begin(), extent.end());
  const std::size_t count = array_size(array.shape, where);
  if (count == 0) return array;
  const auto read = [&]<typename T>(hid_t memory, std::vector<T> values) {
    if (H5Dread(dataset.id(), memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0) {
      throw FileError(where, "the values cannot be read", "the file may be damaged");
    }
    return values;
  };
  if (array.kind == Array::Kind::kBool) {
    // An enumeration has no conversion to float: its numbers are read as they are stored.
    const std::vector<signed char> bits = read(type.id(), std::vector<signed char>(count));
    array.values = Numbers(std::vector<float>(bits.begin(), bits.end()));
  } else if (array.kind == Array::Kind::kReal && H5Tget_size(type.id()) > sizeof(float)) {
    array.values = Numbers(read(H5T_NATIVE_DOUBLE, std::vector<double>(count)));
  } else {
    array.values = Numbers(read(H5T_NATIVE_FLOAT, std::vector<float>(count)));
  }
  for (std::size_t i = 0; array.kind == Array::Kind::kInteger && i < count; ++i) {
    if (std::abs(array.values[i]) > 16777216.0) {
      throw FileError(where, "an integer is above 2^24", "number the classes from 0");
    }
  }
  return array;
}

}  // namespace unroll
