#include "train/best_epoch.h"

namespace unroll {

BestEpoch::BestEpoch(const Model& model, std::size_t patience, double min_delta)
    : patience_(patience), min_delta_(min_delta), names_(model.parameter_names()), values_(names_.size()) {}

void BestEpoch::update(const Model& model, std::size_t number, double valid_loss) {
  if (valid_loss < valid_loss_) {
    valid_loss_ = valid_loss;
    number_ = number;
    for (std::size_t i = 0; i < names_.size(); ++i) values_[i] = model.parameter(names_[i]);
  }
  ++waited_;
  if (valid_loss < reference_ - min_delta_) {
    reference_ = valid_loss;
    waited_ = 0;
  }
}

void BestEpoch::restore(Model& model) const {
  for (std::size_t i = 0; i < names_.size(); ++i) model.set_parameter(names_[i], values_[i]);
}

}  // namespace unroll
