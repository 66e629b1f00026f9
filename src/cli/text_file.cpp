#include "cli/text_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>

#include "base/error.h"
#include "store/new_file.h"

namespace unroll {
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
  errno = 0;
  std::ofstream out(path, std::ios::binary | std::ios::app);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  if (!out) throw FileError(path.string(), std::string("cannot be written: ") + std::strerror(errno));
}

}  // namespace unroll
