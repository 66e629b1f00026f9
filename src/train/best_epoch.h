// The epoch with the lowest validation loss: its number, its parameters, and when to stop waiting for a
// better one.
#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include "nn/model.h"

namespace unroll {

class BestEpoch {
 public:
  // patience: epochs in a row without a loss lower by more than min_delta before training stops; 0 = never.
  BestEpoch(std::size_t patience, double min_delta) : patience_(patience), min_delta_(min_delta) {}

  // Takes the validation loss after the epoch `number`, counted from 1; keeps the parameters if it is the
  // lowest.
  void update(const Model& model, std::size_t number, double valid_loss);
  bool out_of_patience() const { return patience_ > 0 && waited_ >= patience_; }
  void restore(Model& model) const { model.load(parameters_); }

  template <typename Archive>
  void transfer(Archive& archive) {
    archive(waited_, reference_, number_, valid_loss_, parameters_);
  }

  std::size_t number() const { return number_; }  // 0 before the first update
  double valid_loss() const { return valid_loss_; }

 private:
  std::size_t patience_;
  double min_delta_;
  std::size_t waited_ = 0;
  double reference_ = std::numeric_limits<double>::infinity();  // the last loss that counted as better
  std::size_t number_ = 0;
  double valid_loss_ = std::numeric_limits<double>::infinity();
  std::vector<float> parameters_;
};

}  // namespace unroll
