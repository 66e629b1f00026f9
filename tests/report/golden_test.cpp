// The whole text output for hand-made sweeps, compared with tests/report/fixtures/NAME.txt. After a change
// that is meant, run with UNROLL_UPDATE_GOLDEN=1 and read the difference.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "report/compare.h"
#include "tests/report/fake_sweep.h"

namespace unroll {
namespace {

struct Golden {
  std::string name;
  Results results;
  std::size_t width = 100;
  CompareOptions options = {};
};

void PrintTo(const Golden& golden, std::ostream* out) {
  *out << golden.name;
}

std::vector<Golden> goldens() {
  std::vector<Golden> all;
  all.push_back({"quickstart", quickstart_results()});
  all.push_back({"quickstart_80", quickstart_results(), 80});
  all.push_back({"no_difference", FakeSweep({"cell"})
                                      .add({"lstm"}, {0.0101, 0.0122, 0.0093, 0.0142, 0.0111})
                                      .add({"gru"}, {0.0100, 0.0125, 0.0090, 0.0146, 0.0105})
                                      .results()});
  all.push_back({"diverged", FakeSweep({"cell", "seq_len"})
                                 .add({"rnn", 100}, {0.0112, kDivergedRun, kDivergedRun, 0.0210, 0.0131})
                                 .add({"lstm", 100}, {0.0021, 0.0018, kDivergedRun, 0.0025, 0.0019})
                                 .add({"gru", 100}, {0.0011, 0.0012, 0.0014, 0.0013, 0.0010})
                                 .results()});
  all.push_back({"missing", FakeSweep({"cell", "seq_len"})
                                .add({"rnn", 100}, {0.0112, kMissingRun, 0.0132, 0.0210, 0.0131})
                                .add({"lstm", 100}, {0.0021, 0.0018, 0.0044, kFailedRun, kMissingRun})
                                .add({"gru", 100}, {0.0011, 0.0012, 0.0014, 0.0013, kFailedRun})
                                .results()});
  all.push_back(
      {"one_seed",
       FakeSweep({"cell", "seq_len"}).add({"rnn", 100}, {0.1671}).add({"lstm", 100}, {0.0048}).results()});
  all.push_back({"by_first_axis", FakeSweep({"hidden", "lr"})
                                      .add({16, 1e-3}, {0.0212, 0.0250, 0.0198, 0.0310, 0.0231, 0.0201})
                                      .add({16, 1e-5}, {0.2121, 0.2150, 0.1980, 0.3010, 0.2210, 0.2001})
                                      .add({64, 1e-3}, {0.0112, 0.0150, 0.0098, 0.0210, 0.0131, 0.0101})
                                      .add({64, 1e-5}, {0.2112, 0.2151, 0.1908, 0.3020, 0.2230, 0.1991})
                                      .results()});
  all.push_back({"single_method",
                 FakeSweep({"seq_len"}).add({30}, {0.0112, 0.0150, 0.0098, 0.0210, 0.0131}).results()});
  FakeSweep grid({"cell", "hidden", "seq_len"});
  const std::vector<double> noise = {0.000, 0.003, 0.001, 0.004, 0.002, 0.005};
  for (const char* cell : {"rnn", "lstm", "gru"}) {
    for (std::int64_t hidden : {16, 32, 64}) {
      for (std::int64_t seq_len : {30, 100}) {
        std::vector<double> losses = noise;
        const bool stuck = cell == std::string("rnn") && seq_len == 100;
        for (std::size_t r = 0; r < losses.size(); ++r) {
          losses[r] += stuck ? 0.1650 : 0.32 / static_cast<double>(hidden);
          if (cell == std::string("gru")) losses[r] += 0.001 * (r % 2 == 0 ? 1.0 : -1.0);
        }
        grid.add({cell, hidden, seq_len}, losses);
      }
    }
  }
  all.push_back({"many_points", grid.results()});
  return all;
}

class GoldenText : public testing::TestWithParam<Golden> {};

TEST_P(GoldenText, IsAsCommitted) {
  const Golden& golden = GetParam();
  const std::string text = to_text(compare(golden.results, golden.options), golden.width);
  const std::string path = UNROLL_SOURCE_DIR "/tests/report/fixtures/" + golden.name + ".txt";
  if (std::getenv("UNROLL_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << text;
  std::stringstream expected;
  expected << std::ifstream(path).rdbuf();
  EXPECT_EQ(text, expected.str()) << "set UNROLL_UPDATE_GOLDEN=1 to accept";

  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), golden.width) << line;
    EXPECT_TRUE(line.empty() || line.back() != ' ') << "trailing space: " << line;
  }
}

INSTANTIATE_TEST_SUITE_P(Compare, GoldenText, testing::ValuesIn(goldens()),
                         [](const auto& golden) { return golden.param.name; });

}  // namespace
}  // namespace unroll
