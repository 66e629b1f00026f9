// How the sources of this folder put their functions into the tables: each source fills its entries for the
// target with this index of Highway's dispatch tables.
#pragma once

#include <cstddef>

#include "simd/kernels.h"

namespace unroll::simd {

void fill_lstm(std::size_t index, Kernels& table);
void fill_gru(std::size_t index, Kernels& table);
void fill_gru_reset_before(std::size_t index, Kernels& table);
void fill_rnn(std::size_t index, Kernels& table);
void fill_products(std::size_t index, Kernels& table);
void fill_losses(std::size_t index, Kernels& table);
void fill_optimizers(std::size_t index, Kernels& table);
void fill_reductions(std::size_t index, Kernels& table);
void fill_ceilings(std::size_t index, Kernels& table);

}  // namespace unroll::simd
