// experiments/README.md is true: its examples load, and its table is the key table.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "sweep/diagnostics.h"
#include "sweep/keys.h"
#include "sweep/plan.h"
#include "tests/sweep/files.h"

namespace unroll {
namespace {

const std::filesystem::path kFolder = std::filesystem::path(UNROLL_SOURCE_DIR) / "experiments";

// The blocks of code of one language.
std::vector<std::string> blocks(const std::string& text, const std::string& language) {
  std::vector<std::string> found;
  const std::string fence = "```" + language + "\n";
  for (std::size_t at = text.find(fence); at != text.npos; at = text.find(fence, at)) {
    at += fence.size();
    const std::size_t end = text.find("```", at);
    found.push_back(text.substr(at, end - at));
    at = end + 3;
  }
  return found;
}

TEST(Readme, EveryExampleLoads) {
  const std::vector<std::string> examples = blocks(read_file(kFolder / "README.md"), "yaml");
  EXPECT_GE(examples.size(), 8U);
  for (const std::string& example : examples) {
    try {
      const Plan plan = parse_plan(example, kFolder / "README.yaml");
      const std::vector<std::string> runs = comments(example, "runs");
      if (!runs.empty()) {
        EXPECT_EQ(fmt::format("{}", plan.runs.size()), runs[0]) << example;
      }
    } catch (const SpecErrors& errors) {
      ADD_FAILURE() << errors.what() << "\n" << example;
    }
  }
}

TEST(Readme, HoldsTheKeyTable) {
  EXPECT_NE(read_file(kFolder / "README.md").find(key_table_markdown()), std::string::npos)
      << "experiments/README.md does not hold this table:\n"
      << key_table_markdown();
}

TEST(Readme, EveryExperimentOfTheFolderLoads) {
  for (const std::filesystem::path& file : yaml_files(kFolder)) {
    try {
      EXPECT_FALSE(load_plan(file).runs.empty()) << file;
    } catch (const std::exception& error) {
      // Public data is not shipped.
      const bool needs_data = std::string(error.what()).find("scripts/get_datasets ") != std::string::npos;
      EXPECT_TRUE(needs_data) << error.what();
    }
  }
}

}  // namespace
}  // namespace unroll
