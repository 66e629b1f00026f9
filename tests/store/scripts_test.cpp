// The Python of scripts/ that reads results: it runs on every sweep, and shows every run.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <regex>

#include "tests/store/python.h"

namespace unroll {
namespace {

// Nets of one layer and of two in one point, a setting that the rnn does not have, and a gru that was stopped
// before the end of training.
Results uneven() {
  Results results = sample_quickstart();
  std::vector<double> forget_bias;
  for (std::size_t i = 0; i < results.runs.size(); ++i) {
    const std::string& cell = std::get<2>(results.manifest.settings[0].values)[i];
    forget_bias.push_back(cell == "rnn" ? std::nan("") : 1.0);
    if (cell == "gru") {
      results.runs[i] = sample_run(1);
      std::vector<double>& norms = results.runs[i][Metric::kGradHidden];
      std::fill(norms.begin() + static_cast<std::ptrdiff_t>(norms.size() / 3 * 2), norms.end(), std::nan(""));
    } else if (cell == "lstm") {
      results.runs[i] = sample_run(i < 15 ? 2 : 1);
    }
  }
  results.manifest.settings.push_back({"forget_bias", "model.forget_bias", "", "bias", forget_bias});
  return results;
}

// Every run has diverged in its first epoch.
Results diverged() {
  Results results = sample_quickstart();
  for (RunRecord& run : results.runs) {
    run = RunRecord();
    run.state = RunState::kDiverged;
  }
  return results;
}

Results without_settings() {
  Results results = sample_quickstart();
  results.manifest.settings.clear();
  return results;
}

TEST_F(Python, TheScriptRuns) {
  const std::string out = expect_success({source("scripts/read_results.py"), file});
  if (IsSkipped()) return;
  for (const char* word : {"lstm", "gru", "rnn", "100", "mean squared error"}) {
    EXPECT_NE(out.find(word), std::string::npos) << word << "\n" << out;
  }
}

TEST_F(Python, TheScriptShowsRunsWithoutASetting) {
  write_results(file, uneven());
  const std::string out = expect_success({source("scripts/read_results.py"), file});
  if (IsSkipped()) return;
  const std::regex row("rnn +30 +NaN ");
  EXPECT_EQ(std::distance(std::sregex_iterator(out.begin(), out.end(), row), std::sregex_iterator()), 2)
      << out;
}

TEST_F(Python, TheScriptNeedsNeitherSettingsNorLosses) {
  write_results(file, without_settings());
  const std::string one = expect_success({source("scripts/read_results.py"), file});
  if (IsSkipped()) return;
  EXPECT_NE(one.find("30 runs; losses"), std::string::npos) << one;
  EXPECT_NE(one.find("lag"), std::string::npos) << one;
  write_results(file, diverged());
  const std::string none = expect_success({source("scripts/read_results.py"), file});
  EXPECT_NE(none.find("diverged    30\nno run has a validation loss\n"), std::string::npos) << none;
}

TEST_F(Python, TheFiguresShowRunsWithoutASetting) {
  write_results(file, uneven());
  expect_success({source("scripts/plot_figures.py"), file, folder / "figures"});
  if (IsSkipped()) return;
  for (const char* figure : {"curves", "gradients", "losses"}) {
    const std::string svg = read_bytes(folder / ("figures/" + std::string(figure) + ".svg"));
    // Each text of a figure is a comment, too: a panel for each combination, and all methods in the legend.
    const std::regex panel("<!-- seq_len (30|100), forget_bias (unset|1.0) -->");
    EXPECT_EQ(std::distance(std::sregex_iterator(svg.begin(), svg.end(), panel), std::sregex_iterator()), 4)
        << figure;
    for (const char* cell : {"rnn", "lstm"}) {
      EXPECT_NE(svg.find("<!-- " + std::string(cell) + " -->"), std::string::npos) << figure << " " << cell;
    }
  }
}

TEST_F(Python, WithoutNumbersThereAreNoFigures) {
  write_results(file, diverged());
  const testing::ProcessResult result = run({source("scripts/plot_figures.py"), file, folder / "figures"});
  if (result.err.find("No module named") != std::string::npos) return skip(result.err);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.err,
            file.string() + ": no run recorded a validation loss or gradients: nothing to draw\n");
}

TEST_F(Python, TheFiguresAreDrawn) {
  expect_success({source("scripts/plot_figures.py"), file, folder / "figures"});
  if (IsSkipped()) return;
  for (const char* figure : {"curves", "gradients", "losses"}) {
    for (const char* suffix : {".pdf", ".svg"}) {
      EXPECT_GT(read_bytes(folder / ("figures/" + std::string(figure) + suffix)).size(), 1000U)
          << figure << suffix;
    }
  }
}

TEST_F(Python, TheNotebookRuns) {
  expect_success({source("tests/store/run_notebook.py"), source("scripts/read_results.ipynb")});
}

TEST_F(Python, TheNotebookShowsRunsWithoutASetting) {
  write_results(file, uneven());
  std::string notebook = read_bytes(source("scripts/read_results.ipynb"));
  const std::string choice = R"(\"cell\", \"seq_len\")";
  ASSERT_NE(notebook.find(choice), std::string::npos);
  notebook.replace(notebook.find(choice), choice.size(), R"(\"cell\", \"forget_bias\")");
  write_bytes(folder / "notebook.ipynb", notebook);
  write_bytes(folder / "run.py",
              read_bytes(source("tests/store/run_notebook.py")) +
                  "print(names['panels'], len(names['runs'].groupby([names['other']])))\n");
  const std::string out = expect_success({folder / "run.py", folder / "notebook.ipynb"});
  if (IsSkipped()) return;
  EXPECT_EQ(out, "[1.0, 'unset'] 2\n");
}

}  // namespace
}  // namespace unroll
