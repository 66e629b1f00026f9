// Our own gate: the sweep of experiment.yaml against the committed baseline. It must be silent on sound
// programs, whatever the instruction set, and catch each planted defect where it is. After a change that is
// meant to change training:
//   unroll run tests/regression/experiment.yaml --out r.h5
//   unroll check r.h5 --baseline tests/regression/baseline.json
//       --policy tests/regression/policy.yaml --update-baseline
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "simd/targets.h"
#include "tests/support/process.h"

namespace unroll::testing {
namespace {

using Json = nlohmann::json;

const std::string kFolder = std::string(UNROLL_SOURCE_DIR) + "/tests/regression/";
const std::string kProgram = std::string(UNROLL_BINARY_DIR) + "/src/cli/unroll";

// The verdict of the gate on what `program` trains in the environment `env`.
ProcessResult gate(const std::string& program, const std::vector<std::pair<std::string, std::string>>& env,
                   const std::string& workers = "2") {
  const TempFolder folder;
  const ProcessResult run =
      run_process({program, "run", kFolder + "experiment.yaml", "--out", "r.h5", "-q", "-j", workers},
                  {folder.path(), env});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  return run_process({kProgram, "check", "r.h5", "--baseline", kFolder + "baseline.json", "--policy",
                      kFolder + "policy.yaml", "--json"},
                     {folder.path(), {}});
}

TEST(Gate, IsSilentOnTwentySoundRepeatsOnEveryInstructionSet) {
  std::vector<std::string> names;
  for (const simd::Target& target : simd::targets()) {
    if (target.supported) names.emplace_back(target.name);
  }
  ASSERT_GE(names.size(), 2U);
  for (std::size_t repeat = 0; repeat < 20; ++repeat) {
    const std::string& isa = names[repeat % names.size()];
    const ProcessResult result = gate(kProgram, {{"UNROLL_ISA", isa}}, repeat % 3 == 0 ? "1" : "2");
    ASSERT_EQ(result.exit_code, 0) << isa << "\n" << result.out << result.err;
    EXPECT_EQ(Json::parse(result.out)["verdict"], "passed") << isa;
  }
}

TEST(Gate, IsSilentOnThePlantedProgramWithoutADefect) {
  const ProcessResult result = gate(UNROLL_PLANTED, {});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
}

class PlantedDefect : public ::testing::TestWithParam<const char*> {};

TEST_P(PlantedDefect, IsCaughtWhereItIs) {
  const std::string defect = GetParam();
  const ProcessResult result = gate(UNROLL_PLANTED, {{"PLANT", defect}});
  ASSERT_EQ(result.exit_code, 1) << result.out << result.err;
  const bool cell = defect == "rnn" || defect == "lstm" || defect.rfind("gru", 0) == 0;
  std::set<std::string> caught;  // points
  const Json report = Json::parse(result.out);
  for (const Json& item : report["items"]) {
    if (item["verdict"] != "regressed") continue;
    const std::string where = item["where"].get<std::string>() + ",";
    const bool guilty =
        defect == "order" || where.find((cell ? "cell " : "optimizer ") + defect + ",") != std::string::npos;
    EXPECT_TRUE(guilty) << item.dump();
    caught.insert(where);
  }
  EXPECT_EQ(caught.size(), defect == "order" ? 16U : 4U) << "each point with the defect shows it";
}

INSTANTIATE_TEST_SUITE_P(Each, PlantedDefect,
                         ::testing::Values("rnn", "lstm", "gru", "gru_reset_before", "sgd", "rmsprop", "adam",
                                           "adagrad", "order"),
                         [](const auto& instance) { return std::string(instance.param); });

}  // namespace
}  // namespace unroll::testing
