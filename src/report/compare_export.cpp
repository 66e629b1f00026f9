#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "report/compare.h"
#include "store/export.h"

namespace unroll {

namespace {

using Json = nlohmann::ordered_json;  // writes NaN and infinity as null

Json at(const Comparison& c, std::size_t point) {
  Json object = Json::object();
  for (std::size_t axis = 0; axis < c.axes.size(); ++axis) {
    Json& value = object[c.axes[axis]];  // null if it is unset
    const auto assign = [&](const auto& v) {
      if constexpr (!std::is_same_v<std::decay_t<decltype(v)>, Unset>) value = v;
    };
    std::visit(assign, c.points[point][axis]);
  }
  return object;
}

Json row_json(const Comparison& c, const CompareRow& row) {
  Json object = {{"method", c.methods[row.method]},
                 {"at", at(c, row.point)},
                 {"n", row.n},
                 {"missing", row.missing},
                 {"failed", row.failed},
                 {"diverged", row.diverged},
                 {"pruned", row.pruned}};
  for (const StatisticInfo& statistic : statistics()) object[std::string(statistic.name)] = row[statistic.id];
  object["iqm_low"] = row.interval.low;
  object["iqm_high"] = row.interval.high;
  object["chance"] = row.chance;
  object["against_chance"] = against_chance_name(row.against_chance);
  object["params"] = row.params;
  object["wall_seconds"] = row.seconds;
  return object;
}

Json pair_json(const Comparison& c, const ComparePair& pair) {
  return {{"better", c.methods[pair.better]},
          {"other", c.methods[pair.other]},
          {"at", at(c, pair.point)},
          {"pairs", pair.counts.total()},
          {"wins", pair.counts.wins},
          {"ties", pair.counts.ties},
          {"losses", pair.counts.losses},
          {"probability", pair.probability},
          {"probability_low", pair.interval.low},
          {"probability_high", pair.interval.high},
          {"difference", pair.difference},
          {"difference_low", pair.difference_interval.low},
          {"difference_high", pair.difference_interval.high},
          {"p_value", pair.raw_p},
          {"p_holm", pair.p_value},
          {"shown", pair.shown},
          {"holds", pair.holds},
          {"seeds_needed", pair.seeds_needed == 0 ? Json() : Json(pair.seeds_needed)}};
}

Json overall_json(const Comparison& c, const ComparePair& pair) {
  Json object = pair_json(c, pair);
  for (const char* key : {"at", "difference", "difference_low", "difference_high"}) object.erase(key);
  object["run_wins"] = pair.runs.wins;
  object["run_ties"] = pair.runs.ties;
  object["run_losses"] = pair.runs.losses;
  object["points_shown"] = pair.points_shown;
  object["points_reversed"] = pair.points_reversed;
  return object;
}

template <typename Item>
Json array(const Comparison& c, const std::vector<Item>& items, Json (*to)(const Comparison&, const Item&)) {
  Json list = Json::array();
  for (const Item& item : items) list.push_back(to(c, item));
  return list;
}

Json ranks_json(const Comparison& c) {
  if (c.ranks.mean_rank.empty()) return nullptr;
  Json groups = Json::array();
  for (const auto& group : c.ranks.groups) {
    Json names = Json::array();
    for (const std::size_t method : group) names.push_back(c.methods[method]);
    groups.push_back(std::move(names));
  }
  Json ranks = Json::object();
  for (std::size_t m = 0; m < c.methods.size(); ++m) ranks[c.methods[m]] = c.ranks.mean_rank[m];
  Json pairs = Json::array();
  for (const RankedPair& pair : c.ranks.pairs) {
    pairs.push_back({{"methods", {c.methods[pair.a], c.methods[pair.b]}}, {"p_value", pair.p_value}});
  }
  return {{"blocks", c.ranks.blocks},
          {"mean_rank", ranks},
          {"friedman", c.ranks.statistic},
          {"p_value", c.ranks.p_value},
          {"post_hoc", post_hoc_name(c.ranks.post_hoc)},
          {"pairs", pairs},
          {"critical_difference", c.ranks.critical_difference},
          {"not_shown_to_differ", groups}};
}

Json shares_json(const Comparison& c) {
  if (c.shares.factors.empty()) return nullptr;
  Json factors = Json::object();
  for (const FactorShare& f : c.shares.factors) factors[f.factor] = f.share;
  return {{"exact", c.shares.exact}, {"scale", c.shares.scale}, {"factors", factors}};
}

Json budgets_json(const Comparison& c) {
  Json list = Json::array();
  for (const BudgetRow& row : c.budgets) {
    Json best = Json::object();
    for (std::size_t m = 0; m < c.methods.size(); ++m) {
      if (row.best[m].at.empty()) continue;
      best[c.methods[m]] = {{"at", row.best[m].at}, {"iqm", row.best[m].value}, {"cost", row.best[m].cost}};
    }
    list.push_back({{"where", row.where}, {"what", row.what}, {"budget", row.budget}, {"best", best}});
  }
  return list;
}

std::string field(const Json& value) {
  if (value.is_null() || (value.is_number_float() && !std::isfinite(value.get<double>()))) return "";
  if (!value.is_string()) return value.dump();
  return csv_field(value.get<std::string>());
}

// The objects of an array as lines; the settings in "at" become columns.
std::string csv(const Comparison& c, const Json& records) {
  std::string head;
  std::string body;
  for (const Json& record : records) {
    std::vector<std::string> names = {"experiment", "metric"};
    std::vector<std::string> values = {field(c.experiment), field(c.metric)};
    const Json flat = record.flatten();
    for (const auto& [key, value] : flat.items()) {
      if (key == "/at") continue;  // nothing else is swept
      names.push_back(field(key.substr(key.rfind('/') + 1)));
      values.push_back(field(value));
    }
    if (head.empty()) head = fmt::format("{}\r\n", fmt::join(names, ","));
    body += fmt::format("{}\r\n", fmt::join(values, ","));
  }
  return head + body;
}

}  // namespace

std::string to_json(const Comparison& c) {
  const Json document = {{"schema", kCompareSchema},
                         {"experiment", c.experiment},
                         {"metric", c.metric},
                         {"description", c.description},
                         {"unit", c.unit},
                         {"goal", !c.has_goal  ? "none"
                                  : c.minimize ? "minimize"
                                               : "maximize"},
                         {"by", c.by},
                         {"axes", c.axes},
                         {"level", c.level},
                         {"chance_rule", c.chance_rule},
                         {"notes", c.notes},
                         {"rows", array(c, c.rows, row_json)},
                         {"pairs", array(c, c.pairs, pair_json)},
                         {"overall", array(c, c.overall, overall_json)},
                         {"ranks", ranks_json(c)},
                         {"shares", shares_json(c)},
                         {"budgets", budgets_json(c)},
                         {"verdict", c.verdict}};
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string to_csv(const Comparison& c) {
  return csv(c, array(c, c.rows, row_json));
}

std::string pairs_to_csv(const Comparison& c) {
  return csv(c, array(c, c.pairs, pair_json));
}

}  // namespace unroll
