#include "data/text_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "base/hash.h"

namespace unroll {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Public data that is not shipped is in datasets/NAME/FILE, and datasets/public_sets.txt has a line
// NAME|FILE|...
std::string hint_for_missing(const std::string& path) {
  const std::filesystem::path file(path);
  const std::filesystem::path folder = file.parent_path();
  const std::string set = folder.filename().string();
  std::ifstream known(folder.parent_path() / "public_sets.txt");
  for (std::string line; std::getline(known, line);) {
    if (line.starts_with(fmt::format("{}|{}|", set, file.filename().string())))
      return fmt::format("get it with: scripts/get_datasets {}", set);
  }
  return "check the path; a relative one starts at the folder of the experiment file";
}

}  // namespace

std::string read_file(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    throw FileError(path, "there is no such file", hint_for_missing(path));
  }
  if (!std::filesystem::status_known(status)) {
    throw FileError(path, fmt::format("cannot be looked at: {}", error.message()),
                    "check the path, and who may enter its folders");
  }
  if (std::filesystem::is_directory(status)) {
    throw FileError(path, "this is a folder, not a file", "name a file in it");
  }
  if (!std::filesystem::is_regular_file(status)) {
    throw FileError(path, "not a regular file", "save what it gives in a file: data is read more than once");
  }
  const auto size = std::filesystem::file_size(path, error);
  if (error) throw FileError(path, error.message());
  if (size > kMaxFileBytes) {
    throw FileError(path, fmt::format("{} bytes; the largest that is read is {}", size, kMaxFileBytes),
                    "keep only what is needed");
  }
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  std::string text(static_cast<std::size_t>(size), '\0');
  if (!in || !in.read(text.data(), static_cast<std::streamsize>(text.size()))) {
    throw FileError(path, errno != 0 ? std::strerror(errno) : "the file became shorter while it was read");
  }
  return text;
}

void fail_changed(const std::string& path) {
  throw FileError(path, "the file changed after the sweep was planned", "start the sweep again");
}

std::string read_unchanged_file(const std::string& path, const std::string& hash) {
  std::string text = read_file(path);
  if (hash_hex(text) != hash) fail_changed(path);
  return text;
}

std::string normal_path(const std::string& path) {
  const std::filesystem::path given = std::filesystem::absolute(path);
  const std::filesystem::path written = given.lexically_normal();
  // The file may be a link of another name, of which its type would not show.
  const auto folder = [](const std::filesystem::path& file, std::error_code& unreadable) {
    return std::filesystem::weakly_canonical(file.parent_path(), unreadable);
  };
  std::error_code unreadable;
  const std::filesystem::path opened = folder(given, unreadable);
  if (unreadable) return given.string();  // who opens the file says why
  return (folder(written, unreadable) == opened ? written : opened / given.filename()).string();
}

void fail_in_text(std::string_view text, const std::string& where, std::size_t offset,
                  const std::string& what, const std::string& hint) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t newline = before.rfind('\n');
  std::string_view line = before.substr(newline == std::string_view::npos ? 0 : newline + 1);
  if (line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  const auto characters = std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xC0) != 0x80; });
  throw FileError(
      fmt::format("{}:{}:{}", where, std::count(before.begin(), before.end(), '\n') + 1, characters + 1),
      what, hint);
}

std::string shown(std::string_view raw) {
  constexpr std::size_t kLongest = 40;
  std::string out;
  for (const char c : raw.substr(0, kLongest)) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return raw.size() > kLongest ? out + "..." : out;
}

void check_is_text(std::string_view text, const std::string& where) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    throw FileError(where + ":1:1", "the text is UTF-16", "save it as UTF-8");
  }
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    fail_in_text(text, where, nul, "a zero byte: this is not a text file",
                 "save it as text in UTF-8; the task arrays reads .npy and HDF5 files");
  }
}

std::size_t text_begin(std::string_view text) {
  return text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
}

}  // namespace unroll
