#include "cli/text_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>

#include "base/error.h"
#include "store/new_file.h"

namespace unroll {
namespace {

void write(const std::filesystem::path& path, std::string_view text, std::ios::openmode mode) {
  errno = 0;
  std::ofstream out(path, std::ios::binary | mode);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  if (!out) throw FileError(path.string(), std::string("cannot be written: ") + std::strerror(errno));
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
  std::error_code failed;
  // A device or a pipe, such as /dev/stdout, cannot be replaced.
  if (std::filesystem::exists(path, failed) && !std::filesystem::is_regular_file(path, failed)) {
    return write(path, text, std::ios::out);
  }
  NewFile file(path);
  file.file().write(0, text);
  file.publish();
}

void append_text(const std::filesystem::path& path, std::string_view text) {
  write(path, text, std::ios::app);
}

}  // namespace unroll
