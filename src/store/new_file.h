// A file that takes its name when it is whole, so that nobody reads half of one.
#pragma once

#include <filesystem>

#include "store/posix_file.h"

namespace unroll {

// Whether another file may take the place of this one: not of devices, pipes, and what stands for an open
// file, such as /dev/stdout. What is not there may be made.
bool is_replaceable(const std::filesystem::path& path);

class NewFile {
 public:
  // Begins the file as NAME.tmp, or under the second name, empty and locked. Where `name` is a symbolic link,
  // what it points to is replaced. Throws FileError, also if `name` is not replaceable; LockedError if
  // another process is at it.
  explicit NewFile(const std::filesystem::path& name);
  NewFile(const std::filesystem::path& name, const std::filesystem::path& unfinished);
  // Removes what was not published.
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  const std::filesystem::path& path() const { return unfinished_; }
  PosixFile& file() { return file_; }
  // Brings the content to disk and gives the file its name. It stays open and locked.
  PosixFile& publish();

 private:
  std::filesystem::path name_;
  std::filesystem::path unfinished_;
  PosixFile file_;
  bool published_ = false;
};

}  // namespace unroll
