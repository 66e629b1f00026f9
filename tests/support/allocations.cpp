#include "tests/support/allocations.h"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::size_t> count{0};
std::atomic<std::size_t> live{0};
std::atomic<std::size_t> peak{0};

void* allocate(std::size_t size, std::align_val_t align) noexcept {
  const auto a = static_cast<std::size_t>(align);
  void* p = std::aligned_alloc(a, size == 0 ? a : (size + a - 1) / a * a);
  if (p == nullptr) return nullptr;
  ++count;
  const std::size_t now = live += malloc_usable_size(p);
  for (std::size_t most = peak; now > most && !peak.compare_exchange_weak(most, now);) {
  }
  return p;
}

void* allocate_or_throw(std::size_t size, std::align_val_t align) {
  void* p = allocate(size, align);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}

// Out of line: GCC takes a free() that it sees beside `new` for a mistake.
[[gnu::noinline]] void release(void* p) {
  if (p != nullptr) live -= malloc_usable_size(p);
  std::free(p);
}

constexpr std::align_val_t kUsual{alignof(std::max_align_t)};

}  // namespace

void* operator new(std::size_t size) {
  return allocate_or_throw(size, kUsual);
}
void* operator new(std::size_t size, std::align_val_t align) {
  return allocate_or_throw(size, align);
}
// By the standard these call the ones above; with AddressSanitizer they do not.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return allocate(size, kUsual);
}
void* operator new(std::size_t size, std::align_val_t align, const std::nothrow_t&) noexcept {
  return allocate(size, align);
}
void* operator new[](std::size_t size) {
  return allocate_or_throw(size, kUsual);
}
void operator delete(void* p) noexcept {
  release(p);
}
void operator delete(void* p, std::size_t) noexcept {
  release(p);
}
void operator delete(void* p, std::align_val_t) noexcept {
  release(p);
}
void operator delete(void* p, std::size_t, std::align_val_t) noexcept {
  release(p);
}
void operator delete[](void* p) noexcept {
  release(p);
}
void operator delete[](void* p, std::size_t) noexcept {
  release(p);
}

namespace unroll {

Allocations allocations() {
  return {count, live, peak};
}

void forget_peak() {
  peak = live.load();
}

}  // namespace unroll
