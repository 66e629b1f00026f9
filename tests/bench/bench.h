// Micro benchmarks of the kernels, for one instruction set at a time. Names: kernel/isa/sizes.
#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>
#include <string>

#include "base/buffer.h"
#include "base/rng.h"
#include "simd/targets.h"

namespace unroll {

void add_cells(const std::string& isa);
void add_products(const std::string& isa);
void add_arrays(const std::string& isa);

// Uniform in [-0.1, 0.1).
inline Buffer<float> random_floats(std::size_t count) {
  Buffer<float> values(count);
  Rng rng(Seed{}, Purpose::kTrainData);
  for (float& v : values.span()) v = static_cast<float>(rng.uniform(-0.1, 0.1));
  return values;
}

// `body` is called for every iteration; `flops` are its operations.
template <class Body>
void time_flops(benchmark::State& state, double flops, const Body& body) {
  for ([[maybe_unused]] auto iteration : state) {
    body();
    benchmark::ClobberMemory();
  }
  state.counters["GFLOP/s"] = benchmark::Counter(1e-9 * flops, benchmark::Counter::kIsIterationInvariantRate);
}

}  // namespace unroll
