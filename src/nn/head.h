// The dense head on the last or on every step, and the loss on top of it.
//   y = W h + b;  loss as in simd/kernels.h, averaged over scored steps for the gradient
#pragma once

#include <cstddef>
#include <cstdint>

#include "nn/model.h"
#include "nn/plan.h"
#include "simd/kernels.h"

namespace unroll {

class Head {
 public:
  Head(const HeadPlan& plan, HeadLoss loss, const simd::Kernels& kernels, float* memory,
       std::size_t gradients);

  // Logits of `rows` rows of the plan, from `row` on.
  void forward(std::size_t row, std::size_t rows);
  // Loss of the logits, which turn into dloss/dy * scale if `gradient` is set.
  simd::LossSums loss(std::size_t rows, const float* targets, const std::int32_t* classes, bool gradient,
                      float scale);
  // dL/dh of these rows into the plan's `dfeatures`; and the parameters' gradients.
  void feature_gradients(std::size_t rows);
  void parameter_gradients(std::size_t row, std::size_t rows, bool accumulate);

 private:
  const HeadPlan* plan_;
  HeadLoss loss_;
  const simd::Kernels* kernels_;
  float* memory_;
  std::size_t gradients_;
};

}  // namespace unroll
