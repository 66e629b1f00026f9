// Arrays of numbers in files: NumPy's .npy, and datasets of HDF5 files.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace unroll {

// Numbers as wide as their file holds them: what is double there stays so until it is scaled.
class Numbers {
 public:
  Numbers() = default;
  explicit Numbers(std::vector<float> values) : values_(std::move(values)) {}
  explicit Numbers(std::vector<double> values) : values_(std::move(values)) {}

  std::size_t size() const;
  std::size_t bytes() const;
  bool empty() const { return size() == 0; }
  double operator[](std::size_t i) const {
    const auto* narrow = std::get_if<std::vector<float>>(&values_);
    return narrow != nullptr ? double{(*narrow)[i]} : std::get<std::vector<double>>(values_)[i];
  }
  void clear(std::size_t i);  // makes it zero

 private:
  std::variant<std::vector<float>, std::vector<double>> values_;
};

struct Array {
  enum class Kind { kReal, kInteger, kBool };
  Kind kind = Kind::kReal;
  std::vector<std::size_t> shape;  // row-major
  Numbers values;                  // integers up to 2^24; larger ones are refused

  std::string shape_text() const;  // "(150, 40, 3)"
};

// The number of values of a shape. Throws FileError if that is more than a file of kMaxFileBytes can hold.
std::size_t array_size(const std::vector<std::size_t>& shape, const std::string& where);

// A .npy file of format 1, 2 or 3: real numbers of 4 or 8 bytes, integers of 1 to 8, or bool; in either
// order of bytes, in C or Fortran order. Throws FileError for anything else, and for bytes that are missing
// or too many. Source: NumPy Enhancement Proposal 1, and numpy.lib.format.
Array read_npy(std::string_view bytes, const std::string& where);

// A dataset of an HDF5 file, of any real or integer type that the library converts; NumPy's bool (an
// enumeration FALSE = 0, TRUE = 1) counts as bool, other enumerations are refused. May be called by several
// threads at once: the library must be built thread-safe, as Debian's and Ubuntu's are, else this throws
// FileError.
Array read_hdf5(const std::string& path, const std::string& name);

}  // namespace unroll
