// Little-endian values to bytes and back. The reader never reads past the end and never makes room for more
// values than the bytes it was given could hold: a short or absurd length makes it fail.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace unroll {

class ByteWriter {
 public:
  void u8(std::uint8_t v) { out_.push_back(static_cast<char>(v)); }
  void u32(std::uint32_t v) { integer(v, 4); }
  void u64(std::uint64_t v) { integer(v, 8); }
  void f64(double v) { u64(std::bit_cast<std::uint64_t>(v)); }
  // A length: seven bits for each byte, the low ones first, the top bit set on all but the last byte.
  void size(std::uint64_t v) {
    for (; v >= 0x80; v >>= 7) u8(static_cast<std::uint8_t>(v | 0x80));
    u8(static_cast<std::uint8_t>(v));
  }
  void text(std::string_view v) {
    size(v.size());
    out_.append(v);
  }
  // Count first, then the values.
  void f64s(const std::vector<double>& values) {
    size(values.size());
    if constexpr (std::endian::native == std::endian::little) {
      out_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double));
    } else {
      for (double v : values) f64(v);
    }
  }
  void f32s(const std::vector<float>& values) {
    size(values.size());
    for (float v : values) u32(std::bit_cast<std::uint32_t>(v));
  }
  void texts(const std::vector<std::string>& values) {
    size(values.size());
    for (const std::string& v : values) text(v);
  }
  const std::string& bytes() const { return out_; }
  std::string take() { return std::move(out_); }

 private:
  void integer(std::uint64_t v, int bytes) {
    for (int i = 0; i < bytes; ++i) out_.push_back(static_cast<char>(v >> (8 * i)));
  }

  std::string out_;
};

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(integer(1)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(integer(4)); }
  std::uint64_t u64() { return integer(8); }
  double f64() { return std::bit_cast<double>(u64()); }
  std::uint64_t size() {
    std::uint64_t v = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const std::uint8_t byte = u8();
      v |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return v;
    }
    fail();
    return 0;
  }
  std::string_view text() { return take(size()); }
  // How many values follow, each of at least `least` bytes; fails if there is no room for them.
  std::size_t count(std::size_t least) {
    const std::uint64_t n = size();
    if (n > rest_.size() / least) {
      fail();
      return 0;
    }
    return static_cast<std::size_t>(n);
  }
  std::vector<double> f64s() {
    std::vector<double> values(count(sizeof(double)));
    if constexpr (std::endian::native == std::endian::little) {
      const std::string_view raw = take(values.size() * sizeof(double));
      if (!raw.empty()) std::memcpy(values.data(), raw.data(), raw.size());
    } else {
      for (double& v : values) v = f64();
    }
    return values;
  }
  std::vector<float> f32s() {
    std::vector<float> values(count(sizeof(float)));
    for (float& v : values) v = std::bit_cast<float>(u32());
    return values;
  }
  std::vector<std::string> texts() {
    std::vector<std::string> values(count(1));
    for (std::string& v : values) v = text();
    return values;
  }

  void fail() {
    ok_ = false;
    rest_ = {};
  }
  bool ok() const { return ok_; }
  // Everything was there and nothing is left over.
  bool complete() const { return ok_ && rest_.empty(); }

 private:
  std::string_view take(std::uint64_t n) {
    if (n > rest_.size()) {
      fail();
      return {};
    }
    const std::string_view taken = rest_.substr(0, static_cast<std::size_t>(n));
    rest_.remove_prefix(static_cast<std::size_t>(n));
    return taken;
  }
  std::uint64_t integer(std::size_t bytes) {
    const std::string_view raw = take(bytes);
    std::uint64_t v = 0;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      v |= static_cast<std::uint64_t>(static_cast<unsigned char>(raw[i])) << (8 * i);
    }
    return v;
  }

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace unroll
