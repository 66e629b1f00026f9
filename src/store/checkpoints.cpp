#include "store/checkpoints.h"

#include <fmt/format.h>
#include <unistd.h>

#include <string_view>
#include <system_error>
#include <utility>

#include "base/bytes.h"
#include "base/error.h"
#include "base/hash.h"
#include "store/new_file.h"

namespace unroll {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMagic = 0x53'4C'4C'4F'52'4E'55'89U;  // the bytes 89 "UNROLLS"
constexpr std::uint8_t kVersion = 1;
constexpr const char* kExtension = ".state";

}  // namespace

Checkpoints::Checkpoints(fs::path folder, std::string program)
    : folder_(std::move(folder)), program_(std::move(program)) {}

fs::path Checkpoints::file_of(const std::string& run_id) const {
  return folder_ / (run_id + kExtension);
}

std::string Checkpoints::load(const std::string& run_id) const {
  try {
    const fs::path path = file_of(run_id);
    const PosixFile file = PosixFile::open_read(path);
    std::string bytes(static_cast<std::size_t>(file.size()), '\0');
    bytes.resize(file.read(0, bytes.data(), bytes.size()));
    constexpr std::size_t kHashBytes = 8;
    if (bytes.size() < kHashBytes) return {};
    const std::string_view body = std::string_view(bytes).substr(kHashBytes);
    ByteReader in(bytes);
    if (in.u64() != hash64(body) || in.u64() != kMagic || in.u8() != kVersion) return {};
    if (in.text() != program_ || in.text() != run_id) return {};
    std::string state(in.text());
    return in.complete() ? state : std::string();
  } catch (const FileError&) {
    return {};  // there is none, or none that can be read: the run begins anew
  }
}

bool Checkpoints::has(const std::string& run_id) const {
  std::error_code ignored;
  return fs::exists(file_of(run_id), ignored);
}

void Checkpoints::save(const std::string& run_id, const std::string& state) const {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) throw FileError(folder_.string(), "cannot make this folder: " + error.message());
  ByteWriter body;
  body.u64(kMagic);
  body.u8(kVersion);
  body.text(program_);
  body.text(run_id);
  body.text(state);
  ByteWriter hash;
  hash.u64(hash64(body.bytes()));
  // Two processes may train one run by mistake; each has a file of its own until it is whole.
  NewFile file(file_of(run_id), folder_ / fmt::format("{}.{}.tmp", run_id, ::getpid()));
  file.file().write(0, hash.bytes() + body.bytes());
  file.publish();
}

void Checkpoints::remove(const std::string& run_id) const {
  std::error_code ignored;
  fs::remove(file_of(run_id), ignored);
  for (fs::directory_iterator at(folder_, ignored), end; !ignored && at != end; at.increment(ignored)) {
    const std::string name = at->path().filename().string();
    if (name.starts_with(run_id) && name.ends_with(".tmp")) fs::remove(at->path(), ignored);
  }
  fs::remove(folder_, ignored);  // only if it is empty
}

}  // namespace unroll
