#include "store/new_file.h"

#include <system_error>

#include "base/error.h"

namespace unroll {
namespace {

namespace fs = std::filesystem;

// Where the file itself goes: what a symbolic link names, and never in the place of a device or a pipe.
fs::path place_of(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    throw FileError(path.string(), "is not a regular file", "choose another name");
  }
  fs::path place = path;
  constexpr int kLinks = 40;  // as many as the system follows
  for (int i = 0; i < kLinks && fs::is_symlink(place, error); ++i) {
    place = place.parent_path() / fs::read_symlink(place, error);
  }
  return place;
}

}  // namespace

NewFile::NewFile(const fs::path& name) : NewFile(name, place_of(name).string() + ".tmp") {}

NewFile::NewFile(const fs::path& name, const fs::path& unfinished)
    : name_(place_of(name)), unfinished_(unfinished), file_(PosixFile::open_locked(unfinished)) {
  file_.truncate(0);  // a process that was killed may have left something
}

NewFile::~NewFile() {
  std::error_code ignored;
  if (!published_) fs::remove(unfinished_, ignored);
}

PosixFile& NewFile::publish() {
  file_.sync();
  file_.rename_to(name_);
  published_ = true;
  return file_;
}

}  // namespace unroll
