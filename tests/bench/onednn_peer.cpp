// oneDNN's side of scripts/bench_peers.py: reads one point a line, answers with one line of JSON each.
// A step is forward_training and backward of one layer over the whole sequence, the reorders of the weights
// into the formats that the primitives ask for (they change in every training step), and those of the weight
// gradients back. No loss, no head, no clipping, no optimizer. Time: processor time of the thread, median.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <iostream>
#include <oneapi/dnnl/dnnl.hpp>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

namespace {

using dnnl::memory;
using Args = std::unordered_map<int, memory>;
using Tag = memory::format_tag;

constexpr auto kF32 = memory::data_type::f32;
constexpr auto kForward = dnnl::prop_kind::forward_training;
constexpr auto kBackward = dnnl::prop_kind::backward;
constexpr auto kDirection = dnnl::rnn_direction::unidirectional_left2right;
constexpr auto kTanh = dnnl::algorithm::eltwise_tanh;

struct Point {
  std::string cell;
  long hidden = 0;
  long batch = 0;
  long seq_len = 0;
  long input = 0;
};

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// Memory of the engine with small random numbers.
memory filled(const memory::desc& desc, const dnnl::engine& engine) {
  memory m(desc, engine);
  std::minstd_rand random(1);
  std::uniform_real_distribution<float> uniform(-0.1F, 0.1F);
  auto* data = static_cast<float*>(m.get_data_handle());
  for (std::size_t i = 0; i < desc.get_size() / sizeof(float); ++i) data[i] = uniform(random);
  return m;
}

// A parameter: in plain layout, and as a primitive wants it.
struct Weights {
  memory plain;
  memory forward;
  memory backward;
  memory gradient;
  memory plain_gradient;
};

class Layer {
 public:
  explicit Layer(const Point& point) : point_(point) {
    const long gates = point.cell == "rnn" ? 1 : point.cell == "lstm" ? 4 : 3;
    const long biases = point.cell == "gru" ? 4 : gates;
    const memory::dims h = {point.seq_len, point.batch, point.hidden};
    x_ = memory::desc({point.seq_len, point.batch, point.input}, kF32, Tag::tnc);
    layer_ = memory::desc({1, 1, point.input, gates, point.hidden}, kF32, Tag::any);
    recurrent_ = memory::desc({1, 1, point.hidden, gates, point.hidden}, kF32, Tag::any);
    bias_ = memory::desc({1, 1, biases, point.hidden}, kF32, Tag::ldgo);
    y_ = memory::desc(h, kF32, Tag::tnc);
    if (point.cell == "rnn") {
      const dnnl::vanilla_rnn_forward::primitive_desc forward(
          {kForward, kTanh, kDirection, x_, none_, layer_, recurrent_, bias_, y_, none_}, engine_);
      prepare<dnnl::vanilla_rnn_forward, dnnl::vanilla_rnn_backward>(
          forward, {{kBackward, kTanh, kDirection, x_, none_, layer_, recurrent_, bias_, y_, none_, x_, none_,
                     layer_, recurrent_, bias_, y_, none_},
                    engine_,
                    forward});
    } else if (point.cell == "lstm") {
      const dnnl::lstm_forward::primitive_desc forward(
          {kForward, kDirection, x_, none_, none_, layer_, recurrent_, bias_, y_, none_, none_}, engine_);
      prepare<dnnl::lstm_forward, dnnl::lstm_backward>(
          forward,
          {{kBackward, kDirection, x_,    none_, none_,  layer_,     recurrent_, bias_, y_,    none_,
            none_,     x_,         none_, none_, layer_, recurrent_, bias_,      y_,    none_, none_},
           engine_,
           forward});
    } else if (point.cell == "gru") {  // PyTorch's form: reset after the product
      const dnnl::lbr_gru_forward::primitive_desc forward(
          {kForward, kDirection, x_, none_, layer_, recurrent_, bias_, y_, none_}, engine_);
      prepare<dnnl::lbr_gru_forward, dnnl::lbr_gru_backward>(
          forward, {{kBackward, kDirection, x_, none_, layer_, recurrent_, bias_, y_, none_, x_, none_,
                     layer_, recurrent_, bias_, y_, none_},
                    engine_,
                    forward});
    } else if (point.cell == "gru_reset_before") {
      const dnnl::gru_forward::primitive_desc forward(
          {kForward, kDirection, x_, none_, layer_, recurrent_, bias_, y_, none_}, engine_);
      prepare<dnnl::gru_forward, dnnl::gru_backward>(
          forward, {{kBackward, kDirection, x_, none_, layer_, recurrent_, bias_, y_, none_, x_, none_,
                     layer_, recurrent_, bias_, y_, none_},
                    engine_,
                    forward});
    } else {
      throw std::runtime_error("unknown cell " + point.cell);
    }
  }

  void step() {
    for (Weights* w : {&weights_layer_, &weights_recurrent_}) {
      reorder(w->plain, w->forward);
      reorder(w->plain, w->backward);
    }
    forward_.execute(stream_, forward_args_);
    // Gradients of parameters are added to what is there.
    for (const memory& m : {weights_layer_.gradient, weights_recurrent_.gradient, bias_gradient_})
      std::memset(m.get_data_handle(), 0, m.get_desc().get_size());
    backward_.execute(stream_, backward_args_);
    for (Weights* w : {&weights_layer_, &weights_recurrent_}) reorder(w->gradient, w->plain_gradient);
    stream_.wait();
  }

 private:
  void reorder(memory& from, memory& to) { dnnl::reorder(from, to).execute(stream_, from, to); }

  Weights make_weights(long rows, long gates, const memory::desc& forward, const memory::desc& backward,
                       const memory::desc& gradient) {
    const memory::desc plain({1, 1, rows, gates, point_.hidden}, kF32, Tag::ldigo);
    return {filled(plain, engine_), memory(forward, engine_), memory(backward, engine_),
            memory(gradient, engine_), memory(plain, engine_)};
  }

  template <class Forward, class Backward>
  void prepare(const typename Forward::primitive_desc& forward,
               const typename Backward::primitive_desc& backward) {
    const long gates = bias_.dims()[2] == 4 && point_.cell == "gru" ? 3 : static_cast<long>(bias_.dims()[2]);
    forward_ = Forward(forward);
    backward_ = Backward(backward);
    weights_layer_ = make_weights(point_.input, gates, forward.weights_layer_desc(),
                                  backward.weights_layer_desc(), backward.diff_weights_layer_desc());
    weights_recurrent_ = make_weights(point_.hidden, gates, forward.weights_iter_desc(),
                                      backward.weights_iter_desc(), backward.diff_weights_iter_desc());
    bias_gradient_ = memory(bias_, engine_);
    forward_args_ = {{DNNL_ARG_SRC_LAYER, filled(x_, engine_)},
                     {DNNL_ARG_WEIGHTS_LAYER, weights_layer_.forward},
                     {DNNL_ARG_WEIGHTS_ITER, weights_recurrent_.forward},
                     {DNNL_ARG_BIAS, filled(bias_, engine_)},
                     {DNNL_ARG_DST_LAYER, memory(y_, engine_)},
                     {DNNL_ARG_WORKSPACE, memory(forward.workspace_desc(), engine_)}};
    backward_args_ = forward_args_;
    backward_args_[DNNL_ARG_WEIGHTS_LAYER] = weights_layer_.backward;
    backward_args_[DNNL_ARG_WEIGHTS_ITER] = weights_recurrent_.backward;
    backward_args_[DNNL_ARG_DIFF_SRC_LAYER] = memory(x_, engine_);
    backward_args_[DNNL_ARG_DIFF_WEIGHTS_LAYER] = weights_layer_.gradient;
    backward_args_[DNNL_ARG_DIFF_WEIGHTS_ITER] = weights_recurrent_.gradient;
    backward_args_[DNNL_ARG_DIFF_BIAS] = bias_gradient_;
    backward_args_[DNNL_ARG_DIFF_DST_LAYER] = filled(y_, engine_);
  }

  Point point_;
  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_{engine_};
  memory::desc none_;  // state zero, and no gradient of the last state from outside
  memory::desc x_, layer_, recurrent_, bias_, y_;
  Weights weights_layer_, weights_recurrent_;
  memory bias_gradient_;
  dnnl::primitive forward_, backward_;
  Args forward_args_, backward_args_;
};

// Milliseconds of a step: median of samples for about `seconds`, three at least.
double measure(const Point& point, double seconds) {
  Layer layer(point);
  layer.step();
  std::vector<double> samples;
  for (double total = 0.0; samples.size() < 3 || total < seconds;) {
    const double start = cpu_seconds();
    layer.step();
    samples.push_back(cpu_seconds() - start);
    total += samples.back();
  }
  const auto middle = samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 2);
  std::nth_element(samples.begin(), middle, samples.end());
  return 1e3 * *middle;
}

}  // namespace

int main() {
  const char* threads = std::getenv("OMP_NUM_THREADS");
  if (threads == nullptr || std::string(threads) != "1") {
    std::cerr << "set OMP_NUM_THREADS=1: more threads on one core only wait for each other\n";
    return 2;
  }
  const dnnl_version_t* version = dnnl_version();
  std::cout << "{\"onednn\": \"" << version->major << '.' << version->minor << '.' << version->patch << "\"}"
            << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream in(line);
    Point point;
    double seconds = 0.06;
    in >> point.cell >> point.hidden >> point.batch >> point.seq_len >> point.input >> seconds;
    try {
      const double ms = measure(point, seconds);
      std::cout << "{\"ms_per_step\": " << ms << "}" << std::endl;
    } catch (const std::exception& error) {
      std::cout << "{\"ms_per_step\": null, \"error\": \"" << error.what() << "\"}" << std::endl;
    }
  }
  return 0;
}
