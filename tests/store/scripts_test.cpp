// The Python of scripts/ that reads results: it runs on every sweep, and shows every run.
#include <gtest/gtest.h>

#include "tests/store/python.h"

namespace unroll {
namespace {

TEST_F(Python, TheScriptRuns) {
  const std::string out = expect_success({source("scripts/read_results.py"), file});
  if (IsSkipped()) return;
  for (const char* word : {"lstm", "gru", "rnn", "100", "mean squared error"}) {
    EXPECT_NE(out.find(word), std::string::npos) << word << "\n" << out;
  }
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

}  // namespace
}  // namespace unroll
