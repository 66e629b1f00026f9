#include "store/posix_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "store/journal.h"

namespace unroll {
namespace {

[[noreturn]] void throw_errno(const std::filesystem::path& path, const char* action, int error) {
  std::string hint;
  if (error == ENOSPC || error == EDQUOT) hint = "make room, then run the same command again";
  if (error == ENAMETOOLONG) hint = "choose a shorter name";
  throw FileError(path.string(), fmt::format("cannot {}: {}", action, std::system_category().message(error)),
                  hint);
}

template <typename Call>
auto retry(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

}  // namespace

PosixFile::PosixFile(std::filesystem::path path, int fd) : path_(std::move(path)), fd_(fd) {}

PosixFile::PosixFile(PosixFile&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}

PosixFile& PosixFile::operator=(PosixFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(fd_, other.fd_);
  return *this;
}

PosixFile::~PosixFile() {
  if (fd_ >= 0) ::close(fd_);
}

PosixFile PosixFile::open_read(const std::filesystem::path& path) {
  // Non-blocking: a named pipe is refused below rather than waited for.
  const int fd = retry([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); });
  if (fd < 0) throw_errno(path, "open for reading", errno);
  PosixFile file(path, fd);
  struct stat status {};
  if (::fstat(fd, &status) != 0) throw_errno(path, "look at", errno);
  if (!S_ISREG(status.st_mode)) throw FileError(path.string(), "is not a regular file");
  return file;
}

PosixFile PosixFile::open_locked(const std::filesystem::path& path) {
  while (true) {
    const int fd =
        retry([&] { return ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666); });
    if (fd < 0) throw_errno(path, "open for writing", errno);
    PosixFile file(path, fd);
    struct stat opened {};
    if (::fstat(fd, &opened) != 0) throw_errno(path, "look at", errno);
    if (!S_ISREG(opened.st_mode)) throw FileError(path.string(), "is not a regular file");
    if (retry([&] { return ::flock(fd, LOCK_EX | LOCK_NB); }) != 0) {
      if (errno == EWOULDBLOCK) {
        throw LockedError(path.string(), "is being written by another process",
                          "wait for it, or choose another name");
      }
      throw_errno(path, "lock", errno);
    }
    struct stat named {};
    if (::stat(path.c_str(), &named) == 0) {
      if (named.st_dev == opened.st_dev && named.st_ino == opened.st_ino) return file;
    } else if (errno != ENOENT) {
      throw_errno(path, "look at", errno);
    }
  }
}

std::uint64_t PosixFile::size() const {
  struct stat status {};
  if (::fstat(fd_, &status) != 0) throw_errno(path_, "look at", errno);
  return static_cast<std::uint64_t>(status.st_size);
}

std::size_t PosixFile::read(std::uint64_t offset, char* into, std::size_t bytes) const {
  std::size_t done = 0;
  while (done < bytes) {
    const ssize_t n =
        retry([&] { return ::pread(fd_, into + done, bytes - done, static_cast<off_t>(offset + done)); });
    if (n < 0) throw_errno(path_, "read", errno);
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

void PosixFile::write(std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n =
        retry([&] { return ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset)); });
    if (n <= 0) throw_errno(path_, "write", n == 0 ? EIO : errno);
    offset += static_cast<std::uint64_t>(n);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void PosixFile::truncate(std::uint64_t size) {
  if (retry([&] { return ::ftruncate(fd_, static_cast<off_t>(size)); }) != 0)
    throw_errno(path_, "cut", errno);
}

void PosixFile::sync() {
  if (retry([&] { return ::fdatasync(fd_); }) != 0) throw_errno(path_, "bring to disk", errno);
}

void PosixFile::rename_to(const std::filesystem::path& name) {
  if (::rename(path_.c_str(), name.c_str()) != 0) throw_errno(name, "move the new file into place", errno);
  path_ = name;
  sync_folder_of(name);
}

bool file_exists(const std::filesystem::path& path) {
  std::error_code error;
  const bool there = std::filesystem::exists(path, error);
  if (error && error != std::errc::filename_too_long) {
    throw FileError(path.string(), "cannot look for this file: " + error.message(),
                    "choose a place that can be read");
  }
  return there;
}

void sync_folder_of(const std::filesystem::path& path) {
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  const int fd = retry([&] { return ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
  // A folder may be one that we can write to but not read.
  if (fd < 0 && errno == EACCES) return;
  if (fd < 0) throw_errno(path, "open its folder", errno);
  const int result = retry([&] { return ::fsync(fd); });
  const int error = errno;
  ::close(fd);
  // EINVAL: the file system cannot sync a folder, and none of ours can make it.
  if (result != 0 && error != EINVAL) throw_errno(path, "bring its folder to disk", error);
}

}  // namespace unroll
