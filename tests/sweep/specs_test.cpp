// Every file of specs/ok loads as its first comments say; every file of specs/bad is refused with exactly the
// errors that its first comments list.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/error.h"
#include "sweep/diagnostics.h"
#include "sweep/plan.h"
#include "tests/sweep/files.h"

namespace unroll {
namespace {

std::vector<std::string> ids(const Plan& plan) {
  std::vector<std::string> list;
  for (std::size_t i = 0; i < plan.runs.size(); ++i) list.push_back(plan.runs.id(i));
  return list;
}

class GoodSpec : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(GoodSpec, LoadsAsItSays) {
  const std::string text = read_file(GetParam());
  const Plan plan = load_plan(GetParam(), comments(text, "set"));
  EXPECT_EQ(fmt::format("{}", plan.runs.size()), comments(text, "runs").at(0));
  std::vector<std::string> names;
  for (const PlanAxis& axis : plan.axes) names.push_back(axis.name);
  const std::vector<std::string> wanted = comments(text, "axes");
  EXPECT_EQ(fmt::format("{}", fmt::join(names, " ")), wanted.empty() ? "" : wanted[0]);
  std::set<std::string> unique;
  for (const std::string& id : ids(plan)) {
    EXPECT_EQ(id.size(), 32U);
    EXPECT_TRUE(unique.insert(id).second) << "two runs are " << id;
  }
}

TEST_P(GoodSpec, ResolvedReadsBackToTheSamePlan) {
  const Plan plan = load_plan(GetParam(), comments(read_file(GetParam()), "set"));
  const Plan again = parse_plan(plan.resolved, "/elsewhere/resolved.yaml");
  EXPECT_EQ(ids(again), ids(plan)) << plan.resolved;
  EXPECT_EQ(again.hash, plan.hash);
  EXPECT_EQ(again.resolved, plan.resolved);
  EXPECT_EQ(again.name, plan.name);
  EXPECT_EQ(again.description, plan.description);
  EXPECT_EQ(again.metric.name, plan.metric.name);
  EXPECT_EQ(again.max_fails, plan.max_fails);
}

TEST_P(GoodSpec, RunsAreMadeFromTheirSettings) {
  const Plan plan = load_plan(GetParam(), comments(read_file(GetParam()), "set"));
  for (const PlannedRun& run : plan.runs) {
    ASSERT_EQ(run.settings.size(), plan.axes.size());
    for (std::size_t a = 0; a < plan.axes.size(); ++a) {
      EXPECT_THAT(plan.axes[a].values, testing::Contains(run.settings[a])) << plan.axes[a].key;
    }
    EXPECT_GT(run.estimate.params, 0U);
    EXPECT_GT(run.estimate.bytes, 0U);
    EXPECT_GT(run.estimate.flops, 0.0);
  }
}

class BadSpec : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(BadSpec, IsRefusedWithTheErrorsThatItLists) {
  const std::string text = read_file(GetParam());
  std::vector<std::string> found;
  const std::string folder = spec_folder("bad").string() + "/";
  try {
    load_plan(GetParam(), comments(text, "set"));
  } catch (const SpecErrors& errors) {
    for (const Diagnostic& d : errors.diagnostics()) {
      std::string line = fmt::format("{}: {}", d.where, d.message);
      for (std::size_t at = line.find(folder); at != line.npos; at = line.find(folder)) {
        line.erase(at, folder.size());
      }
      const std::string name = GetParam().filename().string() + ":";
      found.push_back(line.starts_with(name) ? line.substr(name.size()) : line);
    }
  }
  EXPECT_EQ(found, comments(text, "error"));
  EXPECT_FALSE(found.empty());
}

std::string test_name(const testing::TestParamInfo<std::filesystem::path>& info) {
  return info.param.stem().string();
}

INSTANTIATE_TEST_SUITE_P(Specs, GoodSpec, testing::ValuesIn(yaml_files(spec_folder("ok"))), test_name);
INSTANTIATE_TEST_SUITE_P(Specs, BadSpec, testing::ValuesIn(yaml_files(spec_folder("bad"))), test_name);

TEST(Spec, FileThatCannotBeReadIsAFileError) {
  EXPECT_THROW(load_plan("/nowhere/at_all.yaml"), FileError);
  EXPECT_THROW(load_plan(spec_folder("ok")), FileError);
}

}  // namespace
}  // namespace unroll
