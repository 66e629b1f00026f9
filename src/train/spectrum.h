// Norm and spectral radius of a square matrix, such as the recurrent weights of one gate: by products alone,
// so that nothing is solved.
#pragma once

#include <cstddef>
#include <span>

namespace unroll {

// matrix: [n][n] row-major. Largest singular value, by power iteration on A^T A until the estimate changes by
// less than 1e-7 of itself, at most 1000 times; never too large.
double spectral_norm(std::span<const float> matrix, std::size_t n);

// Products of n x n matrices that spectral_radius takes.
inline constexpr int kSpectralProducts = 13;

// Largest absolute eigenvalue: |A^k|^(1/k) (Gelfand's formula) with k = 4096 by repeated squaring in float32,
// scaled at each step. The relative error is below 1 % (tested), mostly far below; too large rather than too
// small. 0 if A^k vanishes.
double spectral_radius(std::span<const float> matrix, std::size_t n);

}  // namespace unroll
