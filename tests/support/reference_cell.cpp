#include "tests/support/reference_cell.h"

#include <algorithm>
#include <cmath>

namespace unroll::reference {
namespace {

std::size_t gates_of(const Net& net) {
  return net.cell == "rnn" ? 1 : net.cell == "lstm" ? 4 : 3;
}

}  // namespace

double sigmoid(double z) {
  return 1.0 / (1.0 + std::exp(-z));
}

std::size_t directions_of(const Net& net) {
  return net.bidirectional ? 2 : 1;
}

std::string named(const char* name, const Net& net, std::size_t layer) {
  const std::size_t directions = directions_of(net);
  return name + std::to_string(layer / directions) + (layer % directions == 0 ? "" : "_reverse");
}

LayerParameters parameters_of(const Net& net, std::size_t layer) {
  const std::string hh = named("bias_hh_l", net, layer);
  const Numbers& b = net.parameters.at(named("bias_ih_l", net, layer));
  return {net.parameters.at(named("weight_ih_l", net, layer)),
          net.parameters.at(named("weight_hh_l", net, layer)), b,
          net.parameters.contains(hh) ? net.parameters.at(hh) : Numbers(b.size(), 0.0)};
}

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

StepGradient backward_step(const Net& net, const LayerParameters& p, const Step& s, const Numbers& dh,
                           const Numbers& dc_after, std::size_t layer, Parameters& out) {
  const std::size_t n = net.hidden;
  const std::size_t rows = gates_of(net) * n;
  StepGradient d{Numbers(s.x.size()), Numbers(n), Numbers(n), Numbers(n)};
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
      d.dc_whole[u] = dc;
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
  Numbers& w = out.at(named("weight_ih_l", net, layer));
  Numbers& v = out.at(named("weight_hh_l", net, layer));
  Numbers& b = out.at(named("bias_ih_l", net, layer));
  for (std::size_t row = 0; row < rows; ++row) {
    const bool from_product = source != &s.before && row >= 2 * n;
    b[row] += dz[row];
    if (out.contains(named("bias_hh_l", net, layer))) out.at(named("bias_hh_l", net, layer))[row] += du[row];
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

}  // namespace unroll::reference
