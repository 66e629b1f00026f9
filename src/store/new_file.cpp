#include "store/new_file.h"

#include <optional>
#include <system_error>

#include "base/error.h"

namespace unroll {
namespace {

namespace fs = std::filesystem;

// What is behind symbolic links; nothing if one of them stands for a file that a process has open.
std::optional<fs::path> followed(const fs::path& path) {
  std::error_code error;
  fs::path place = path;
  constexpr int kLinks = 40;  // as many as the system follows
  for (int i = 0; i < kLinks && fs::is_symlink(place, error); ++i) {
    if (fs::weakly_canonical(place.parent_path(), error).string().starts_with("/proc/")) return std::nullopt;
    place = place.parent_path() / fs::read_symlink(place, error);
  }
  const fs::file_status status = fs::status(place, error);
  if (fs::exists(status) && !fs::is_regular_file(status)) return std::nullopt;
  return place;
}

fs::path place_of(const fs::path& path) {
  const std::optional<fs::path> place = followed(path);
  if (!place) throw FileError(path.string(), "is not a regular file", "choose another name");
  return *place;
}

}  // namespace

bool is_replaceable(const fs::path& path) {
  return followed(path).has_value();
}

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
