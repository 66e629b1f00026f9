// Nothing is allocated inside a step: every form of operator new is counted here.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "nn/model.h"
#include "tests/nn/cases.h"
#include "tests/support/every_target.h"

namespace {

std::atomic<long> allocations = 0;
std::atomic<std::size_t> bytes = 0;

void* allocate(std::size_t size, std::size_t alignment) {
  ++allocations;
  bytes += size;
  void* p = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}

// Out of line: GCC takes a free() that it sees beside `new` for a mistake.
[[gnu::noinline]] void release(void* p) {
  std::free(p);
}

}  // namespace

void* operator new(std::size_t size) {
  return allocate(size, alignof(std::max_align_t));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
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

namespace unroll {
namespace {

TEST(Allocation, NoneInsideAStep) {
  on_every_target([] {
    for (const Case& test : cases_of(19, 2, 3, 6, 5)) {
      OptimizerConfig optimizer;
      optimizer.clip_norm = 0.1;
      Model model(test.config, optimizer, test.shape, {1, 2});
      const Data data(test.shape, 5, 6, 1);
      const ModelBatch batch = data.batch();
      const long before = allocations;
      for (int i = 0; i < 3; ++i) {
        model.gradient(batch);
        model.step(0.01);
        model.evaluate(batch);
      }
      EXPECT_EQ(allocations, before) << test.name();
    }
  });
  EXPECT_GT(allocations, 0);
}

TEST(Allocation, NoneInsideAStepOfAnyStructure) {
  for (const Case& test : structured_cases(19, 2, 6, 5)) {
    Model model(test.config, {}, test.shape, {1, 2});
    const Data data(test.shape, 5, 6, 1);
    const ModelBatch batch = data.batch();
    const long before = allocations;
    model.gradient(batch);
    model.step(0.01);
    model.evaluate(batch);
    EXPECT_EQ(allocations, before) << test.name();
  }
}

TEST(Allocation, BytesOfAModelAreKnownBefore) {
  on_every_target([] {
    std::vector<Case> cases = cases_of(40, 2, 3, 30, 16);
    for (const Case& test : structured_cases(40, 2, 30, 16)) cases.push_back(test);
    for (const Case& test : cases) {
      const std::size_t before = bytes;
      const Model model(test.config, {}, test.shape, {1, 2});
      const auto taken = static_cast<double>(bytes - before);
      const auto planned = static_cast<double>(Model::bytes(test.config, {}, test.shape));
      // Names, tables and the buffers of the initialiser come on top.
      EXPECT_GE(taken, 0.999 * planned) << test.name();
      EXPECT_LE(taken, 1.25 * planned + 65536.0) << test.name();
    }
  });
}

}  // namespace
}  // namespace unroll
