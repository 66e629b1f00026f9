// One layer over a batch of whole sequences: forward alone, and the backward pass with the gradients of the
// parameters.
#include "nn/cells.h"
#include "nn/layer.h"
#include "nn/plan.h"
#include "tests/bench/bench.h"

namespace unroll {
namespace {

struct Sizes {
  std::size_t hidden;
  std::size_t batch;
};

constexpr std::size_t kSteps = 50;
constexpr Sizes kSizes[] = {{16, 32},  {32, 32},  {64, 1},   {64, 32},
                            {64, 128}, {128, 32}, {256, 32}, {512, 32}};

// A layer with its memory, as a Model holds it.
class Subject {
 public:
  Subject(const std::string& cell, const Sizes& sizes)
      : plan_(config(cell, sizes), {1, 1, kSteps, sizes.batch, HeadLoss::kMse, false}, {true, true},
              simd::kernels().lanes),
        memory_(random_floats(plan_.floats)),
        layer_(plan_.layers.front(), simd::kernels(), simd::Activation::kTanh, memory_.data(),
               plan_.gradients),
        sequences_{kSteps, sizes.batch, nullptr} {
    layer_.prepare(kSteps, sizes.batch);
    forward();
  }
  void forward() { layer_.forward(sequences_, nullptr, true, {}, nullptr); }
  void backward() { layer_.backward(kSteps - 1, false, nullptr); }

 private:
  static ModelConfig config(const std::string& cell, const Sizes& sizes) {
    ModelConfig out;
    out.cell = cell;
    out.hidden = sizes.hidden;
    return out;
  }

  ModelPlan plan_;
  Buffer<float> memory_;
  Layer layer_;
  Sequences sequences_;
};

}  // namespace

void add_cells(const std::string& isa) {
  for (const CellInfo& cell : cells()) {
    for (const Sizes& sizes : kSizes) {
      const std::string name(cell.name);
      const std::string tail =
          "/" + isa + "/H:" + std::to_string(sizes.hidden) + "/B:" + std::to_string(sizes.batch);
      const double flops = static_cast<double>(kSteps * sizes.batch) * cell_flops(cell, 1, sizes.hidden);
      benchmark::RegisterBenchmark((name + "_forward" + tail).c_str(), [=](benchmark::State& state) {
        simd::force_target(isa);
        Subject subject(name, sizes);
        time_flops(state, flops, [&] { subject.forward(); });
      });
      // The gates of the forward pass are replaced by their gradients, so each backward pass needs its own.
      benchmark::RegisterBenchmark((name + "_forward_backward" + tail).c_str(), [=](benchmark::State& state) {
        simd::force_target(isa);
        Subject subject(name, sizes);
        time_flops(state, 3.0 * flops, [&] {
          subject.forward();
          subject.backward();
        });
      });
    }
  }
}

}  // namespace unroll
