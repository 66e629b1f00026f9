// The program with a defect in it: what the gate must catch. Linked with --wrap, so that the product's own
// sources know nothing of it. The environment variable PLANT names the defect:
//   rnn | lstm | gru | gru_reset_before   backward loses a tenth of the gradient of the first panel of units
//   sgd | rmsprop | adam | adagrad       steps are a twentieth too long
//   order                                 every epoch has the order of the first
#include <cstdlib>
#include <string_view>
#include <vector>

#include "data/batches.h"
#include "simd/kernels.h"
#include "simd/targets.h"

// The names are those of the compiler's ABI: a change of a signature is an error of the linker here.
#define PLANT(function, symbol, ...)                                      \
  extern "C" void real_##function(__VA_ARGS__) __asm__("__real_" symbol); \
  extern "C" void wrap_##function(__VA_ARGS__) __asm__("__wrap_" symbol);

namespace {

using unroll::BatchReader;
using unroll::Purpose;
using unroll::Seed;
using unroll::simd::CellKernels;
using unroll::simd::Kernels;
using unroll::simd::LayerPass;
using unroll::simd::UpdatePass;

bool planted(std::string_view what) {
  const char* name = std::getenv("PLANT");
  return name != nullptr && name == what;
}

// The sound tables, one for each target in their order.
std::vector<Kernels>& sound_tables() {
  static std::vector<Kernels> tables;
  return tables;
}

const Kernels& sound() {
  const auto& targets = unroll::simd::targets();
  std::size_t i = 0;
  while (targets[i].name != unroll::simd::current_target().name) ++i;
  return sound_tables()[i];
}

void lose_gradient(const LayerPass& pass, std::size_t begin, std::size_t end) {
  const std::size_t columns = pass.shape.columns(0);
  for (std::size_t i = begin * pass.batch * columns; i < end * pass.batch * columns; ++i)
    pass.saved[i] *= 0.9F;
}

template <CellKernels Kernels::*Cell>
void backward(const LayerPass& pass, std::size_t begin, std::size_t end) {
  (sound().*Cell).backward(pass, begin, end);
  lose_gradient(pass, begin, end);
}

template <void (*Kernels::*Update)(const UpdatePass&)>
void update(const UpdatePass& sound_pass) {
  UpdatePass pass = sound_pass;
  pass.lr *= 1.05F;
  (sound().*Update)(pass);
}

template <CellKernels Kernels::*Cell>
void plant_cell(std::string_view name, Kernels& table) {
  if (planted(name)) (table.*Cell).backward = backward<Cell>;
}

template <void (*Kernels::*Update)(const UpdatePass&)>
void plant_update(std::string_view name, Kernels& table) {
  if (planted(name)) table.*Update = update<Update>;
}

}  // namespace

// The last table that is filled: all others are in place.
PLANT(ceilings, "_ZN6unroll4simd13fill_ceilingsEmRNS0_7KernelsE", std::size_t, Kernels&)
PLANT(shuffle, "_ZN6unroll11BatchReader7shuffleENS_4SeedEjNS_7PurposeE", BatchReader*, Seed, std::uint32_t,
      Purpose)

void wrap_ceilings(std::size_t index, Kernels& table) {
  real_ceilings(index, table);
  sound_tables().push_back(table);
  plant_cell<&Kernels::rnn>("rnn", table);
  plant_cell<&Kernels::lstm>("lstm", table);
  plant_cell<&Kernels::gru>("gru", table);
  plant_cell<&Kernels::gru_reset_before>("gru_reset_before", table);
  plant_update<&Kernels::sgd>("sgd", table);
  plant_update<&Kernels::rmsprop>("rmsprop", table);
  plant_update<&Kernels::adam>("adam", table);
  plant_update<&Kernels::adagrad>("adagrad", table);
}

void wrap_shuffle(BatchReader* reader, Seed seed, std::uint32_t epoch, Purpose purpose) {
  real_shuffle(reader, seed, planted("order") ? 0 : epoch, purpose);
}
