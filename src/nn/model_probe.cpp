// What a Model tells about itself: statistics of gradients, states, gates and updates.
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "nn/model_impl.h"

namespace unroll {

std::vector<ParameterBlock> Model::blocks() const {
  std::vector<ParameterBlock> list;
  for (const Block& block : impl_->blocks) list.push_back({block.name, block.size()});
  return list;
}

std::vector<BlockStatistics> Model::block_statistics() const {
  std::vector<BlockStatistics> list;
  for (const Block& block : impl_->blocks) {
    simd::Moments m;
    for (const Strip& strip : block.strips) {
      const float* g = impl_->memory.data() + impl_->plan.gradients + strip.offset;
      impl_->kernels.moments(g, strip.rows, strip.stride, strip.count, m);
    }
    const auto size = static_cast<double>(block.size());
    const double finite = size - static_cast<double>(m.nonfinite);
    BlockStatistics s;
    s.l2 = std::sqrt(m.squares);
    s.mean = finite > 0.0 ? m.sum / finite : 0.0;
    s.std = finite > 0.0 ? std::sqrt(std::max(0.0, m.squares / finite - s.mean * s.mean)) : 0.0;
    s.max = m.max;
    s.zeros = static_cast<double>(m.zeros) / size;
    s.nonfinite = static_cast<double>(m.nonfinite) / size;
    list.push_back(s);
  }
  return list;
}

StateNorms Model::state_gradient_norms(const ModelBatch& batch) {
  Impl& m = *impl_;
  // The last step alone, and the sum over the batch rather than its mean: then row b of dL/dh is dl_b/dh_b.
  return m.state_norms(batch, [&](const Scored& scored) {
    m.net.measure(scored, true, 1.0F);
    m.net.head.feature_gradients(scored.rows);
  });
}

StateNorms Model::random_direction_norms(const ModelBatch& batch, Seed seed) {
  Impl& m = *impl_;
  const HeadPlan& head = m.plan.head;
  Rng rng(seed, Purpose::kProbe, 1);
  std::vector<double> direction(head.features);
  return m.state_norms(batch, [&](const Scored& scored) {
    float* row = m.memory.data() + head.dfeatures;
    for (std::size_t b = 0; b < scored.rows; ++b, row += head.padded_features) {
      double squares = 0.0;
      for (double& x : direction) {
        x = rng.normal();
        squares += x * x;
      }
      std::fill_n(row, head.padded_features, 0.0F);
      for (std::size_t f = 0; f < head.features; ++f) {
        row[f] = static_cast<float>(direction[f] / std::sqrt(squares));
      }
    }
  });
}

void Model::visit_gates(const ModelBatch& batch, const GateVisitor& visit) {
  impl_->net.each_slice(batch, [&](const ModelBatch& slice) {
    impl_->net.forward(slice, true, true);
    impl_->net.stack.visit_gates(visit);
  });
}

std::vector<double> Model::update_ratios(const std::vector<float>& before) const {
  UNROLL_CHECK(before.size() == impl_->plan.parameter_floats, "saved by another model");
  std::vector<double> ratios;
  for (const Block& block : impl_->blocks) {
    double change = 0.0;
    double size = 0.0;
    for (const Strip& strip : block.strips) {
      for (std::size_t i = 0; i < strip.rows * strip.count; ++i) {
        const std::size_t at = strip.offset + i / strip.count * strip.stride + i % strip.count;
        const double old = before[at];
        const double moved = impl_->memory[at] - old;
        change += moved * moved;
        size += old * old;
      }
    }
    ratios.push_back(size > 0.0 ? std::sqrt(change / size) : std::numeric_limits<double>::quiet_NaN());
  }
  return ratios;
}

double Model::gradient_norm() const {
  const Impl& m = *impl_;
  return std::sqrt(m.kernels.square_sum(m.memory.data() + m.plan.gradients, m.plan.parameter_floats));
}

}  // namespace unroll
