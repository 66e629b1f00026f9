#include "report/leaders.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/statements.h"
#include "report/text_table.h"

namespace unroll {

namespace {

constexpr std::size_t kMostValues = 8;

// "2", "17.6", "1502"
std::string times(double ratio) {
  return ratio < 1000.0 ? fmt::format("{:.3g}", ratio) : fmt::format("{:.0f}", ratio);
}

std::vector<AxisValue> values_of(const Comparison& c, std::size_t axis) {
  std::vector<AxisValue> values;
  for (const auto& point : c.points) {
    if (std::find(values.begin(), values.end(), point[axis]) == values.end()) values.push_back(point[axis]);
  }
  return values;
}

// The methods that have a result at a point, the best first, with what they are judged by as a loss.
std::vector<std::pair<double, std::size_t>> ranking(const Comparison& c, std::size_t point) {
  std::vector<std::pair<double, std::size_t>> order;
  for (const CompareRow& row : c.rows) {
    if (row.point == point && row.n > 0)
      order.emplace_back((c.minimize ? 1.0 : -1.0) * row[Statistic::kIqm], row.method);
  }
  std::sort(order.begin(), order.end());
  return order;
}

}  // namespace

std::size_t results_at(const Comparison& c, std::size_t point) {
  return ranking(c, point).size();
}

std::optional<Lead> lead_at(const Comparison& c, std::size_t point) {
  const auto order = ranking(c, point);
  if (order.size() < 2 || !std::isfinite(order[0].first)) return std::nullopt;
  Lead lead;
  lead.method = order[0].second;
  lead.next = order[1].second;
  lead.next_diverged = !std::isfinite(order[1].first);
  if (!lead.next_diverged) {
    if (order[0].first > order[1].first - 1e-9 * std::abs(order[1].first)) return std::nullopt;
    const double a = std::abs(order[0].first);
    const double b = std::abs(order[1].first);
    lead.factor = c.minimize ? b / a : a / b;
  }
  lead.shown = std::any_of(c.pairs.begin(), c.pairs.end(), [&](const ComparePair& pair) {
    return pair.point == point && pair.better == lead.method && pair.other == lead.next && pair.shown;
  });
  return lead;
}

bool Leader::by_a_factor() const {
  return high >= 1.05 && wins == points && std::isfinite(high) && low > 0.0;
}

std::optional<std::size_t> leading_axis(const Comparison& c) {
  if (!c.has_goal || c.methods.size() < 2 || c.axes.empty()) return std::nullopt;
  const auto length = std::find(c.axes.begin(), c.axes.end(), "seq_len");
  const std::size_t axis =
      length == c.axes.end() ? c.axes.size() - 1 : static_cast<std::size_t>(length - c.axes.begin());
  if (values_of(c, axis).size() > kMostValues) return std::nullopt;
  return axis;
}

std::vector<Leader> find_leaders(const Comparison& c) {
  std::vector<Leader> out;
  const std::optional<std::size_t> axis = leading_axis(c);
  if (!axis) return out;
  for (const AxisValue& value : values_of(c, *axis)) {
    std::vector<std::size_t> wins(c.methods.size(), 0);
    std::vector<std::size_t> shown(c.methods.size(), 0);
    std::vector<double> factors;
    Leader leader;
    leader.value = value;
    for (std::size_t point = 0; point < c.points.size(); ++point) {
      if (c.points[point][*axis] != value) continue;
      leader.points += results_at(c, point) > 1;
      const std::optional<Lead> lead = lead_at(c, point);
      if (!lead) continue;
      ++leader.leads;
      ++wins[lead->method];
      shown[lead->method] += lead->shown;
      leader.diverged += lead->next_diverged;
      if (!lead->next_diverged) factors.push_back(lead->factor);
    }
    if (leader.leads == 0) continue;
    leader.wins = *std::max_element(wins.begin(), wins.end());
    for (std::size_t method = 0; method < wins.size(); ++method) {
      if (wins[method] < leader.wins) continue;
      leader.methods.push_back(method);
      leader.shown += shown[method];
    }
    if (!factors.empty()) {
      const auto [low, high] = std::minmax_element(factors.begin(), factors.end());
      leader.low = *low;
      leader.high = *high;
    }
    out.push_back(std::move(leader));
  }
  return out;
}

std::string factor_words(const Leader& leader) {
  return leader.points == 1 || leader.high / leader.low < 1.05
             ? fmt::format("{} times", times(leader.high))
             : fmt::format("{} to {} times", times(leader.low), times(leader.high));
}

std::vector<std::string> leader_sentences(const Comparison& c) {
  std::vector<std::string> out;
  for (const Leader& leader : find_leaders(c)) {
    std::vector<std::string> names;
    for (const std::size_t method : leader.methods) names.push_back(method_name(c, method));
    const bool one = names.size() == 1;
    const std::string at = fmt::format("At {} {}, {} {} the best {}", c.axes[*leading_axis(c)],
                                       to_string(leader.value), list(names), one ? "has" : "have", c.metric);
    std::string margin;
    if (leader.diverged == leader.leads) {
      margin = ", and the next best diverged";
    } else if (leader.high < 1.05 && leader.diverged == 0) {
      margin = ", hardly ahead of the next best";
    } else if (leader.by_a_factor()) {
      margin = fmt::format(", {} {} the next best{}", factor_words(leader), c.minimize ? "below" : "above",
                           leader.diverged > 0 ? " where that did not diverge" : "");
    }
    if (leader.points == 1) {
      out.push_back(fmt::format("{}{}; a difference to the next best is {}shown.", at, margin,
                                leader.shown > 0 ? "" : "not "));
    } else {
      out.push_back(
          fmt::format("{} at {} of {} points{}{}; a difference to the next best is shown at {} of them.", at,
                      leader.wins, leader.points, one ? "" : " each", margin, leader.shown));
    }
  }
  return out;
}

}  // namespace unroll
