#include "store/chunk_filter.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "base/error.h"

namespace unroll {
namespace {

constexpr int kLevel = 1;
constexpr double kNoise = 7.5;               // bits a byte
constexpr std::size_t kFewestBytes = 1024;   // fewer say too little about their entropy
constexpr std::size_t kPlaneOverhead = 256;  // what a change of the level may add

// Byte k of every value, then byte k + 1 of every value: alike next to alike.
std::vector<std::byte> shuffle(std::span<const std::byte> values, std::size_t width) {
  const std::size_t count = values.size() / width;
  std::vector<std::byte> planes(values.size());
  for (std::size_t k = 0; k < width; ++k) {
    const std::byte* from = values.data() + k;
    std::byte* to = planes.data() + k * count;
    for (std::size_t i = 0; i < count; ++i) to[i] = from[i * width];
  }
  return planes;
}

// Bytes that deflate would only spend time on.
bool is_noise(std::span<const std::byte> plane) {
  if (plane.size() < kFewestBytes) return false;
  std::array<std::uint32_t, 256> seen{};
  for (const std::byte b : plane) ++seen[std::to_integer<std::size_t>(b)];
  const auto size = static_cast<double>(plane.size());
  double bits = 0.0;
  for (const std::uint32_t n : seen) {
    if (n > 0) bits -= n / size * std::log2(n / size);
  }
  return bits > kNoise;
}

// A zlib stream, as good as `compress` makes it where that pays.
class Deflater {
 public:
  explicit Deflater(std::size_t most) {
    UNROLL_CHECK(deflateInit(&stream_, kLevel) == Z_OK, "deflateInit");
    out_.resize(deflateBound(&stream_, static_cast<uLong>(most)) + most / 8);
    stream_.next_out = reinterpret_cast<Bytef*>(out_.data());
    stream_.avail_out = static_cast<uInt>(out_.size());
  }
  ~Deflater() { deflateEnd(&stream_); }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  void add(std::span<const std::byte> plane) {
    const int done = deflateParams(&stream_, is_noise(plane) ? 0 : kLevel, Z_DEFAULT_STRATEGY);
    UNROLL_CHECK(done == Z_OK, "deflateParams");
    // zlib's interface is older than const.
    stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(plane.data()));  // NOLINT
    stream_.avail_in = static_cast<uInt>(plane.size());
    UNROLL_CHECK(deflate(&stream_, Z_NO_FLUSH) == Z_OK && stream_.avail_in == 0, "deflate");
  }

  std::vector<std::byte> finish() {
    UNROLL_CHECK(deflate(&stream_, Z_FINISH) == Z_STREAM_END, "deflate");
    out_.resize(stream_.total_out);
    return std::move(out_);
  }

 private:
  z_stream stream_{};
  std::vector<std::byte> out_;
};

// Fletcher's checksum over big-endian words of 16 bits.
std::uint32_t fletcher32(std::span<const std::byte> bytes) {
  constexpr std::size_t kMostWords = 360;  // whose sums do not overflow
  const auto fold = [](std::uint32_t sum) { return (sum & 0xFFFFU) + (sum >> 16); };
  const auto at = [&](std::size_t i) { return std::to_integer<std::uint32_t>(bytes[i]); };
  std::uint32_t first = 0;
  std::uint32_t second = 0;
  const std::size_t words = bytes.size() / 2;
  for (std::size_t begin = 0; begin < words; begin += kMostWords) {
    const std::size_t end = std::min(words, begin + kMostWords);
    for (std::size_t w = begin; w < end; ++w) {
      first += at(2 * w) << 8 | at(2 * w + 1);
      second += first;
    }
    first = fold(first);
    second = fold(second);
  }
  if (bytes.size() % 2 == 1) {
    first = fold(first + (at(bytes.size() - 1) << 8));
    second = fold(second + first);
  }
  return fold(second) << 16 | fold(first);
}

}  // namespace

std::vector<std::byte> filter_chunk(std::span<const std::byte> values, std::size_t width) {
  UNROLL_CHECK(values.size() % width == 0 && values.size() <= UINT32_MAX / 2, "a chunk");
  const std::vector<std::byte> planes = shuffle(values, width);
  const std::size_t plane = planes.size() / width;
  Deflater deflater(planes.size() + width * kPlaneOverhead);
  for (std::size_t k = 0; k < width; ++k) deflater.add(std::span(planes).subspan(k * plane, plane));
  std::vector<std::byte> stored = deflater.finish();
  const std::uint32_t sum = fletcher32(stored);
  for (int shift = 0; shift < 32; shift += 8) stored.push_back(static_cast<std::byte>(sum >> shift & 0xFFU));
  return stored;
}

}  // namespace unroll
