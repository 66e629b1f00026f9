// The table of learning rate schedules: which share of `train.lr` a step uses. To add one: one function and
// one row in schedule.cpp. The name is the value of `train.schedule`. x epochs done, with the part of the
// present one, after the warm-up; E epochs in all, without the warm-up:
//
//   constant  1
//   step      gamma^floor(x / lr_step)
//   linear    1 - (1 - final) x / E
//   cosine    final + (1 - final) (1 + cos(pi x / E)) / 2
//   plateau   gamma^d, d how often valid_loss was not better for lr_patience epochs in a row
//
// Warm-up: during its first `train.warmup` epochs of s steps each, step k = 0, 1, ... uses (k + 1) / (warmup
// s). Source: Loshchilov, Hutter, SGDR, 2017 (cosine); PyTorch's torch.optim.lr_scheduler for the names.
#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <string_view>

#include "train/run_config.h"

namespace unroll {

struct ScheduleInfo {
  std::string_view name;
  std::string_view description;
  bool drops = false;  // reads lr_gamma
  bool ends = false;   // reads lr_final
  double (*share)(const TrainConfig& config, double epochs_done, double epochs) = nullptr;
};

std::span<const ScheduleInfo> schedules();
// nullptr if there is none of this name.
const ScheduleInfo* find_schedule(std::string_view name);

// The schedule of one run.
class Schedule {
 public:
  // Throws UsageError for an unknown name and for a warm-up that leaves no epoch. Requires: config outlives
  // it.
  Schedule(const TrainConfig& config, std::size_t steps_per_epoch);

  // Learning rate of step `step` of `epoch`, both counted from 0.
  double rate(std::size_t epoch, std::size_t step) const;
  // After each epoch.
  void note(double valid_loss);

  template <typename Archive>
  void transfer(Archive& archive) {
    archive(drops_, best_, waited_);
  }

 private:
  const TrainConfig& config_;
  const ScheduleInfo* info_;
  double steps_;
  double drops_ = 1.0;  // of plateau
  double best_ = std::numeric_limits<double>::infinity();
  std::size_t waited_ = 0;
};

}  // namespace unroll
