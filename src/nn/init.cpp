#include "nn/init.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace unroll {
namespace {

void fill_uniform(double limit, Rng& rng, std::span<float> values) {
  for (float& v : values) v = static_cast<float>(rng.uniform(-limit, limit));
}

void fill_normal(double deviation, Rng& rng, std::span<float> values) {
  for (float& v : values) v = static_cast<float>(deviation * rng.normal());
}

void fill_torch(const InitContext& context, Rng& rng, std::span<float> values) {
  if (context.kind == ParameterKind::kEmbedding) return fill_normal(1.0, rng, values);
  const bool head = context.kind == ParameterKind::kHeadWeight || context.kind == ParameterKind::kHeadBias;
  const std::size_t fan = head ? context.inputs : context.hidden;
  fill_uniform(1.0 / std::sqrt(static_cast<double>(fan)), rng, values);
}

// A normal matrix [rows, columns], rows >= columns, made orthonormal column by column (Gram-Schmidt, twice,
// in double): the Q of its QR factorisation with a positive diagonal of R, which is Haar distributed. Source:
// Mezzadri, How to generate random matrices from the classical compact groups, 2007.
void fill_orthogonal(std::size_t rows, std::size_t columns, Rng& rng, std::span<float> values) {
  std::vector<double> q(rows * columns);  // column after column
  for (double& v : q) v = rng.normal();
  for (std::size_t c = 0; c < columns; ++c) {
    double* const column = q.data() + c * rows;
    for (int pass = 0; pass < 2; ++pass) {
      for (std::size_t k = 0; k < c; ++k) {
        const double* const other = q.data() + k * rows;
        double dot = 0.0;
        for (std::size_t i = 0; i < rows; ++i) dot += column[i] * other[i];
        for (std::size_t i = 0; i < rows; ++i) column[i] -= dot * other[i];
      }
    }
    double squares = 0.0;
    for (std::size_t i = 0; i < rows; ++i) squares += column[i] * column[i];
    const double scale = 1.0 / std::sqrt(squares);
    for (std::size_t i = 0; i < rows; ++i) column[i] *= scale;
  }
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) values[r * columns + c] = static_cast<float>(q[c * rows + r]);
  }
}

void fill_keras(const InitContext& context, Rng& rng, std::span<float> values) {
  switch (context.kind) {
    case ParameterKind::kInputWeight:
    case ParameterKind::kHeadWeight:
      fill_uniform(std::sqrt(6.0 / static_cast<double>(context.rows + context.columns)), rng, values);
      return;
    case ParameterKind::kRecurrentWeight:
      fill_orthogonal(context.rows, context.columns, rng, values);
      return;
    case ParameterKind::kInputBias:
      std::fill(values.begin(), values.end(), 0.0F);
      if (context.cell->forget_gate) fill_gate(context, *context.cell->forget_gate, 1.0F, values);
      return;
    case ParameterKind::kEmbedding:
      return fill_uniform(0.05, rng, values);
    default:
      std::fill(values.begin(), values.end(), 0.0F);
      return;
  }
}

// Variance of a weight from the rows and columns of one gate's matrix.
double xavier(double rows, double columns) {
  return 2.0 / (rows + columns);
}
double he(double, double columns) {
  return 2.0 / columns;
}
double lecun(double, double columns) {
  return 1.0 / columns;
}

enum class Law { kUniform, kNormal };

template <double (*variance)(double, double), Law law>
void fill_scaled(const InitContext& context, Rng& rng, std::span<float> values) {
  const double deviation =
      std::sqrt(variance(static_cast<double>(context.gate_rows()), static_cast<double>(context.columns)));
  if (context.is_bias()) {
    std::fill(values.begin(), values.end(), 0.0F);
  } else if (context.kind == ParameterKind::kEmbedding) {
    fill_normal(1.0, rng, values);
  } else if (law == Law::kUniform) {
    fill_uniform(std::sqrt(3.0) * deviation, rng, values);
  } else {
    fill_normal(deviation, rng, values);
  }
}

template <void (*block)(std::size_t hidden, Rng& rng, std::span<float> values)>
void fill_blocks(const InitContext& context, Rng& rng, std::span<float> values) {
  const std::size_t size = context.hidden * context.hidden;
  for (std::size_t at = 0; at < values.size(); at += size)
    block(context.hidden, rng, values.subspan(at, size));
}

void orthogonal_block(std::size_t hidden, Rng& rng, std::span<float> values) {
  fill_orthogonal(hidden, hidden, rng, values);
}

void identity_block(std::size_t hidden, Rng&, std::span<float> values) {
  std::fill(values.begin(), values.end(), 0.0F);
  for (std::size_t u = 0; u < hidden; ++u) values[u * hidden + u] = 1.0F;
}

void fill_saxe(const InitContext& context, Rng& rng, std::span<float> values) {
  if (context.kind == ParameterKind::kRecurrentWeight)
    return fill_blocks<orthogonal_block>(context, rng, values);
  fill_scaled<xavier, Law::kUniform>(context, rng, values);
}

void fill_irnn(const InitContext& context, Rng& rng, std::span<float> values) {
  if (context.kind == ParameterKind::kRecurrentWeight)
    return fill_blocks<identity_block>(context, rng, values);
  if (context.is_bias()) return std::fill(values.begin(), values.end(), 0.0F);
  fill_normal(context.kind == ParameterKind::kEmbedding ? 1.0 : 0.001, rng, values);
}

constexpr InitInfo kTable[] = {
    {"torch", "everything from U(-1/sqrt(H), 1/sqrt(H)), two biases", 2, fill_torch},
    {"keras", "Glorot uniform, orthogonal recurrent weights, zero biases, forget bias 1", 1, fill_keras},
    {"xavier_uniform", "uniform, variance 2 / (inputs + outputs)", 1, fill_scaled<xavier, Law::kUniform>},
    {"xavier_normal", "normal, variance 2 / (inputs + outputs)", 1, fill_scaled<xavier, Law::kNormal>},
    {"he_uniform", "uniform, variance 2 / inputs", 1, fill_scaled<he, Law::kUniform>},
    {"he_normal", "normal, variance 2 / inputs", 1, fill_scaled<he, Law::kNormal>},
    {"lecun_uniform", "uniform, variance 1 / inputs", 1, fill_scaled<lecun, Law::kUniform>},
    {"lecun_normal", "normal, variance 1 / inputs", 1, fill_scaled<lecun, Law::kNormal>},
    {"orthogonal", "orthogonal recurrent weights, the others as xavier_uniform", 1, fill_saxe},
    {"identity", "recurrent weights 1 on the diagonal (IRNN), the others nearly 0", 1, fill_irnn},
};

}  // namespace

std::span<const InitInfo> initialisers() {
  return kTable;
}

void fill_gate(const InitContext& context, std::size_t gate, float value, std::span<float> values) {
  const auto part = values.subspan(gate * context.hidden, context.hidden);
  std::fill(part.begin(), part.end(), value);
}

}  // namespace unroll
