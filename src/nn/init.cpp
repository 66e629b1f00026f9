#include "nn/init.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace unroll {
namespace {

void fill_uniform(double limit, Rng& rng, std::span<float> values) {
  for (float& v : values) v = static_cast<float>(rng.uniform(-limit, limit));
}

void fill_torch(const InitContext& context, Rng& rng, std::span<float> values) {
  fill_uniform(1.0 / std::sqrt(static_cast<double>(context.hidden)), rng, values);
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
    case ParameterKind::kRecurrentBias:
    case ParameterKind::kHeadBias:
      std::fill(values.begin(), values.end(), 0.0F);
      return;
  }
}

constexpr std::array<InitInfo, 2> kTable = {{
    {"torch", "everything from U(-1/sqrt(H), 1/sqrt(H)), two biases", 2, fill_torch},
    {"keras", "Glorot uniform, orthogonal recurrent weights, zero biases, forget bias 1", 1, fill_keras},
}};

}  // namespace

std::span<const InitInfo> initialisers() {
  return kTable;
}

void fill_gate(const InitContext& context, std::size_t gate, float value, std::span<float> values) {
  const auto part = values.subspan(gate * context.hidden, context.hidden);
  std::fill(part.begin(), part.end(), value);
}

}  // namespace unroll
