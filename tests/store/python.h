// A results file in a folder of its own and the Python that reads it.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "store/results.h"
#include "tests/store/samples.h"
#include "tests/support/process.h"

namespace unroll {

// The sweep of experiments/quickstart.yaml with made-up numbers.
Results sample_quickstart();

// Tests are skipped where a library is missing.
class Python : public ::testing::Test {
 protected:
  void SetUp() override;

  // Runs Python in `folder`.
  testing::ProcessResult run(std::vector<std::string> arguments);
  // Runs it and returns what it printed; skips the test if a library is missing.
  std::string expect_success(const std::vector<std::string>& arguments);
  static void skip(const std::string& why);
  // Path of a file of the project.
  static std::string source(const std::string& name) { return UNROLL_SOURCE_DIR + ("/" + name); }

  MemoryFolder folder;
  std::filesystem::path file = folder / "results/quickstart.h5";
  Results results = sample_quickstart();
};

}  // namespace unroll
