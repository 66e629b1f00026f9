// bench_kernels --benchmark_filter='lstm.*/avx512' and Google Benchmark's other options.
#include "tests/bench/bench.h"

int main(int argc, char** argv) {
  for (const unroll::simd::Target& target : unroll::simd::targets()) {
    if (!target.supported || target.name == "scalar") continue;
    const std::string isa(target.name);
    unroll::add_cells(isa);
    unroll::add_products(isa);
    unroll::add_arrays(isa);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
