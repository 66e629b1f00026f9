#include "tests/support/reference.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace unroll::reference {
namespace {

// What one step of one sequence of one layer leaves behind for the backward pass.
struct Step {
  Numbers x, before, c_before;  // inputs
  Numbers gates;                // activated, gate after gate
  Numbers product;              // gru: q = U_n h + b_hn; gru_reset_before: r * h
  Numbers h, c;
};

struct LayerParameters {
  const Numbers& w;
  const Numbers& u;
  Numbers b;  // bias_ih
  Numbers c;  // bias_hh, zero if there is none
};

double sigmoid(double z) {
  return 1.0 / (1.0 + std::exp(-z));
}

std::string named(const char* name, std::size_t layer) {
  return name + std::to_string(layer);
}

std::size_t gates_of(const Net& net) {
  return net.cell == "rnn" ? 1 : net.cell == "lstm" ? 4 : 3;
}

LayerParameters parameters_of(const Net& net, std::size_t layer) {
  const std::string hh = named("bias_hh_l", layer);
  const Numbers& b = net.parameters.at(named("bias_ih_l", layer));
  return {net.parameters.at(named("weight_ih_l", layer)), net.parameters.at(named("weight_hh_l", layer)), b,
          net.parameters.contains(hh) ? net.parameters.at(hh) : Numbers(b.size(), 0.0)};
}

// Row `row` of matrix m [*, v.size()] times v.
double dot(const Numbers& m, std::size_t row, const Numbers& v) {
  double sum = 0.0;
  for (std::size_t k = 0; k < v.size(); ++k) sum += m[row * v.size() + k] * v[k];
  return sum;
}

void forward_step(const Net& net, const LayerParameters& p, Step& s) {
  const std::size_t n = net.hidden;
  const auto z = [&](std::size_t row, const Numbers& h) {
    return dot(p.w, row, s.x) + p.b[row] + dot(p.u, row, h) + p.c[row];
  };
  s.gates.assign(gates_of(net) * n, 0.0);
  s.product.assign(n, 0.0);
  s.h.assign(n, 0.0);
  s.c.assign(n, 0.0);
  if (net.cell == "rnn") {
    for (std::size_t u = 0; u < n; ++u) {
      const double a = z(u, s.before);
      s.h[u] = net.activation == "tanh"   ? std::tanh(a)
               : net.activation == "relu" ? std::max(0.0, a)
                                          : sigmoid(a);
    }
  } else if (net.cell == "lstm") {
    for (std::size_t u = 0; u < n; ++u) {
      for (std::size_t g = 0; g < 4; ++g) {
        const double a = z(g * n + u, s.before);
        s.gates[g * n + u] = g == 2 ? std::tanh(a) : sigmoid(a);
      }
      s.c[u] = s.gates[n + u] * s.c_before[u] + s.gates[u] * s.gates[2 * n + u];
      s.h[u] = s.gates[3 * n + u] * std::tanh(s.c[u]);
    }
  } else {
    for (std::size_t u = 0; u < 2 * n; ++u) s.gates[u] = sigmoid(z(u, s.before));
    const bool after = net.cell == "gru";
    if (!after) {
      for (std::size_t u = 0; u < n; ++u) s.product[u] = s.gates[u] * s.before[u];
    }
    for (std::size_t u = 0; u < n; ++u) {
      const std::size_t row = 2 * n + u;
      if (after) s.product[u] = dot(p.u, row, s.before) + p.c[row];
      const double a = after ? dot(p.w, row, s.x) + p.b[row] + s.gates[u] * s.product[u] : z(row, s.product);
      s.gates[row] = std::tanh(a);
      s.h[u] = (1.0 - s.gates[n + u]) * s.gates[row] + s.gates[n + u] * s.before[u];
    }
  }
}

// Gradients of a step: dz of every gate before its activation, and what reaches h, c and x of before.
struct StepGradient {
  Numbers dx, dh, dc;
};

StepGradient backward_step(const Net& net, const LayerParameters& p, const Step& s, const Numbers& dh,
                           const Numbers& dc_after, std::size_t layer, Parameters& out) {
  const std::size_t n = net.hidden;
  const std::size_t rows = gates_of(net) * n;
  StepGradient d{Numbers(s.x.size()), Numbers(n), Numbers(n)};
  Numbers dz(rows);                   // of W x + b_ih
  Numbers du(rows);                   // of U (.) + b_hh; differs for the gru's n
  const Numbers* source = &s.before;  // what U multiplies, for the last gate
  Numbers to_product(n);
  for (std::size_t u = 0; u < n; ++u) {
    if (net.cell == "rnn") {
      const double h = s.h[u];
      const double slope = net.activation == "tanh"   ? 1 - h * h
                           : net.activation == "relu" ? (h > 0 ? 1.0 : 0.0)
                                                      : h * (1 - h);
      dz[u] = du[u] = dh[u] * slope;
    } else if (net.cell == "lstm") {
      const double i = s.gates[u], f = s.gates[n + u], g = s.gates[2 * n + u], o = s.gates[3 * n + u];
      const double t = std::tanh(s.c[u]);
      const double dc = dc_after[u] + dh[u] * o * (1 - t * t);
      dz[u] = dc * g * i * (1 - i);
      dz[n + u] = dc * s.c_before[u] * f * (1 - f);
      dz[2 * n + u] = dc * i * (1 - g * g);
      dz[3 * n + u] = dh[u] * t * o * (1 - o);
      d.dc[u] = dc * f;
    } else {
      const double r = s.gates[u], z = s.gates[n + u], c = s.gates[2 * n + u];
      d.dh[u] = dh[u] * z;
      dz[n + u] = dh[u] * (s.before[u] - c) * z * (1 - z);
      dz[2 * n + u] = dh[u] * (1 - z) * (1 - c * c);
      if (net.cell == "gru") dz[u] = dz[2 * n + u] * s.product[u] * r * (1 - r);
    }
  }
  du = dz;
  if (net.cell == "gru") {
    for (std::size_t u = 0; u < n; ++u) du[2 * n + u] = dz[2 * n + u] * s.gates[u];
  }
  if (net.cell == "gru_reset_before") {
    source = &s.product;
    for (std::size_t row = 2 * n; row < rows; ++row) {
      for (std::size_t k = 0; k < n; ++k) to_product[k] += p.u[row * n + k] * dz[row];
    }
    for (std::size_t u = 0; u < n; ++u) {
      dz[u] = du[u] = to_product[u] * s.before[u] * s.gates[u] * (1 - s.gates[u]);
      d.dh[u] += to_product[u] * s.gates[u];
    }
  }
  Numbers& w = out.at(named("weight_ih_l", layer));
  Numbers& v = out.at(named("weight_hh_l", layer));
  Numbers& b = out.at(named("bias_ih_l", layer));
  for (std::size_t row = 0; row < rows; ++row) {
    const bool from_product = source != &s.before && row >= 2 * n;
    b[row] += dz[row];
    if (out.contains(named("bias_hh_l", layer))) out.at(named("bias_hh_l", layer))[row] += du[row];
    for (std::size_t k = 0; k < s.x.size(); ++k) {
      w[row * s.x.size() + k] += dz[row] * s.x[k];
      d.dx[k] += p.w[row * s.x.size() + k] * dz[row];
    }
    for (std::size_t k = 0; k < n; ++k) {
      v[row * n + k] += du[row] * (from_product ? (*source)[k] : s.before[k]);
      if (!from_product) d.dh[k] += p.u[row * n + k] * du[row];
    }
  }
  return d;
}

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

using Trace = std::vector<std::vector<std::vector<Step>>>;  // [layer][step][sequence]

Trace run(const Net& net, const Batch& batch, const Nudge& nudge) {
  Trace trace(net.layers, std::vector<std::vector<Step>>(batch.steps, std::vector<Step>(batch.batch)));
  for (std::size_t l = 0; l < net.layers; ++l) {
    const LayerParameters p = parameters_of(net, l);
    for (std::size_t t = 0; t < batch.steps; ++t) {
      for (std::size_t b = 0; b < batch.batch; ++b) {
        Step& s = trace[l][t][b];
        const std::size_t d = net.shape.input_size;
        const double* x = batch.inputs.data() + (t * batch.batch + b) * d;
        s.x = l == 0 ? Numbers(x, x + d) : trace[l - 1][t][b].h;
        s.before = t == 0 ? Numbers(net.hidden, 0.0) : trace[l][t - 1][b].h;
        s.c_before = t == 0 ? Numbers(net.hidden, 0.0) : trace[l][t - 1][b].c;
        forward_step(net, p, s);
        if (nudge.layer == l && nudge.step == t && nudge.sequence == b) s.h[nudge.unit] += nudge.delta;
      }
    }
  }
  return trace;
}

}  // namespace

Result evaluate(const Net& net, const Batch& batch, const Nudge& nudge) {
  const Trace trace = run(net, batch, nudge);
  const Numbers& w = net.parameters.at("head.weight");
  const Numbers& bias = net.parameters.at("head.bias");
  const std::size_t first = net.shape.every_step ? 0 : batch.steps - 1;
  const std::size_t outputs = net.shape.output_size;
  Result result;
  Numbers dy;
  for (std::size_t t = first; t < batch.steps; ++t) {
    for (std::size_t b = 0; b < batch.batch; ++b) {
      const std::size_t row = (t - first) * batch.batch + b;
      Numbers y(outputs);
      for (std::size_t o = 0; o < outputs; ++o) y[o] = dot(w, o, trace.back()[t][b].h) + bias[o];
      const double* target = batch.targets.empty() ? nullptr : batch.targets.data() + row * outputs;
      bool right = false;
      result.loss +=
          row_loss(net.shape.loss, y, target, batch.classes.empty() ? 0 : batch.classes[row], dy, right);
      result.correct += right ? 1.0 : 0.0;
      result.outputs.insert(result.outputs.end(), y.begin(), y.end());
    }
  }
  result.loss /= static_cast<double>((batch.steps - first) * batch.batch);
  return result;
}

Result differentiate(const Net& net, const Batch& batch, bool last_step_sum) {
  Result result = evaluate(net, batch);
  const Trace trace = run(net, batch, {});
  for (const auto& [name, values] : net.parameters) result.gradients[name].assign(values.size(), 0.0);
  const std::size_t n = net.hidden;
  const std::size_t outputs = net.shape.output_size;
  const std::size_t first = net.shape.every_step ? 0 : batch.steps - 1;
  const std::size_t scored = (batch.steps - first) * batch.batch;
  result.dh.assign(net.layers, Numbers(batch.steps * batch.batch * n, 0.0));
  Numbers dy;
  for (std::size_t t = last_step_sum ? batch.steps - 1 : first; t < batch.steps; ++t) {
    for (std::size_t b = 0; b < batch.batch; ++b) {
      const std::size_t row = (t - first) * batch.batch + b;
      const Numbers y(result.outputs.begin() + static_cast<std::ptrdiff_t>(row * outputs),
                      result.outputs.begin() + static_cast<std::ptrdiff_t>((row + 1) * outputs));
      const double* target = batch.targets.empty() ? nullptr : batch.targets.data() + row * outputs;
      bool right = false;
      row_loss(net.shape.loss, y, target, batch.classes.empty() ? 0 : batch.classes[row], dy, right);
      for (std::size_t o = 0; o < outputs; ++o) {
        const double d = last_step_sum ? dy[o] : dy[o] / static_cast<double>(scored);
        result.gradients["head.bias"][o] += d;
        for (std::size_t k = 0; k < n; ++k) {
          result.gradients["head.weight"][o * n + k] += d * trace.back()[t][b].h[k];
          result.dh.back()[(t * batch.batch + b) * n + k] += d * net.parameters.at("head.weight")[o * n + k];
        }
      }
    }
  }
  for (std::size_t l = net.layers; l-- > 0;) {
    const LayerParameters p = parameters_of(net, l);
    for (std::size_t b = 0; b < batch.batch; ++b) {
      Numbers dc(n, 0.0);
      for (std::size_t t = batch.steps; t-- > 0;) {
        double* at = result.dh[l].data() + (t * batch.batch + b) * n;
        const StepGradient d =
            backward_step(net, p, trace[l][t][b], Numbers(at, at + n), dc, l, result.gradients);
        dc = d.dc;
        for (std::size_t k = 0; k < n; ++k) {
          if (t > 0) result.dh[l][((t - 1) * batch.batch + b) * n + k] += d.dh[k];
          if (l > 0) result.dh[l - 1][(t * batch.batch + b) * n + k] += d.dx[k];
        }
      }
    }
  }
  return result;
}

}  // namespace unroll::reference
