// An aligned block of floats (or other plain values) whose size is fixed when it is made.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <type_traits>

namespace unroll {

// Owns `size` values, zero at first, aligned to a cache line. Move-only: copies are always explicit.
template <typename T>
class Buffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  static constexpr std::size_t kAlignment = 64;

  Buffer() = default;
  explicit Buffer(std::size_t size) : size_(size) {
    if (size == 0) return;
    data_.reset(static_cast<T*>(::operator new (bytes(size), std::align_val_t{kAlignment})));
    clear();
  }

  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  T& operator[](std::size_t i) { return data_.get()[i]; }
  const T& operator[](std::size_t i) const { return data_.get()[i]; }
  std::span<T> span() { return {data(), size_}; }
  std::span<const T> span() const { return {data(), size_}; }
  void clear() {
    if (size_ != 0) std::memset(static_cast<void*>(data_.get()), 0, bytes(size_));
  }

  // Bytes that a buffer of this many values takes, for planning memory.
  static std::size_t bytes(std::size_t size) {
    return (size * sizeof(T) + kAlignment - 1) / kAlignment * kAlignment;
  }

 private:
  struct Free {
    void operator()(T* p) const { ::operator delete (static_cast<void*>(p), std::align_val_t{kAlignment}); }
  };
  std::unique_ptr<T, Free> data_;
  std::size_t size_ = 0;
};

}  // namespace unroll
