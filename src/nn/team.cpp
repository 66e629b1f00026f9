#include "nn/team.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>

namespace unroll {
namespace {

constexpr std::size_t kMostGroups = 16;

void add_to(float* sum, const float* part, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) sum[i] += part[i];
}

bool sliced(const ModelPlan& plan, const ModelShape& shape) {
  return plan.shape.max_batch < shape.max_batch;
}

}  // namespace

// Of nearly equal numbers of slices.
struct Team::Groups {
  std::size_t slices = 0;
  std::size_t count = 0;

  std::size_t first(std::size_t group) const { return group * slices / count; }
};

Team::Team(const ModelPlan& plan, const ModelShape& shape, const simd::Kernels& kernels,
           simd::Activation activation)
    : plan_(plan),
      shape_(shape),
      kernels_(kernels),
      activation_(activation),
      carried_(plan, shape.max_batch),
      sum_(sliced(plan, shape) ? plan.parameter_floats : 0) {
  nets_.push_back(std::make_unique<Net>(plan, shape, kernels, activation, carried_));
}

std::size_t Team::bytes(const ModelPlan& plan, const ModelShape& shape) {
  const std::size_t sum = sliced(plan, shape) ? Buffer<float>::bytes(plan.parameter_floats) : 0;
  return sum + CarriedState::bytes(plan, shape.max_batch);
}

Team::Groups Team::groups_of(const ModelBatch& batch) const {
  const std::size_t slices = lead().slices.count(batch);
  return {slices, std::min(slices, kMostGroups)};
}

// Of one more net; with the first one come the gradients of the groups.
std::size_t Team::bytes_of_next() const {
  const std::size_t net = Net::bytes(plan_, shape_);
  if (nets_.size() > 1) return net;
  ModelBatch widest;
  widest.batch = shape_.max_batch;
  return net + groups_of(widest).count * Buffer<float>::bytes(plan_.parameter_floats);
}

// How many nets work on the groups; makes those that are missing, as far as there is memory. If it is one,
// its layers may share their work.
std::size_t Team::members(const Groups& groups, IdleWorkers* idle) {
  if (idle == nullptr || groups.count == 1 || plan_.large) return 1;
  const std::size_t count = std::min(groups.count, 1 + idle->count());
  while (nets_.size() < count && idle->reserve(bytes_of_next())) {
    nets_.push_back(std::make_unique<Net>(plan_, shape_, kernels_, activation_, carried_));
  }
  return std::min(count, nets_.size());
}

// Calls work(net, group) -> BatchLoss for each group; returns their sum.
template <typename Work>
BatchLoss Team::share(const Groups& groups, std::size_t members, IdleWorkers* idle, const Work& work) {
  std::array<BatchLoss, kMostGroups> losses{};
  std::atomic<std::size_t> next{0};
  const auto take = [&](std::size_t member) {
    std::size_t g = next++;
    if (g >= groups.count) return;  // others were faster
    Net& net = *nets_[member];
    if (member > 0) std::copy_n(lead().memory.data(), plan_.parameter_floats, net.memory.data());
    for (; g < groups.count; g = next++) losses[g] = work(net, g);
  };
  if (members == 1) {
    take(0);
  } else {
    idle->share(members, std::cref(take));
  }
  BatchLoss sum;
  for (std::size_t g = 0; g < groups.count; ++g) add(sum, losses[g]);
  return sum;
}

BatchLoss Team::evaluate(const ModelBatch& batch, IdleWorkers* idle) {
  carried_.begin(batch);
  const Groups groups = groups_of(batch);
  return share(groups, members(groups, idle), idle, [&](Net& net, std::size_t g) {
    return net.evaluate(batch, groups.first(g), groups.first(g + 1), plan_.large ? idle : nullptr);
  });
}

BatchLoss Team::gradient(const ModelBatch& batch, float scale, const DropoutRate& rate, IdleWorkers* idle) {
  carried_.begin(batch);
  const Groups groups = groups_of(batch);
  const std::size_t count = plan_.parameter_floats;
  const std::size_t several = members(groups, idle);
  while (several > 1 && parts_.size() < groups.count) parts_.emplace_back(count);
  const BatchLoss loss = share(groups, several, idle, [&](Net& net, std::size_t g) {
    const BatchLoss part =
        net.gradient(batch, groups.first(g), groups.first(g + 1), scale, rate, plan_.large ? idle : nullptr);
    if (several > 1) {
      std::copy_n(net.gradients(), count, parts_[g].data());
    } else if (groups.count > 1 && g == 0) {
      std::copy_n(net.gradients(), count, sum_.data());
    } else if (g > 0) {
      add_to(sum_.data(), net.gradients(), count);
    }
    return part;
  });
  float* const total = lead().gradients();
  if (several > 1) {
    std::copy_n(parts_[0].data(), count, total);
    for (std::size_t g = 1; g < groups.count; ++g) add_to(total, parts_[g].data(), count);
  } else if (groups.count > 1) {
    std::copy_n(sum_.data(), count, total);
  }
  return loss;
}

}  // namespace unroll
