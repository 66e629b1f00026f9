#include "tests/support/reference.h"

#include <algorithm>
#include <cmath>

#include "tests/support/reference_cell.h"

namespace unroll::reference {
namespace {

// Loss of one row of outputs; dy receives its gradient.
double row_loss(HeadLoss loss, const Numbers& y, const double* target, std::int32_t wanted, Numbers& dy,
                bool& right) {
  double sum = 0.0;
  dy.assign(y.size(), 0.0);
  right = loss != HeadLoss::kMse;
  if (loss == HeadLoss::kSoftmax) {
    const auto best = static_cast<std::size_t>(std::max_element(y.begin(), y.end()) - y.begin());
    const auto label = static_cast<std::size_t>(wanted);
    double total = 0.0;
    for (double v : y) total += std::exp(v - y[best]);
    for (std::size_t o = 0; o < y.size(); ++o)
      dy[o] = std::exp(y[o] - y[best]) / total - (o == label ? 1.0 : 0.0);
    right = best == label;
    return std::log(total) + y[best] - y[label];
  }
  for (std::size_t o = 0; o < y.size(); ++o) {
    if (loss == HeadLoss::kMse) {
      const auto count = static_cast<double>(y.size());
      sum += (y[o] - target[o]) * (y[o] - target[o]) / count;
      dy[o] = 2.0 * (y[o] - target[o]) / count;
    } else {
      sum += std::max(y[o], 0.0) - y[o] * target[o] + std::log1p(std::exp(-std::abs(y[o])));
      dy[o] = sigmoid(y[o]) - target[o];
      right = right && (y[o] > 0.0) == (target[o] > 0.5);
    }
  }
  return sum;
}

using Trace = std::vector<std::vector<std::vector<Step>>>;  // [layer][place][sequence]

// When layer `layer` reads step t of a sequence of this length.
std::size_t place(const Net& net, std::size_t layer, std::size_t t, std::size_t length) {
  return layer % directions_of(net) == 0 ? t : length - 1 - t;
}

Numbers input_of(const Net& net, const Batch& batch, std::size_t row) {
  const std::size_t d = net.shape.input_size;
  if (batch.codes.empty()) {
    const double* x = batch.inputs.data() + row * d;
    return {x, x + d};
  }
  const auto code = static_cast<std::size_t>(batch.codes[row]);
  if (net.parameters.contains("embedding.weight")) {
    const double* x = net.parameters.at("embedding.weight").data() + code * d;
    return {x, x + d};
  }
  Numbers x(d, 0.0);
  x[code] = 1.0;
  return x;
}

Numbers start_of(const Net& net, const std::vector<Numbers>& given, const char* name, std::size_t layer,
                 std::size_t b) {
  const std::size_t n = net.hidden;
  if (!given.empty()) {
    const double* at = given[layer].data() + b * n;
    return {at, at + n};
  }
  const std::string key = named(name, net, layer);
  return net.parameters.contains(key) ? net.parameters.at(key) : Numbers(n, 0.0);
}

// What a level hands on of one step: h of its directions side by side, times the factors of dropout.
Numbers features_of(const Net& net, const Batch& batch, const Trace& trace, std::size_t level,
                    const std::vector<std::size_t>& places, std::size_t b, std::size_t row) {
  Numbers x;
  for (std::size_t d = 0; d < directions_of(net); ++d) {
    const Numbers& h = trace[level * directions_of(net) + d][places[d]][b].h;
    x.insert(x.end(), h.begin(), h.end());
  }
  if (batch.factors.empty()) return x;
  for (std::size_t f = 0; f < x.size(); ++f) x[f] *= batch.factors[level][row * x.size() + f];
  return x;
}

// The places of step t in the layers of a level.
std::vector<std::size_t> places_of(const Net& net, std::size_t t, std::size_t length) {
  std::vector<std::size_t> places;
  for (std::size_t d = 0; d < directions_of(net); ++d) places.push_back(place(net, d, t, length));
  return places;
}

Trace run(const Net& net, const Batch& batch, const Nudge& nudge) {
  const std::size_t directions = directions_of(net);
  Trace trace(net.layers * directions,
              std::vector<std::vector<Step>>(batch.steps, std::vector<Step>(batch.batch)));
  for (std::size_t l = 0; l < trace.size(); ++l) {
    const LayerParameters p = parameters_of(net, l);
    for (std::size_t b = 0; b < batch.batch; ++b) {
      const std::size_t n = batch.length(b);
      for (std::size_t i = 0; i < n; ++i) {
        Step& s = trace[l][i][b];
        const std::size_t t = place(net, l, i, n);  // its own inverse
        const std::size_t row = t * batch.batch + b;
        s.x = l < directions
                  ? input_of(net, batch, row)
                  : features_of(net, batch, trace, l / directions - 1, places_of(net, t, n), b, row);
        s.before = i == 0 ? start_of(net, batch.start_h, "initial_h_l", l, b) : trace[l][i - 1][b].h;
        s.c_before = i == 0 ? start_of(net, batch.start_c, "initial_c_l", l, b) : trace[l][i - 1][b].c;
        forward_step(net, p, s);
        if (nudge.layer == l && nudge.step == i && nudge.sequence == b) s.h[nudge.unit] += nudge.delta;
      }
    }
  }
  return trace;
}

// What the head reads: step t of sequence b, at these places of the top layers; `target` and `mask` are its
// rows in the targets and in the factors of the top level.
struct ScoredStep {
  std::size_t b = 0;
  std::vector<std::size_t> places;
  std::size_t target = 0;
  std::size_t mask = 0;
  bool last = false;
};

std::vector<ScoredStep> scored_steps(const Net& net, const Batch& batch) {
  std::vector<ScoredStep> list;
  for (std::size_t t = 0; t < batch.steps; ++t) {
    for (std::size_t b = 0; b < batch.batch; ++b) {
      const std::size_t n = batch.length(b);
      const std::size_t row = t * batch.batch + b;
      if (net.shape.every_step && t < n) list.push_back({b, places_of(net, t, n), row, row, t + 1 == n});
    }
  }
  if (net.shape.every_step) return list;
  for (std::size_t b = 0; b < batch.batch; ++b) {
    list.push_back({b, std::vector<std::size_t>(directions_of(net), batch.length(b) - 1), b, b, true});
  }
  return list;
}

double loss_of(const Net& net, const Batch& batch, const ScoredStep& s, const Numbers& y, Numbers& dy,
               bool& right) {
  const double* target = batch.targets.empty() ? nullptr : batch.targets.data() + s.target * y.size();
  return row_loss(net.shape.loss, y, target, batch.classes.empty() ? 0 : batch.classes[s.target], dy, right);
}

}  // namespace

Result evaluate(const Net& net, const Batch& batch, const Nudge& nudge) {
  const Trace trace = run(net, batch, nudge);
  const Numbers& w = net.parameters.at("head.weight");
  const Numbers& bias = net.parameters.at("head.bias");
  const std::size_t outputs = net.shape.output_size;
  Result result;
  Numbers dy;
  const std::vector<ScoredStep> scored = scored_steps(net, batch);
  for (const ScoredStep& s : scored) {
    const Numbers x = features_of(net, batch, trace, net.layers - 1, s.places, s.b, s.mask);
    Numbers y(outputs);
    for (std::size_t o = 0; o < outputs; ++o) y[o] = dot(w, o, x) + bias[o];
    bool right = false;
    result.loss += loss_of(net, batch, s, y, dy, right);
    result.correct += right ? 1.0 : 0.0;
    result.outputs.insert(result.outputs.end(), y.begin(), y.end());
  }
  result.loss /= static_cast<double>(scored.size());
  for (const auto& layer : trace) {
    Numbers& h = result.last_h.emplace_back();
    Numbers& c = result.last_c.emplace_back();
    for (std::size_t b = 0; b < batch.batch; ++b) {
      const Step& last = layer[batch.length(b) - 1][b];
      h.insert(h.end(), last.h.begin(), last.h.end());
      c.insert(c.end(), last.c.begin(), last.c.end());
    }
  }
  return result;
}

Result differentiate(const Net& net, const Batch& batch, bool last_step_sum) {
  Result result = evaluate(net, batch);
  const Trace trace = run(net, batch, {});
  for (const auto& [name, values] : net.parameters) result.gradients[name].assign(values.size(), 0.0);
  const std::size_t n = net.hidden;
  const std::size_t directions = directions_of(net);
  const std::size_t outputs = net.shape.output_size;
  result.dh.assign(trace.size(), Numbers(batch.steps * batch.batch * n, 0.0));
  result.dc = result.dh;
  const auto dh_at = [&](std::size_t layer, std::size_t at, std::size_t b) {
    return result.dh[layer].data() + (at * batch.batch + b) * n;
  };
  // dL/d of what a level handed on, back to its layers.
  const auto hand_back = [&](std::size_t level, const std::vector<std::size_t>& places, std::size_t b,
                             std::size_t row, const Numbers& dx) {
    for (std::size_t f = 0; f < dx.size(); ++f) {
      const double factor = batch.factors.empty() ? 1.0 : batch.factors[level][row * dx.size() + f];
      dh_at(level * directions + f / n, places[f / n], b)[f % n] += dx[f] * factor;
    }
  };
  const std::vector<ScoredStep> scored = scored_steps(net, batch);
  const Numbers& head = net.parameters.at("head.weight");
  Numbers dy;
  for (std::size_t i = 0; i < scored.size(); ++i) {
    const ScoredStep& s = scored[i];
    if (last_step_sum && !s.last) continue;
    const Numbers x = features_of(net, batch, trace, net.layers - 1, s.places, s.b, s.mask);
    const auto first = result.outputs.begin() + static_cast<std::ptrdiff_t>(i * outputs);
    const Numbers y(first, first + static_cast<std::ptrdiff_t>(outputs));
    bool right = false;
    loss_of(net, batch, s, y, dy, right);
    Numbers dx(x.size(), 0.0);
    for (std::size_t o = 0; o < outputs; ++o) {
      const double d = last_step_sum ? dy[o] : dy[o] / static_cast<double>(scored.size());
      result.gradients["head.bias"][o] += d;
      for (std::size_t f = 0; f < x.size(); ++f) {
        result.gradients["head.weight"][o * x.size() + f] += d * x[f];
        dx[f] += d * head[o * x.size() + f];
      }
    }
    hand_back(net.layers - 1, s.places, s.b, s.mask, dx);
  }
  for (std::size_t l = trace.size(); l-- > 0;) {
    const LayerParameters p = parameters_of(net, l);
    for (std::size_t b = 0; b < batch.batch; ++b) {
      const std::size_t length = batch.length(b);
      Numbers dc(n, 0.0);
      for (std::size_t i = length; i-- > 0;) {
        const double* at = dh_at(l, i, b);
        const StepGradient d =
            backward_step(net, p, trace[l][i][b], Numbers(at, at + n), dc, l, result.gradients);
        dc = d.dc;
        std::copy(d.dc_whole.begin(), d.dc_whole.end(), result.dc[l].data() + (at - result.dh[l].data()));
        for (std::size_t k = 0; i > 0 && k < n; ++k) dh_at(l, i - 1, b)[k] += d.dh[k];
        const std::size_t t = place(net, l, i, length);
        const std::size_t row = t * batch.batch + b;
        if (l >= directions) {
          hand_back(l / directions - 1, places_of(net, t, length), b, row, d.dx);
        } else if (result.gradients.contains("embedding.weight")) {
          double* w = result.gradients["embedding.weight"].data() +
                      static_cast<std::size_t>(batch.codes[row]) * d.dx.size();
          for (std::size_t k = 0; k < d.dx.size(); ++k) w[k] += d.dx[k];
        }
        if (i > 0 || !batch.start_h.empty()) continue;
        const std::string h = named("initial_h_l", net, l);
        const std::string c = named("initial_c_l", net, l);
        for (std::size_t k = 0; result.gradients.contains(h) && k < n; ++k) result.gradients[h][k] += d.dh[k];
        for (std::size_t k = 0; result.gradients.contains(c) && k < n; ++k) result.gradients[c][k] += d.dc[k];
      }
    }
  }
  return result;
}

}  // namespace unroll::reference
