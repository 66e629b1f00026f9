#include "store/journal_frames.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>

#include "base/bytes.h"
#include "base/error.h"
#include "store/crc32c.h"
#include "store/journal_names.h"

namespace unroll {
namespace {

constexpr std::string_view kMagic = "\x89UNROLLJ";
constexpr std::uint32_t kVersion = 1;
constexpr std::uint32_t kMarker = 0x4D52464AU;  // the bytes "JFRM"
constexpr std::size_t kFrameHeaderBytes = 24;
constexpr std::size_t kCrcOffset = 20;
constexpr std::size_t kWindowBytes = std::size_t{1} << 22;

std::uint32_t frame_crc(std::string_view head, std::string_view payload) {
  return crc32c(payload, crc32c(head.substr(0, kCrcOffset)));
}

// A moving view of a file: frames are read in order, so most of them need no system call.
class Window {
 public:
  explicit Window(const PosixFile& file) : file_(file), end_(file.size()) {}

  std::uint64_t end() const { return end_; }
  // The bytes from `offset`, fewer than asked for only at the end of the file.
  std::string_view view(std::uint64_t offset, std::size_t bytes) {
    if (offset >= end_) return {};
    bytes = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, end_ - offset));
    if (offset < start_ || offset + bytes > start_ + buffer_.size()) {
      buffer_.resize(
          static_cast<std::size_t>(std::min<std::uint64_t>(std::max(bytes, kWindowBytes), end_ - offset)));
      buffer_.resize(file_.read(offset, buffer_.data(), buffer_.size()));
      start_ = offset;
      if (buffer_.size() < bytes) end_ = offset + buffer_.size();  // another process has cut the file
    }
    return std::string_view(buffer_).substr(static_cast<std::size_t>(offset - start_), bytes);
  }

 private:
  const PosixFile& file_;
  std::uint64_t end_;
  std::uint64_t start_ = 0;
  std::string buffer_;
};

struct Found {
  Frame frame;
  std::uint64_t committed = 0;
  std::uint64_t end = 0;
};

std::optional<Found> frame_at(Window& window, std::uint64_t offset) {
  ByteReader head(window.view(offset, kFrameHeaderBytes));
  const std::uint32_t marker = head.u32();
  const auto type = static_cast<FrameType>(head.u32());
  const std::uint64_t committed = head.u64();
  const std::uint32_t length = head.u32();
  const std::uint32_t crc = head.u32();
  if (!head.ok() || marker != kMarker || committed > offset) return std::nullopt;
  if (length > window.end() - offset - kFrameHeaderBytes) return std::nullopt;
  const std::string_view bytes = window.view(offset, kFrameHeaderBytes + length);
  if (bytes.size() != kFrameHeaderBytes + length) return std::nullopt;
  const std::string_view payload = bytes.substr(kFrameHeaderBytes);
  if (frame_crc(bytes, payload) != crc) return std::nullopt;
  return Found{{type, offset + kFrameHeaderBytes, payload}, committed, offset + bytes.size()};
}

// Where the first good frame at or after `from` starts; the end of the file if there is none.
std::uint64_t next_good(Window& window, std::uint64_t from) {
  ByteWriter writer;
  writer.u32(kMarker);
  const std::string& marker = writer.bytes();
  while (from + kFrameHeaderBytes <= window.end()) {
    const std::string_view bytes = window.view(from, kWindowBytes / 4);
    const std::size_t hit = bytes.find(marker);
    if (hit == std::string_view::npos) {
      if (bytes.size() < marker.size()) break;
      from += bytes.size() - (marker.size() - 1);
      continue;
    }
    from += hit;
    if (frame_at(window, from)) return from;
    ++from;
  }
  return window.end();
}

// Does a good frame at or after `from` say that `offset` was on disk before it was written?
bool was_committed(Window& window, std::uint64_t from, std::uint64_t offset) {
  for (from = next_good(window, from); from < window.end(); from = next_good(window, from)) {
    const std::optional<Found> found = frame_at(window, from);
    if (!found) return false;
    if (found->committed > offset) return true;
    from = found->end;
  }
  return false;
}

}  // namespace

std::string journal_header() {
  ByteWriter out;
  for (char c : kMagic) out.u8(static_cast<std::uint8_t>(c));
  out.u32(kVersion);
  out.u32(crc32c(out.bytes()));
  return out.take();
}

void append_frame(std::string& out, FrameType type, std::uint64_t committed, std::string_view payload) {
  UNROLL_CHECK(payload.size() <= UINT32_MAX, "a record of 4 GiB or more");
  ByteWriter head;
  head.u32(kMarker);
  head.u32(static_cast<std::uint32_t>(type));
  head.u64(committed);
  head.u32(static_cast<std::uint32_t>(payload.size()));
  head.u32(frame_crc(head.bytes(), payload));
  out += head.bytes();
  out += payload;
}

HeaderState check_header(const PosixFile& file) {
  std::string bytes(kJournalHeaderBytes, '\0');
  bytes.resize(file.read(0, bytes.data(), bytes.size()));
  const std::string good = journal_header();
  if (bytes == good) return HeaderState::kGood;
  if (bytes.size() < good.size()) {
    return good.starts_with(bytes) ? HeaderState::kUnfinished : HeaderState::kForeign;
  }
  // All zero: the file was made longer, and power went before its content was on disk.
  if (bytes.find_first_not_of('\0') == std::string::npos && file.size() == bytes.size()) {
    return HeaderState::kUnfinished;
  }
  ByteReader in(std::string_view(bytes).substr(kMagic.size()));
  const std::uint32_t version = in.u32();
  const bool sound = bytes.starts_with(kMagic) && in.u32() == crc32c(std::string_view(bytes).substr(0, 12));
  return sound && version > kVersion ? HeaderState::kNewer : HeaderState::kForeign;
}

ScanResult scan_frames(const PosixFile& file, bool salvage, const std::function<bool(const Frame&)>& visit,
                       std::uint64_t start) {
  Window window(file);
  ScanResult result;
  std::uint64_t at = start;
  while (at < window.end()) {
    const std::optional<Found> found = frame_at(window, at);
    if (found && visit(found->frame)) {
      at = found->end;
      continue;
    }
    const std::uint64_t resume = found ? found->end : at + 1;
    if (!salvage) {
      if (found || was_committed(window, resume, at)) {
        throw FileError(file.path().string(),
                        fmt::format("is damaged: the record at byte {} is not sound", at),
                        salvage_hint(file.path()));
      }
      break;
    }
    const std::uint64_t next = next_good(window, resume);
    if (next >= window.end() && !found) break;
    result.skipped_bytes += next - at;
    at = next;
  }
  result.good_end = at;
  result.torn_bytes = window.end() - std::min(at, window.end());
  return result;
}

}  // namespace unroll
