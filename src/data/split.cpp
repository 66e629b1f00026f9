#include "data/split.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

#include "base/error.h"

namespace unroll {
namespace {

std::size_t share_of(std::size_t items, double share) {
  return static_cast<std::size_t>(std::floor(share * static_cast<double>(items) + 0.5));
}

std::size_t test_size(const TaskConfig& config, std::size_t items) {
  return config.test_file.empty() ? std::min(share_of(items, config.test_share), items) : 0;
}

bool in_time_order(const TaskConfig& config) {
  return config.split != "shuffled";
}

}  // namespace

std::vector<std::size_t> Cut::train() const {
  std::vector<std::size_t> out(train_size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = i < valid.first ? i : i - valid.first + valid.end;
  return out;
}

Cut cut(const TaskConfig& config, std::size_t items, std::size_t spare) {
  const std::size_t known = items - test_size(config, items);  // not of the test part
  Cut out;
  out.test = {known, items};
  if (in_time_order(config)) spare = 0;  // then the training part loses them, and no other
  const std::size_t rest = known - std::min(spare, known);
  const std::size_t shift = known - rest;
  if (config.folds < 2) {
    const std::size_t valid = std::min(share_of(items, config.valid_share), rest);
    out.valid = {known - valid, known};
  } else if (in_time_order(config)) {
    const auto bound = [&](std::size_t block) { return rest * block / (config.folds + 1); };
    out.valid = {bound(config.fold + 1), bound(config.fold + 2)};
  } else {
    const auto bound = [&](std::size_t block) { return shift + rest * block / config.folds; };
    out.valid = {bound(config.fold), bound(config.fold + 1)};
  }
  out.train_end = in_time_order(config) ? out.valid.end : known;
  return out;
}

void check_split_keys(const TaskConfig& config) {
  const auto share = [](double s) { return s > 0.0 && s < 1.0; };
  if (!share(config.valid_share)) throw UsageError("task.valid_share", "must be between 0 and 1");
  if (!share(config.test_share)) throw UsageError("task.test_share", "must be between 0 and 1");
  if (config.folds == 1) {
    throw UsageError("task.folds", "one fold leaves nothing to train on",
                     "use 2 or more folds, or 0 for none");
  }
  if (config.folds > 0 && config.fold >= config.folds) {
    throw UsageError("task.fold", fmt::format("there is no fold {}", config.fold),
                     fmt::format("{} folds are numbered 0 to {}", config.folds, config.folds - 1));
  }
}

void check_cut(const TaskConfig& config, std::size_t items, const char* what) {
  const Cut parts = cut(config, items);
  const bool no_test = config.test_file.empty() && parts.test.size() == 0;
  if (parts.train_size() > 0 && parts.valid.size() > 0 && !no_test) return;
  throw UsageError(
      config.folds > 1 ? "task.folds" : "task.valid_share",
      fmt::format("a part is empty; the file has {} {}: {} for training, {} for valid, {} for test", items,
                  what, parts.train_size(), parts.valid.size(), parts.test.size()),
      "change the shares or the folds, or use a longer file");
}

std::vector<std::uint32_t> item_order(const TaskConfig& config, Seed seed, std::size_t items,
                                      std::span<const std::int32_t> groups) {
  if (in_time_order(config)) {
    std::vector<std::uint32_t> order(items);
    std::iota(order.begin(), order.end(), 0U);
    return order;
  }
  const std::vector<std::uint32_t> drawn = Rng(seed, Purpose::kSplit).permutation(items);
  if (groups.empty()) return drawn;
  // The j-th item of a group of m, as drawn, goes to the place (j + 1/2) / m of the whole.
  std::map<std::int32_t, std::pair<std::size_t, std::size_t>> seen;  // group -> (size, drawn so far)
  for (const std::int32_t group : groups) ++seen[group].first;
  std::vector<std::pair<double, std::uint32_t>> places;
  places.reserve(items);
  for (const std::uint32_t item : drawn) {
    auto& [size, before] = seen[groups[item]];
    places.emplace_back((static_cast<double>(before++) + 0.5) / static_cast<double>(size), item);
  }
  std::stable_sort(places.begin(), places.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::uint32_t> order;
  order.reserve(items);
  for (const auto& place : places) order.push_back(place.second);
  return order;
}

std::vector<std::uint32_t> items_at(const std::vector<std::uint32_t>& order,
                                    const std::vector<std::size_t>& positions) {
  std::vector<std::uint32_t> out(positions.size());
  std::transform(positions.begin(), positions.end(), out.begin(), [&](std::size_t p) { return order[p]; });
  return out;
}

std::vector<std::uint32_t> items_at(const std::vector<std::uint32_t>& order, IndexRange range) {
  return {order.begin() + static_cast<std::ptrdiff_t>(range.first),
          order.begin() + static_cast<std::ptrdiff_t>(range.end)};
}

}  // namespace unroll
