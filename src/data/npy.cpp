#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <system_error>
#include <variant>
#include <vector>

#include "base/error.h"
#include "data/array.h"
#include "data/text_file.h"

static_assert(std::endian::native == std::endian::little,
              "the reader copies little-endian numbers as they are, and turns the others round");

namespace unroll {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kMostAxes = 32;
constexpr double kLargestInteger = 16777216.0;  // 2^24

class NpyReader {
 public:
  NpyReader(std::string_view bytes, const std::string& where) : bytes_(bytes), where_(where) {}

  Array read() {
    read_header();
    const std::size_t count = array_size(array_.shape, where_);
    if (bytes_.size() - data_ != count * width_) {
      fail(fmt::format("{} bytes of values, but the shape {} needs {}", bytes_.size() - data_,
                       array_.shape_text(), count * width_));
    }
    const bool wide = array_.kind == Array::Kind::kReal && width_ == sizeof(double);
    array_.values = wide ? Numbers(values<double>(count)) : Numbers(values<float>(count));
    return std::move(array_);
  }

 private:
  [[noreturn]] void fail(const std::string& what, const std::string& hint = {}) const {
    throw FileError(where_, what, hint);
  }

  std::size_t number_at(std::size_t offset, std::size_t width) const {
    std::uint32_t n = 0;
    std::memcpy(&n, bytes_.data() + offset, width);
    return n;
  }

  void read_header() {
    if (!bytes_.starts_with(kMagic) || bytes_.size() < 12)
      fail("this is not a .npy file", "write it with numpy.save");
    const auto version = static_cast<unsigned char>(bytes_[6]);
    if (version < 1 || version > 3) fail(fmt::format("version {} of the .npy format is not known", version));
    const std::size_t start = version == 1 ? 10 : 12;
    const std::size_t length = number_at(8, version == 1 ? 2 : 4);
    if (length > bytes_.size() - start) fail("the header is cut off");
    header_ = bytes_.substr(start, length);
    data_ = start + length;
    read_type(entry("'descr'"));
    fortran_ = entry("'fortran_order'").starts_with("True");
    read_shape(entry("'shape'"));
  }

  // What follows "name:" in the header.
  std::string_view entry(std::string_view name) const {
    std::size_t at = header_.find(name);
    if (at != std::string_view::npos) at = header_.find(':', at + name.size());
    if (at != std::string_view::npos) at = header_.find_first_not_of(' ', at + 1);
    if (at == std::string_view::npos) fail(fmt::format("the header has no {}", name));
    return header_.substr(at);
  }

  void read_type(std::string_view text) {
    const std::string_view type = text.substr(0, std::min(text.find('\'', 1), text.size()));
    const char order = type.size() > 1 ? type[1] : '\0';
    letter_ = type.size() > 2 ? type[2] : '\0';
    width_ =
        type.size() == 4 && type[3] >= '1' && type[3] <= '8' ? static_cast<std::size_t>(type[3] - '0') : 0;
    const bool integer = (letter_ == 'i' || letter_ == 'u') && std::has_single_bit(width_);
    const bool real = letter_ == 'f' && (width_ == 4 || width_ == 8);
    const bool boolean = letter_ == 'b' && width_ == 1;
    if (!integer && !real && !boolean) {
      // In quotes, or the list of the fields of a record.
      const std::size_t end = std::min(text.find(text.front() == '[' ? ']' : '\'', 1), text.size() - 1);
      fail(fmt::format("values of type {} are not read", shown(text.substr(0, end + 1))),
           "save them as float32, float64, an integer type or bool");
    }
    big_endian_ = order == '>';
    array_.kind = real ? Array::Kind::kReal : boolean ? Array::Kind::kBool : Array::Kind::kInteger;
  }

  void read_shape(std::string_view text) {
    const std::size_t close = text.find(')');
    if (!text.starts_with('(') || close == std::string_view::npos) fail("the header has no shape");
    std::size_t at = 1;
    while ((at = text.find_first_not_of(" ,", at)) < close) {
      std::size_t length = 0;
      const auto [stop, error] = std::from_chars(text.data() + at, text.data() + close, length);
      if (error != std::errc{} || array_.shape.size() == kMostAxes) fail("the header has no valid shape");
      array_.shape.push_back(length);
      at = static_cast<std::size_t>(stop - text.data());
    }
  }

  template <typename T>
  double as(std::size_t i) const {
    std::array<char, sizeof(T)> bytes{};
    std::memcpy(bytes.data(), bytes_.data() + data_ + i * sizeof(T), sizeof(T));
    if (big_endian_) std::reverse(bytes.begin(), bytes.end());
    return static_cast<double>(std::bit_cast<T>(bytes));
  }

  double integer(std::size_t i) const {
    const bool sign = letter_ == 'i';
    switch (width_) {
      case 1:
        return sign ? as<std::int8_t>(i) : as<std::uint8_t>(i);
      case 2:
        return sign ? as<std::int16_t>(i) : as<std::uint16_t>(i);
      case 4:
        return sign ? as<std::int32_t>(i) : as<std::uint32_t>(i);
      default:
        return sign ? as<std::int64_t>(i) : as<std::uint64_t>(i);
    }
  }

  double value(std::size_t i) const {
    if (array_.kind == Array::Kind::kReal) return width_ == 4 ? as<float>(i) : as<double>(i);
    const double x = integer(i);
    if (std::abs(x) > kLargestInteger) fail(fmt::format("value {} is {}; integers go up to 2^24", i, x));
    return x;
  }

  template <typename T>
  std::vector<T> values(std::size_t count) const {
    std::vector<T> out(count);
    for (std::size_t i = 0; i < count; ++i) out[place(i, count)] = static_cast<T>(value(i));
    return out;
  }

  // Where value i of the `stride` values of the file belongs in row-major order.
  std::size_t place(std::size_t i, std::size_t stride) const {
    if (!fortran_) return i;
    std::size_t out = 0;
    for (const std::size_t length : array_.shape) {
      stride /= length;
      out += i % length * stride;
      i /= length;
    }
    return out;
  }

  std::string_view bytes_;
  const std::string& where_;
  std::string_view header_;
  std::size_t data_ = 0;  // offset of the first value
  char letter_ = '\0';
  std::size_t width_ = 0;
  bool big_endian_ = false;
  bool fortran_ = false;
  Array array_;
};

}  // namespace

std::size_t Numbers::size() const {
  return std::visit([](const auto& values) { return values.size(); }, values_);
}

std::size_t Numbers::bytes() const {
  return std::visit([](const auto& values) { return values.size() * sizeof(values[0]); }, values_);
}

void Numbers::clear(std::size_t i) {
  std::visit([i](auto& values) { values[i] = 0; }, values_);
}

std::string Array::shape_text() const {
  return fmt::format("({}{})", fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
}

std::size_t array_size(const std::vector<std::size_t>& shape, const std::string& where) {
  double product = 1.0;
  std::size_t count = 1;
  for (const std::size_t length : shape) {
    product *= static_cast<double>(length);
    if (product > static_cast<double>(kMaxFileBytes)) throw FileError(where, "the array is too large");
    count *= length;
  }
  return count;
}

Array read_npy(std::string_view bytes, const std::string& where) {
  return NpyReader(bytes, where).read();
}

}  // namespace unroll
