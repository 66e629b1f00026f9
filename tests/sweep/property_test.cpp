// Properties that hold for any grid, whatever its axes.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <set>

#include "sweep/plan.h"

namespace unroll {
namespace {

// A part of the values of an axis.
struct Pick {
  std::string key;
  std::vector<std::string> values;

  std::string yaml() const { return fmt::format("    {}: [{}]\n", key, fmt::join(values, ", ")); }
};

rc::Gen<Pick> pick_of(std::string key, std::vector<std::string> all) {
  return rc::gen::map(rc::gen::inRange<std::size_t>(1, std::size_t{1} << all.size()),
                      [key, all](std::size_t bits) {
                        Pick pick{key, {}};
                        for (std::size_t i = 0; i < all.size(); ++i) {
                          if ((bits >> i & 1U) != 0) pick.values.push_back(all[i]);
                        }
                        return pick;
                      });
}

std::vector<Pick> any_axes() {
  std::vector<Pick> axes = {
      *pick_of("model.cell", {"rnn", "lstm", "gru"}), *pick_of("model.hidden", {"3", "4", "5", "8"}),
      *pick_of("train.lr", {"1e-3", "0.01", ".1"}), *pick_of("task.seq_len", {"20", "30"}),
      *pick_of("train.clip_value", {"0", "1", "2.5"})};
  const auto keep = *rc::gen::inRange<std::size_t>(1, axes.size() + 1);
  axes.resize(keep);
  return axes;
}

std::string yaml_of(const std::vector<Pick>& axes, std::uint32_t seeds) {
  std::string text = fmt::format("sweep:\n  seeds: {}\n  parameters:\n", seeds);
  for (const Pick& axis : axes) text += axis.yaml();
  return text;
}

std::set<std::string> id_set(const Plan& plan) {
  std::set<std::string> ids;
  for (std::size_t i = 0; i < plan.runs.size(); ++i) ids.insert(plan.runs.id(i));
  return ids;
}

RC_GTEST_PROP(PlanProperty, HasEveryCombinationOnce, ()) {
  const std::vector<Pick> axes = any_axes();
  const auto seeds = *rc::gen::inRange<std::uint32_t>(1, 4);
  const Plan plan = parse_plan(yaml_of(axes, seeds), "t.yaml");
  std::size_t product = seeds;
  for (const Pick& axis : axes) product *= axis.values.size();
  RC_ASSERT(plan.runs.size() == product);
  RC_ASSERT(id_set(plan).size() == product);
  std::set<std::string> settings;
  for (const PlannedRun& run : plan.runs) {
    std::string line = fmt::format("{}", run.config.seed.replicate);
    for (const SettingValue& value : run.settings) line += fmt::format(" {}", to_yaml(value));
    settings.insert(line);
  }
  RC_ASSERT(settings.size() == product);
}

RC_GTEST_PROP(PlanProperty, IdsDoNotDependOnTheOrderOfAxesAndValues, ()) {
  std::vector<Pick> axes = any_axes();
  const Plan plan = parse_plan(yaml_of(axes, 2), "t.yaml");
  std::reverse(axes.begin(), axes.end());
  for (Pick& axis : axes) std::reverse(axis.values.begin(), axis.values.end());
  RC_ASSERT(id_set(parse_plan(yaml_of(axes, 2), "t.yaml")) == id_set(plan));
}

RC_GTEST_PROP(PlanProperty, AnyRunWrittenAloneHasTheSameId, ()) {
  const std::vector<Pick> axes = any_axes();
  const Plan plan = parse_plan(yaml_of(axes, 3), "t.yaml");
  const PlannedRun run = plan.runs[*rc::gen::inRange<std::size_t>(0, plan.runs.size())];
  std::string text = fmt::format("sweep.seeds: [{}]\n", run.config.seed.replicate);
  for (std::size_t a = 0; a < plan.axes.size(); ++a) {
    text += fmt::format("{}: {}\n", plan.axes[a].key, to_yaml(run.settings[a]));
  }
  const Plan alone = parse_plan(text, "t.yaml");
  RC_ASSERT(alone.runs.size() == 1U);
  RC_ASSERT(alone.runs.id(0) == run.id);
}

RC_GTEST_PROP(PlanProperty, ResolvedIsAFixedPoint, ()) {
  const Plan plan = parse_plan(yaml_of(any_axes(), 2), "t.yaml");
  const Plan again = parse_plan(plan.resolved, "other.yaml");
  RC_ASSERT(again.hash == plan.hash);
  RC_ASSERT(again.resolved == plan.resolved);
}

RC_GTEST_PROP(PlanProperty, ExcludeRemovesExactlyTheMatches, ()) {
  std::vector<Pick> axes = any_axes();
  axes.push_back({"train.batch", {"8", "16"}});
  const Plan plan = parse_plan(yaml_of(axes, 1), "t.yaml");
  const PlannedRun victim = plan.runs[*rc::gen::inRange<std::size_t>(0, plan.runs.size())];
  std::string text = yaml_of(axes, 1) + "  exclude:\n    - {";
  for (std::size_t a = 0; a < plan.axes.size(); ++a) {
    text += fmt::format("{}{}: {}", a == 0 ? "" : ", ", plan.axes[a].key, to_yaml(victim.settings[a]));
  }
  std::set<std::string> wanted = id_set(plan);
  wanted.erase(victim.id);
  RC_ASSERT(id_set(parse_plan(text + "}\n", "t.yaml")) == wanted);
}

RC_GTEST_PROP(PlanProperty, NumbersSurviveBeingWritten, (std::int64_t digits, std::uint8_t scale)) {
  const double lr = std::ldexp(std::abs(static_cast<double>(digits)) + 1.0, -48 - scale);
  RC_PRE(lr < 1e6);
  const Plan plan = parse_plan(fmt::format("train: {{lr: {}}}", to_yaml(lr)), "t.yaml");
  RC_ASSERT(plan.runs[0].config.train.optimizer.lr == lr);
  RC_ASSERT(parse_plan(plan.resolved, "t.yaml").runs[0].config.train.optimizer.lr == lr);
}

// Letters that YAML gives a meaning to, in any order, survive as text.
RC_GTEST_PROP(PlanProperty, TextsSurviveBeingWritten, ()) {
  const auto text =
      *rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab 0-#:,[]{}&*!|>'\"%@`\\\n\t.~=_")));
  const std::string wanted = fmt::format("{}\xC3\xA9", text);
  const Plan plan = parse_plan(fmt::format("description: {}", to_yaml(wanted)), "t.yaml");
  RC_ASSERT(plan.description == wanted);
  RC_ASSERT(parse_plan(plan.resolved, "t.yaml").description == wanted);
}

}  // namespace
}  // namespace unroll
