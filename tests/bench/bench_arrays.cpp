// What goes over arrays: elementary functions, losses, optimizers, reductions. items_per_second counts
// numbers.
#include <functional>
#include <vector>

#include "simd/kernels.h"
#include "tests/bench/bench.h"

namespace unroll {
namespace {

constexpr std::size_t kNumbers = 4096;  // fits in the first-level cache
constexpr std::size_t kRows = 512;
constexpr std::size_t kOutputs = 65;
constexpr std::size_t kStride = 80;

void add(const std::string& name, const std::string& isa, const std::function<void(benchmark::State&)>& run) {
  benchmark::RegisterBenchmark((name + "/" + isa).c_str(), [isa, run](benchmark::State& state) {
    simd::force_target(isa);
    run(state);
  });
}

template <class Body>
void time_items(benchmark::State& state, std::size_t items, const Body& body) {
  for ([[maybe_unused]] auto iteration : state) {
    body();
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(items));
}

void add_functions(const std::string& isa) {
  const std::pair<const char*, void (*simd::Kernels::*)(const float*, float*, std::size_t)> functions[] = {
      {"exp", &simd::Kernels::exp}, {"tanh", &simd::Kernels::tanh}, {"sigmoid", &simd::Kernels::sigmoid}};
  for (const auto& [name, function] : functions) {
    add(name, isa, [function = function](benchmark::State& state) {
      const Buffer<float> x = random_floats(kNumbers);
      Buffer<float> y(kNumbers);
      time_items(state, kNumbers, [&] { (simd::kernels().*function)(x.data(), y.data(), kNumbers); });
    });
  }
}

void add_losses(const std::string& isa) {
  const std::pair<const char*, simd::LossSums (*simd::Kernels::*)(const simd::LossPass&)> losses[] = {
      {"mse_loss", &simd::Kernels::mse_loss},
      {"softmax_loss", &simd::Kernels::softmax_loss},
      {"sigmoid_loss", &simd::Kernels::sigmoid_loss}};
  for (const auto& [name, loss] : losses) {
    add(name, isa, [loss = loss](benchmark::State& state) {
      const Buffer<float> y = random_floats(kRows * kStride);
      const Buffer<float> targets = random_floats(kRows * kOutputs);
      const std::vector<std::int32_t> classes(kRows, 7);
      Buffer<float> dy(kRows * kStride);
      const simd::LossPass pass{kRows,          kOutputs,       kStride, y.data(),
                                targets.data(), classes.data(), 1.0F,    dy.data()};
      time_items(state, kRows * kOutputs, [&] { benchmark::DoNotOptimize((simd::kernels().*loss)(pass)); });
    });
  }
}

void add_optimizers(const std::string& isa) {
  const std::pair<const char*, void (*simd::Kernels::*)(const simd::UpdatePass&)> optimizers[] = {
      {"sgd", &simd::Kernels::sgd},
      {"rmsprop", &simd::Kernels::rmsprop},
      {"adam", &simd::Kernels::adam},
      {"adagrad", &simd::Kernels::adagrad},
      {"adadelta", &simd::Kernels::adadelta}};
  for (const auto& [name, update] : optimizers) {
    add(name, isa, [update = update](benchmark::State& state) {
      Buffer<float> p = random_floats(kNumbers);
      Buffer<float> g = random_floats(kNumbers);
      Buffer<float> first(kNumbers);
      Buffer<float> second(kNumbers);
      simd::UpdatePass pass;
      pass.count = kNumbers;
      pass.p = p.data();
      pass.g = g.data();
      pass.first = first.data();
      pass.second = second.data();
      pass.lr = 1e-6F;
      pass.momentum = 0.9F;
      pass.mean_rate = 0.1F;
      pass.square_keep = 0.999F;
      pass.square_rate = 0.001F;
      pass.eps = 1e-8F;
      time_items(state, kNumbers, [&] { (simd::kernels().*update)(pass); });
    });
  }
}

void add_reductions(const std::string& isa) {
  add("square_sum", isa, [](benchmark::State& state) {
    const Buffer<float> x = random_floats(kNumbers);
    time_items(state, kNumbers,
               [&] { benchmark::DoNotOptimize(simd::kernels().square_sum(x.data(), kNumbers)); });
  });
  add("clip", isa, [](benchmark::State& state) {
    Buffer<float> x = random_floats(kNumbers);
    time_items(state, kNumbers,
               [&] { benchmark::DoNotOptimize(simd::kernels().clip(x.data(), kNumbers, 1.0F)); });
  });
  add("moments", isa, [](benchmark::State& state) {
    const Buffer<float> x = random_floats(kNumbers);
    time_items(state, kNumbers, [&] {
      simd::Moments moments;
      simd::kernels().moments(x.data(), kNumbers / 64, 64, 64, moments);
      benchmark::DoNotOptimize(moments);
    });
  });
}

}  // namespace

void add_arrays(const std::string& isa) {
  add_functions(isa);
  add_losses(isa);
  add_optimizers(isa);
  add_reductions(isa);
}

}  // namespace unroll
