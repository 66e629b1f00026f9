#include "train/best_epoch.h"

namespace unroll {

void BestEpoch::update(const Model& model, std::size_t number, double valid_loss) {
  if (valid_loss < valid_loss_) {
    valid_loss_ = valid_loss;
    number_ = number;
    model.save(parameters_);
  }
  ++waited_;
  if (valid_loss < reference_ - min_delta_) {
    reference_ = valid_loss;
    waited_ = 0;
  }
}

}  // namespace unroll
