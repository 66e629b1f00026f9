// The matrix products of a training step, in the shapes that they have there.
#include "simd/kernels.h"
#include "tests/bench/bench.h"

namespace unroll {
namespace {

struct Shape {
  std::size_t rows;
  std::size_t depth;
  std::size_t columns;
};

// Rows are B or T * B, depth H, columns O or H.
constexpr Shape kShapes[] = {{32, 32, 64}, {512, 64, 80}, {1600, 64, 80}, {32, 256, 256}, {512, 512, 512}};

std::string sizes(const Shape& s) {
  return "/" + std::to_string(s.rows) + "x" + std::to_string(s.depth) + "x" + std::to_string(s.columns);
}

double flops(const Shape& s) {
  return 2.0 * static_cast<double>(s.rows * s.depth * s.columns);
}

void run_product(benchmark::State& state, const Shape& s) {
  const Buffer<float> a = random_floats(s.rows * s.depth);
  const Buffer<float> b = random_floats(s.depth * s.columns);
  Buffer<float> out(s.rows * s.columns);
  simd::Product product;
  product.rows = s.rows;
  product.depth = s.depth;
  product.columns = s.columns;
  product.a = a.data();
  product.a_stride = s.depth;
  product.b = b.data();
  product.b_stride = s.columns;
  product.out = out.data();
  product.out_stride = s.columns;
  time_flops(state, flops(s), [&] { simd::kernels().product(product); });
}

void run_outer_sum(benchmark::State& state, const Shape& s) {
  const Buffer<float> a = random_floats(s.rows * s.depth);
  const Buffer<float> b = random_floats(s.rows * s.columns);
  Buffer<float> out(s.depth * s.columns);
  simd::OuterSum sum;
  sum.rows = s.rows;
  sum.depth = s.depth;
  sum.columns = s.columns;
  sum.a = a.data();
  sum.a_stride = s.depth;
  sum.b = b.data();
  sum.b_stride = s.columns;
  sum.out = out.data();
  sum.out_stride = s.columns;
  time_flops(state, flops(s), [&] { simd::kernels().outer_sum(sum); });
}

// Gates of an LSTM in panels: `rows` rows of gate gradients, H = depth.
simd::PanelShape gate_panels(const Shape& s) {
  return {s.depth, simd::kernels().lanes, 1, 4};
}

// The gradient of the recurrent weights of an LSTM.
void run_panel_outer_sum(benchmark::State& state, const Shape& s) {
  const simd::PanelShape panels = gate_panels(s);
  const Buffer<float> a = random_floats(s.rows * s.depth);
  const Buffer<float> b = random_floats(panels.size(s.rows));
  Buffer<float> out(panels.size(s.depth));
  simd::PanelOuterSum sum;
  sum.last_row = s.rows;
  sum.depth = s.depth;
  sum.a = a.data();
  sum.a_stride = s.depth;
  sum.b_shape = panels;
  sum.b = b.data();
  sum.b_rows = s.rows;
  sum.b_window = {0, panels.gates};
  sum.out_shape = panels;
  sum.out = out.data();
  sum.out_rows = s.depth;
  time_flops(state, 2.0 * static_cast<double>(s.rows * s.depth * 4 * s.depth),
             [&] { simd::kernels().panel_outer_sum(sum); });
}

// The gradient of h from those of the gates of an LSTM, with the transposition of the weights.
void run_panel_product(benchmark::State& state, const Shape& s) {
  const simd::PanelShape panels = gate_panels(s);
  const Buffer<float> a = random_floats(panels.size(s.rows));
  const Buffer<float> weights = random_floats(panels.size(s.depth));
  Buffer<float> transposed(simd::transposed_size(panels, s.depth));
  Buffer<float> out(s.rows * panels.padded());
  const simd::Transpose transpose{panels, weights.data(), s.depth, 0, s.depth, transposed.data()};
  simd::PanelProduct product;
  product.last_row = s.rows;
  product.shape = panels;
  product.a = a.data();
  product.a_rows = s.rows;
  product.window = {0, panels.gates};
  product.b = transposed.data();
  product.b_gates = panels.gates;
  product.columns = s.depth;
  product.out = out.data();
  product.out_stride = panels.padded();
  time_flops(state, 2.0 * static_cast<double>(s.rows * s.depth * 4 * s.depth), [&] {
    simd::kernels().transpose(transpose);
    simd::kernels().panel_product(product);
  });
}

}  // namespace

void add_products(const std::string& isa) {
  const std::pair<const char*, void (*)(benchmark::State&, const Shape&)> kernels[] = {
      {"product", run_product},
      {"outer_sum", run_outer_sum},
      {"panel_outer_sum", run_panel_outer_sum},
      {"panel_product", run_panel_product},
  };
  for (const auto& [name, run] : kernels) {
    for (const Shape& shape : kShapes) {
      benchmark::RegisterBenchmark((std::string(name) + "/" + isa + sizes(shape)).c_str(),
                                   [isa, run = run, shape](benchmark::State& state) {
                                     simd::force_target(isa);
                                     run(state, shape);
                                   });
    }
  }
}

}  // namespace unroll
