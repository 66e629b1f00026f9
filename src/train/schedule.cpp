#include "train/schedule.h"

#include <cmath>
#include <numbers>

#include "base/error.h"
#include "nn/lookup.h"

namespace unroll {
namespace {

double constant(const TrainConfig&, double, double) {
  return 1.0;
}

double step(const TrainConfig& config, double done, double) {
  return std::pow(config.lr_gamma, std::floor(done / static_cast<double>(config.lr_step)));
}

double linear(const TrainConfig& config, double done, double epochs) {
  return 1.0 - (1.0 - config.lr_final) * done / epochs;
}

double cosine(const TrainConfig& config, double done, double epochs) {
  return config.lr_final + (1.0 - config.lr_final) * 0.5 * (1.0 + std::cos(std::numbers::pi * done / epochs));
}

constexpr ScheduleInfo kTable[] = {
    {"constant", "the same rate in every step", false, false, constant},
    {"step", "times lr_gamma every lr_step epochs", true, false, step},
    {"linear", "in a straight line to lr_final of it", false, true, linear},
    {"cosine", "along half a cosine to lr_final of it", false, true, cosine},
    {"plateau", "times lr_gamma after lr_patience epochs without a better valid_loss", true, false, constant},
};

}  // namespace

std::span<const ScheduleInfo> schedules() {
  return kTable;
}

const ScheduleInfo* find_schedule(std::string_view name) {
  for (const ScheduleInfo& info : kTable) {
    if (info.name == name) return &info;
  }
  return nullptr;
}

Schedule::Schedule(const TrainConfig& config, std::size_t steps_per_epoch)
    : config_(config),
      info_(&lookup(schedules(), "train.schedule", config.schedule)),
      steps_(static_cast<double>(steps_per_epoch)) {}

double Schedule::rate(std::size_t epoch, std::size_t step) const {
  // In steps: whole numbers stay exact.
  const double done = static_cast<double>(epoch) * steps_ + static_cast<double>(step);
  const double warmup = config_.warmup * steps_;
  if (done < warmup) return config_.optimizer.lr * std::min(1.0, (done + 1.0) / warmup);
  const double epochs = static_cast<double>(config_.epochs) - config_.warmup;
  return config_.optimizer.lr * drops_ * info_->share(config_, (done - warmup) / steps_, epochs);
}

void Schedule::note(double valid_loss) {
  ++waited_;
  if (valid_loss < best_) {
    best_ = valid_loss;
    waited_ = 0;
  }
  if (info_->name != "plateau" || waited_ < config_.lr_patience) return;
  drops_ *= config_.lr_gamma;
  waited_ = 0;
}

}  // namespace unroll
