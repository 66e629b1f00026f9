// The examples of the documentation are run: every YAML block loads, and every line that calls unroll works,
// one after the other, in a copy of the tree.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/process.h"

namespace unroll::testing {
namespace {

namespace fs = std::filesystem;

// Text of all fenced blocks of one language.
std::vector<std::string> blocks(const fs::path& file, const std::string& language) {
  std::ifstream in(file);
  std::vector<std::string> found;
  bool inside = false;
  bool wanted = false;
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("```", 0) == 0) {
      inside = !inside;
      wanted = inside && line == "```" + language;
      if (wanted) found.emplace_back();
    } else if (inside && wanted) {
      found.back() += line + "\n";
    }
  }
  return found;
}

// A tree like a checkout, in which the examples may write.
void make_tree(const fs::path& root) {
  for (const char* folder : {"experiments", "datasets"}) {
    fs::copy(fs::path(UNROLL_SOURCE_DIR) / folder, root / folder, fs::copy_options::recursive);
  }
  fs::create_directory(root / "results");
}

class Docs : public ::testing::TestWithParam<const char*> {};

TEST_P(Docs, CommandsWork) {
  const fs::path file = fs::path(UNROLL_SOURCE_DIR) / GetParam();
  const TempFolder folder;
  make_tree(folder.path());
  const std::string path = std::string(UNROLL_BINARY_DIR) + "/src/cli:" + std::getenv("PATH");
  std::size_t commands = 0;
  for (const std::string& block : blocks(file, "sh")) {
    std::istringstream lines(block);
    for (std::string line; std::getline(lines, line);) {
      if (line.rfind("unroll ", 0) != 0) continue;
      const ProcessResult result = run_process({"sh", "-c", line}, {folder.path(), {{"PATH", path}}});
      EXPECT_EQ(result.exit_code, 0) << GetParam() << ": " << line << "\n" << result.out << result.err;
      ++commands;
    }
  }
  RecordProperty("commands", static_cast<int>(commands));
}

TEST_P(Docs, YamlLoads) {
  const fs::path file = fs::path(UNROLL_SOURCE_DIR) / GetParam();
  const TempFolder folder;
  make_tree(folder.path());
  for (const std::string& block : blocks(file, "yaml")) {
    std::ofstream(folder.path() / "experiments" / "example.yaml") << block;
    const ProcessResult result =
        run_process({std::string(UNROLL_BINARY_DIR) + "/src/cli/unroll", "plan", "experiments/example.yaml"},
                    {folder.path(), {}});
    EXPECT_EQ(result.exit_code, 0) << GetParam() << ":\n" << block << result.err;
  }
}

INSTANTIATE_TEST_SUITE_P(Files, Docs,
                         ::testing::Values("README.md", "experiments/README.md", "datasets/README.md",
                                           "results/README.md"));

TEST(DocsFiles, TheMainReadmeHasExamples) {
  EXPECT_GE(blocks(fs::path(UNROLL_SOURCE_DIR) / "README.md", "yaml").size(), 1U);
  EXPECT_GE(blocks(fs::path(UNROLL_SOURCE_DIR) / "README.md", "sh").size(), 3U);
}

// Every experiment that is shipped loads, or says how to get the public data that it needs; the quickstart
// also runs, in quickstart's own way, by scripts/quickstart.
TEST(DocsFiles, EveryExperimentLoads) {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(UNROLL_SOURCE_DIR) / "experiments")) {
    if (entry.path().extension() != ".yaml") continue;
    const ProcessResult result =
        run_process({std::string(UNROLL_BINARY_DIR) + "/src/cli/unroll", "plan", entry.path().string()});
    const bool needs_data = result.err.find("get it with: scripts/get_datasets ") != std::string::npos;
    EXPECT_EQ(result.exit_code, needs_data ? 2 : 0) << entry.path() << "\n" << result.err;
    count += needs_data ? 0 : 1;
  }
  EXPECT_GE(count, 12U);
}

}  // namespace
}  // namespace unroll::testing
