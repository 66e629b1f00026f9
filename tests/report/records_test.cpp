// What runs leave beside numbers: confusion matrices and texts, and the chance levels of accuracies and bits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "report/compare.h"
#include "report/confusion.h"
#include "report/page.h"
#include "report/run_text.h"
#include "report/text_table.h"
#include "tests/report/fake_sweep.h"

namespace unroll {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// Two cells, two seeds each, three classes; the second run knows its classes in another order.
Results classifying() {
  Results results = FakeSweep({"cell"}).add({"rnn"}, {0.4, 0.5}).add({"lstm"}, {0.1, 0.2}).results();
  for (RunRecord& run : results.runs) {
    run.classes = {"cat", "dog", "<b>"};
    run[Metric::kConfusion] = {8, 2, 0, 1, 9, 0, 0, 0, 5};
    run[Metric::kTestAccuracy] = {22.0 / 25.0};
    run[Metric::kChanceTestAccuracy] = {0.4};
  }
  results.runs[1].classes = {"dog", "cat", "<b>"};
  results.runs[1][Metric::kConfusion] = {10, 0, 0, 4, 6, 0, 0, 1, 4};
  return results;
}

TEST(Confusion, AddsRunsByTheNamesOfTheirClasses) {
  const Results results = classifying();
  const Confusion sum = sum_confusion(results, {0, 1});
  EXPECT_THAT(sum.classes, ElementsAre("cat", "dog", "<b>"));
  EXPECT_THAT(sum.counts, ElementsAre(14, 6, 0, 1, 19, 0, 1, 0, 9));
  EXPECT_DOUBLE_EQ(sum.share(0, 1), 0.3);
  EXPECT_EQ(mistakes(sum, 2), "Most confused: cat taken for dog (30 %), <b> taken for cat (10 %).");
  EXPECT_TRUE(sum_confusion(quickstart_results(), {0, 1}).empty());
  Confusion right{{"a", "b"}, {3, 0, 0, 0}};
  EXPECT_EQ(mistakes(right, 5), "");
  EXPECT_EQ(right.share(1, 1), 0.0);
}

TEST(Page, ShowsMatricesAndTextsOfAllMethods) {
  Results results = classifying();
  for (std::size_t run = 0; run < results.runs.size(); ++run) {
    results.runs[run].sample = "run " + std::to_string(run) + " says: <i>\n\xc3\xa4";
    results.runs[run][Metric::kTestBits] = {2.125};
  }
  const Comparison c = compare(results);
  const std::string matrices = confusion_html(results, c);
  EXPECT_THAT(matrices,
              AllOf(HasSubstr("<caption>rnn</caption>"), HasSubstr("<caption>lstm</caption>"),
                    HasSubstr(">14</td>"), HasSubstr("cat taken for dog (30 %)"), HasSubstr("&lt;b&gt;"),
                    Not(HasSubstr("<b>")), HasSubstr("all seeds together")));
  const std::string texts = samples_html(results, c);
  EXPECT_THAT(texts,
              AllOf(HasSubstr("<h4>rnn</h4><pre class=\"sample\">run 0 says: &lt;i&gt;\n\xc3\xa4</pre>"),
                    HasSubstr("<h4>lstm</h4><pre class=\"sample\">run 2"),
                    HasSubstr("run 0, 2.12 bits per character"), Not(HasSubstr("run 1"))));
  EXPECT_THAT(to_html(results, c),
              AllOf(HasSubstr("What the nets write"), HasSubstr("Which class is taken")));
  const Results without = quickstart_results();
  EXPECT_EQ(confusion_html(without, compare(without)), "");
  EXPECT_EQ(samples_html(without, compare(without)), "");
}

TEST(RunText, ShowsNumbersMatrixAndText) {
  Results results = classifying();
  results.runs[2].sample = "to be\nor not";
  EXPECT_EQ(best_run(results), 2U);
  const std::string text = run_text(results, 2, 100);
  EXPECT_THAT(text, AllOf(HasSubstr("fake: run 2 (3), done\n  cell lstm, seed 0\n"), HasSubstr("valid_loss"),
                          HasSubstr("after the last epoch"), HasSubstr("chance_test_accuracy  0.400"),
                          HasSubstr("cat taken for dog (20 %)"), HasSubstr("  dog    1    9    .   90 %"),
                          HasSubstr("What the net writes\n  to be\n  or not\n")));
  // Too wide for the terminal: the mistakes alone.
  EXPECT_THAT(run_text(results, 2, 10), AllOf(HasSubstr("taken"), Not(HasSubstr("90 %"))));
  results.runs[0] = RunRecord();
  EXPECT_EQ(run_text(results, 0, 100), "fake: run 0 (1), missing\n  cell rnn, seed 0\n");
}

TEST(Compare, HoldsAccuracyAndBitsAgainstChanceToo) {
  Results results = classifying();
  for (RunRecord& run : results.runs) run[Metric::kTestBits] = {1.0};
  CompareOptions options;
  options.metric = "test_accuracy";
  const Comparison accuracy = compare(results, options);
  EXPECT_EQ(accuracy.rows[0].chance, 0.4);
  EXPECT_EQ(accuracy.chance_rule, results.manifest.chance_rule);
  options.metric = "test_bits";
  EXPECT_NEAR(compare(results, options).rows[0].chance, 1.0 / 6.0 / std::numbers::ln2, 1e-12);
}

TEST(Compare, CallsFoldsFolds) {
  FakeSweep sweep({"fold", "hidden"});
  for (const std::int64_t fold : {0, 1, 2, 3, 4}) {
    for (const std::int64_t hidden : {8, 32}) {
      const double loss = 0.01 * static_cast<double>(fold + hidden);
      sweep.add({fold, hidden}, {loss});
    }
  }
  const Results results = sweep.results();
  const Comparison c = compare(results);
  EXPECT_EQ(c.repeat, "fold");
  EXPECT_THAT(c.verdict, Contains(HasSubstr("hidden 8 beats hidden 32 in 5 of 5 paired folds")));
  for (const std::string& text : {to_text(c, 100), to_html(results, c)}) {
    const std::string page = text.substr(0, text.find("<script"));
    EXPECT_THAT(page, AllOf(HasSubstr("paired by fold"), Not(HasSubstr("seeds"))));
  }
  EXPECT_EQ(compare(quickstart_results()).repeat, "seed");
}

}  // namespace
}  // namespace unroll
