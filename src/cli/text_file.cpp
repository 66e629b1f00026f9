#include "cli/text_file.h"

#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <system_error>

#include "base/error.h"
#include "store/new_file.h"

namespace unroll {
namespace {

// The open file that a path stands for.
std::optional<int> descriptor_of(std::string_view path) {
  if (path == "/dev/stdout") return STDOUT_FILENO;
  if (path == "/dev/stderr") return STDERR_FILENO;
  for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
    int fd = -1;
    if (!path.starts_with(folder)) continue;
    const char* const end = path.data() + path.size();
    const auto [stop, error] = std::from_chars(path.data() + folder.size(), end, fd);
    if (error == std::errc() && stop == end && fd >= 0) return fd;
  }
  return std::nullopt;
}

// Where others write, too: opened anew, the file would have a place of its own to write at.
void write_to(int fd, const std::filesystem::path& path, std::string_view text) {
  std::fflush(nullptr);
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      throw FileError(path.string(),
                      std::string("cannot be written: ") + std::strerror(n == 0 ? EIO : errno));
    }
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

}  // namespace
std::string read_text(const std::filesystem::path& path) {
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (!in) throw FileError(path.string(), std::string("cannot be read: ") + std::strerror(errno));
  return text;
}

void write_text(const std::filesystem::path& path, std::string_view text) {
  if (!is_replaceable(path)) return append_text(path, text);
  NewFile file(path);
  file.file().write(0, text);
  file.publish();
}

void append_text(const std::filesystem::path& path, std::string_view text) {
  if (const auto fd = descriptor_of(path.string())) return write_to(*fd, path, text);
  errno = 0;
  std::ofstream out(path, std::ios::binary | std::ios::app);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  if (!out) throw FileError(path.string(), std::string("cannot be written: ") + std::strerror(errno));
}

}  // namespace unroll
