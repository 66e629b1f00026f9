// HDF5 behind RAII: the part of the C API that a results file needs. Every return code is checked; a failure
// is a FileError with the name of the file and the library's innermost reason. The library prints nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace unroll {

// Types of arrays in a file; in memory they are int8_t, int32_t, int64_t, float, double and std::string.
enum class H5Type { kInt8, kInt32, kInt64, kFloat32, kFloat64, kText };

// One thread at a time may be inside HDF5: hold one of these around all other calls.
class H5Session {
 public:
  H5Session();

 private:
  std::unique_lock<std::mutex> lock_;
};

// An open file, group or array. `where` is the file name that messages give.
class H5Object {
 public:
  H5Object(std::int64_t id, int (*closer)(std::int64_t), std::string where, std::string name);
  ~H5Object();  // closes without a check: for what was only read, or when an exception is under way
  H5Object(H5Object&& other) noexcept;
  H5Object& operator=(H5Object&& other) noexcept;
  void close();  // throws if the library could not bring everything to the file

  std::int64_t id() const { return id_; }
  const std::string& name() const { return name_; }
  const std::string& where() const { return where_; }
  // Attributes. An empty text is not written, and one that is not there reads as "".
  void set_attribute(const std::string& name, const std::string& text);
  // Numbers; a count of 0 makes one value without an axis.
  void set_attribute(const std::string& name, H5Type type, const void* values, std::size_t count = 0);
  std::string text_attribute(const std::string& name) const;
  std::optional<std::int64_t> integer_attribute(const std::string& name) const;

  [[noreturn]] void fail(const std::string& action) const;
  // The result of an HDF5 call, if it is not negative.
  template <typename T>
  T check(T result, const char* action) const {
    if (result < 0) fail(action);
    return result;
  }
  // What an HDF5 call made, with the file of this one.
  H5Object part(std::int64_t id, int (*closer)(std::int64_t), const char* action,
                const std::string& name) const;

 private:
  std::int64_t id_ = -1;
  int (*close_)(std::int64_t) = nullptr;
  std::string where_;
  std::string name_;
};

// An array whose first axis is read and written in rows; one without axes has one row.
class H5Dataset : public H5Object {
 public:
  // chunk: of an array that was just made with one.
  explicit H5Dataset(H5Object object, std::vector<std::uint64_t> chunk = {})
      : H5Object(std::move(object)), chunk_(std::move(chunk)) {}

  const std::vector<std::uint64_t>& dims();
  // The widest type of its kind: kInt64, kFloat64, kText; nothing if it is none of ours.
  std::optional<H5Type> type() const;

  // Rows first .. first + count - 1, from or to memory of the named type, row-major. Reading converts
  // numbers.
  void write(H5Type type, std::uint64_t first, std::uint64_t count, const void* rows);
  void read(H5Type type, std::uint64_t first, std::uint64_t count, void* rows);

  // Makes it a dimension scale, the netCDF-4 way to label an axis.
  void make_scale();
  // The same for an axis without values: netCDF knows its length alone.
  void make_bare_scale();
  void attach_scale(const H5Dataset& scale, std::size_t axis);

 private:
  struct Selection;
  Selection select(std::uint64_t first, std::uint64_t count);
  bool is_chunk(H5Type type, std::uint64_t first, std::uint64_t count);
  void write_chunk(H5Type type, std::uint64_t first, std::uint64_t count, const void* rows);

  std::optional<std::vector<std::uint64_t>> dims_;
  std::vector<std::uint64_t> chunk_;
};

class H5Group : public H5Object {
 public:
  explicit H5Group(H5Object object) : H5Object(std::move(object)) {}

  H5Group create_group(const std::string& name);
  // With a chunk: numbers are compressed and have checksums. Without one: in one piece. Doubles are NaN where
  // nothing was written. No axis may grow: one that might makes h5netcdf look at every array to learn its
  // length.
  H5Dataset create_dataset(const std::string& name, H5Type type, const std::vector<std::uint64_t>& dims,
                           const std::vector<std::uint64_t>& chunk);
  bool contains(const std::string& name) const;
  H5Group open_group(const std::string& name) const;
  H5Dataset open_dataset(const std::string& name) const;
  // Names of the arrays in it, in the order in which they were made.
  std::vector<std::string> datasets() const;
};

class H5File : public H5Group {
 public:
  // Replaces the file. In the format of HDF5 1.8, so that every reader of today opens it.
  static H5File create(const std::filesystem::path& path, const std::string& where);
  static H5File open(const std::filesystem::path& path, const std::string& where);
  // Flushes and closes, checking both.
  void finish();

 private:
  using H5Group::H5Group;
};

}  // namespace unroll
