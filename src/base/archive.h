// The state of objects as bytes and back, for going on after the end of the process. A class lists its
// members once, for both ways:
//
//   template <typename Archive>
//   void transfer(Archive& archive) { archive(position_, losses_, model_); }
//
// Members are numbers, texts, arrays and vectors of these, and classes with a `transfer` of their own. The
// bytes are for the same build on the same kind of machine.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace unroll {

class Saver {
 public:
  template <typename... T>
  void operator()(T&... members) {
    (put(members), ...);
  }
  std::string take() { return std::move(bytes_); }

 private:
  template <typename T>
  void put(T& member) {
    if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
      raw(&member, 1);
    } else {
      member.transfer(*this);
    }
  }
  void put(std::string& text) { sized(text); }
  template <typename T>
  void put(std::vector<T>& values) {
    if constexpr (std::is_arithmetic_v<T>) {
      sized(values);
    } else {
      std::size_t size = values.size();
      put(size);
      for (T& value : values) put(value);
    }
  }
  template <typename T, std::size_t n>
  void put(std::array<T, n>& values) {
    for (T& value : values) put(value);
  }
  template <typename Values>
  void sized(Values& values) {
    std::size_t size = values.size();
    put(size);
    raw(values.data(), size);
  }
  template <typename T>
  void raw(const T* values, std::size_t count) {
    bytes_.append(reinterpret_cast<const char*>(values), count * sizeof(T));
  }

  std::string bytes_;
};

// Never reads past the end: what is missing leaves members as they are and makes the whole not complete.
class Loader {
 public:
  explicit Loader(std::string_view bytes) : rest_(bytes) {}

  template <typename... T>
  void operator()(T&... members) {
    (get(members), ...);
  }
  // For members that can refuse what they are given.
  void fail() {
    good_ = false;
    rest_ = {};
  }
  // Everything was there and nothing is left over.
  bool complete() const { return good_ && rest_.empty(); }

 private:
  template <typename T>
  void get(T& member) {
    if constexpr (std::is_same_v<T, bool>) {
      unsigned char byte = 0;
      raw(&byte, 1);
      member = byte != 0;
    } else if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
      raw(&member, 1);
    } else {
      member.transfer(*this);
    }
  }
  void get(std::string& text) { sized(text); }
  template <typename T>
  void get(std::vector<T>& values) {
    if constexpr (std::is_arithmetic_v<T>) {
      sized(values);
    } else {
      std::size_t size = 0;
      get(size);
      if (size > rest_.size()) return fail();
      values.assign(size, T());
      for (T& value : values) get(value);
    }
  }
  template <typename T, std::size_t n>
  void get(std::array<T, n>& values) {
    for (T& value : values) get(value);
  }
  template <typename Values>
  void sized(Values& values) {
    std::size_t size = 0;
    get(size);
    if (size > rest_.size() / sizeof(values[0])) return fail();
    values.resize(size);
    raw(values.data(), size);
  }
  template <typename T>
  void raw(T* values, std::size_t count) {
    const std::size_t bytes = count * sizeof(T);
    if (bytes > rest_.size()) return fail();
    if (bytes > 0) std::memcpy(values, rest_.data(), bytes);
    rest_.remove_prefix(bytes);
  }

  std::string_view rest_;
  bool good_ = true;
};

}  // namespace unroll
