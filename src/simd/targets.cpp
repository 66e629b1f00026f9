#include "simd/targets.h"

#include <hwy/highway.h>
#include <hwy/targets.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>

#include "base/error.h"
#include "simd/kernels.h"
#include "simd/registry.h"

namespace unroll::simd {
namespace {

struct Name {
  std::string_view name;
  std::int64_t bits;  // Highway's targets of this name
};
constexpr Name kNames[] = {
    {"avx512", HWY_AVX3},
    {"avx2", HWY_AVX2},
    {"sse4", HWY_SSE4},
    {"neon", HWY_NEON},
    {"scalar", HWY_EMU128 | HWY_SCALAR},
};

struct Entry {
  Target target;
  Kernels kernels;
};

// Where Highway's dispatch tables hold the functions of a target.
std::size_t table_index(std::int64_t bits) {
  hwy::ChosenTarget chosen;
  chosen.Update(bits);
  return chosen.GetIndex();
}

std::vector<Entry> make_entries() {
  std::vector<Entry> entries;
  for (const Name& row : kNames) {
    const std::int64_t bits = row.bits & HWY_TARGETS;
    if (bits == 0) continue;
    Entry entry;
    const std::size_t index = table_index(bits);
    for (const auto fill : {fill_lstm, fill_gru, fill_gru_reset_before, fill_rnn, fill_products, fill_losses,
                            fill_optimizers, fill_reductions, fill_ceilings}) {
      fill(index, entry.kernels);
    }
    const bool supported = (bits & (hwy::SupportedTargets() | HWY_EMU128 | HWY_SCALAR)) != 0;
    entry.target = {row.name, entry.kernels.lanes, supported};
    entries.push_back(entry);
  }
  return entries;
}

const std::vector<Entry>& entries() {
  static const std::vector<Entry> all = make_entries();
  return all;
}

std::size_t find_target(std::string_view name, const char* where) {
  std::string known;
  for (std::size_t i = 0; i < entries().size(); ++i) {
    const Target& target = entries()[i].target;
    if (target.supported && target.name == name) return i;
    if (target.supported) known += (known.empty() ? "" : ", ") + std::string(target.name);
  }
  throw UsageError(where, "instruction set '" + std::string(name) + "' is not available on this machine",
                   "available: " + known);
}

std::size_t first_choice() {
  if (const char* name = std::getenv("UNROLL_ISA"); name != nullptr && *name != '\0')
    return find_target(name, "UNROLL_ISA");
  std::size_t best = 0;
  while (!entries()[best].target.supported) ++best;
  return best;
}

std::atomic<std::size_t>& chosen() {
  static std::atomic<std::size_t> index = first_choice();
  return index;
}

}  // namespace

const std::vector<Target>& targets() {
  static const std::vector<Target> all = [] {
    std::vector<Target> list;
    for (const Entry& entry : entries()) list.push_back(entry.target);
    return list;
  }();
  return all;
}

const Target& current_target() {
  return entries()[chosen()].target;
}

void force_target(std::string_view name) {
  chosen() = name.empty() ? first_choice() : find_target(name, "--isa");
}

const Kernels& kernels() {
  return entries()[chosen()].kernels;
}

}  // namespace unroll::simd
