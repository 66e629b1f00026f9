#include "nn/head.h"

#include "base/error.h"

namespace unroll {

Head::Head(const HeadPlan& plan, HeadLoss loss, const simd::Kernels& kernels, float* memory,
           std::size_t gradients)
    : plan_(&plan), loss_(loss), kernels_(&kernels), memory_(memory), gradients_(gradients) {}

void Head::forward(std::size_t row, std::size_t rows) {
  const float* weights = memory_ + plan_->parameters;
  float* transposed = memory_ + plan_->transposed;
  for (std::size_t o = 0; o < plan_->outputs; ++o) {
    for (std::size_t k = 0; k < plan_->features; ++k) {
      transposed[k * plan_->padded_outputs + o] = weights[o * plan_->padded_features + k];
    }
  }
  simd::Product product;
  product.rows = rows;
  product.depth = plan_->features;
  product.columns = plan_->padded_outputs;
  product.a = memory_ + plan_->rows + row * plan_->row_stride;
  product.a_stride = plan_->row_stride;
  product.b = transposed;
  product.b_stride = plan_->padded_outputs;
  product.init = memory_ + plan_->bias();
  product.out = memory_ + plan_->logits;
  product.out_stride = plan_->padded_outputs;
  kernels_->product(product);
}

simd::LossSums Head::loss(std::size_t rows, const float* targets, const std::int32_t* classes, bool gradient,
                          float scale) {
  simd::LossPass pass;
  pass.rows = rows;
  pass.outputs = plan_->outputs;
  pass.stride = plan_->padded_outputs;
  pass.y = memory_ + plan_->logits;
  pass.targets = targets;
  pass.classes = classes;
  pass.scale = scale;
  pass.dy = gradient ? memory_ + plan_->logits : nullptr;
  if (loss_ != HeadLoss::kSoftmax) {
    UNROLL_CHECK(targets != nullptr, "this loss needs targets");
    return loss_ == HeadLoss::kMse ? kernels_->mse_loss(pass) : kernels_->sigmoid_loss(pass);
  }
  UNROLL_CHECK(classes != nullptr, "softmax needs classes");
  for (std::size_t r = 0; r < rows; ++r) {
    UNROLL_CHECK(classes[r] >= 0 && static_cast<std::size_t>(classes[r]) < plan_->outputs,
                 "class out of range");
  }
  return kernels_->softmax_loss(pass);
}

void Head::feature_gradients(std::size_t rows) {
  simd::Product product;
  product.rows = rows;
  product.depth = plan_->outputs;
  product.columns = plan_->padded_features;
  product.a = memory_ + plan_->logits;
  product.a_stride = plan_->padded_outputs;
  product.b = memory_ + plan_->parameters;
  product.b_stride = plan_->padded_features;
  product.out = memory_ + plan_->dfeatures;
  product.out_stride = plan_->padded_features;
  kernels_->product(product);
}

void Head::parameter_gradients(std::size_t row, std::size_t rows, bool accumulate) {
  const float* h = memory_ + plan_->rows + row * plan_->row_stride;
  simd::OuterSum sum;
  sum.accumulate = accumulate;
  sum.rows = rows;
  sum.depth = plan_->outputs;
  sum.columns = plan_->padded_features;
  sum.a = memory_ + plan_->logits;
  sum.a_stride = plan_->padded_outputs;
  sum.b = h;
  sum.b_stride = plan_->row_stride;
  sum.out = memory_ + plan_->parameters + gradients_;
  sum.out_stride = plan_->padded_features;
  kernels_->outer_sum(sum);

  sum.depth = 1;
  sum.columns = plan_->padded_outputs;
  sum.a = h + plan_->one_offset;
  sum.a_stride = plan_->row_stride;
  sum.b = memory_ + plan_->logits;
  sum.b_stride = plan_->padded_outputs;
  sum.out = memory_ + plan_->bias() + gradients_;
  sum.out_stride = plan_->padded_outputs;
  kernels_->outer_sum(sum);
}

}  // namespace unroll
