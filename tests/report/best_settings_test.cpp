// A sweep whose settings are drawn.
#include "report/best_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/page.h"
#include "tests/report/fake_sweep.h"

namespace unroll {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// One cell at each of `points` learning rates; the loss falls with each.
Results drawn(int points) {
  FakeSweep sweep({"cell", "lr"});
  for (int p = 0; p < points; ++p) {
    const double loss = 1.0 / (1 + p);
    sweep.add({p % 2 == 0 ? "gru" : "rnn", 0.123456789012 + p}, {loss, loss});
  }
  return sweep.results();
}

TEST(BestSettings, ManyPointsWithOneMethodEachAreScattered) {
  EXPECT_TRUE(is_scattered(compare(drawn(12))));
  EXPECT_FALSE(is_scattered(compare(drawn(8))));  // they can be read one by one
  EXPECT_FALSE(is_scattered(compare(quickstart_results())));
  CompareOptions by_rate;
  by_rate.by = "lr";
  EXPECT_TRUE(is_scattered(compare(drawn(24), by_rate)));
  EXPECT_FALSE(is_scattered(compare(drawn(12), by_rate)));
}

TEST(BestSettings, AreInTheOrderOfTheirValues) {
  const Comparison c = compare(drawn(30));
  const std::vector<const CompareRow*> best = best_settings(c, 3);
  ASSERT_EQ(best.size(), 3U);
  EXPECT_EQ(setting_words(c, *best[0]), "rnn at lr 29.123");
  EXPECT_EQ(setting_words(c, *best[1]), "gru at lr 28.123");
  EXPECT_EQ(setting_words(c, *best[2]), "rnn at lr 27.123");
  EXPECT_THAT(c.verdict.at(0),
              HasSubstr("Of 30 settings rnn at lr 29.123 has the best valid_loss: 0.0333, before gru"));
  EXPECT_TRUE(c.shares.factors.empty());
  const std::string text = to_text(c, 100);
  EXPECT_THAT(text, HasSubstr("The best 20 of 30 settings"));
  EXPECT_LT(text.find("lr 29.123"), text.find("lr 10.123"));
  EXPECT_THAT(text, Not(HasSubstr("lr 9.1235")));
}

// Of a sweep that is not finished some settings have nothing to show.
TEST(BestSettings, OnlyThoseWithAResultAreCounted) {
  FakeSweep sweep({"cell", "lr"});
  for (int p = 0; p < 30; ++p) sweep.add({"gru", 0.5 + p}, {p < 6 ? 1.0 / (1 + p) : kMissingRun});
  const Comparison c = compare(sweep.results());
  EXPECT_EQ(settings_with_result(c), 6U);
  EXPECT_THAT(to_text(c, 100),
              AllOf(HasSubstr("The best 6 of 6 settings; 24 have no result\n"), Not(HasSubstr("--csv"))));
  const std::string page = method_table_html(c);
  EXPECT_THAT(page, AllOf(HasSubstr("24 settings have no result."), Not(HasSubstr("The best 6"))));
}

TEST(BestSettings, ThePageSaysHowManyOfVeryManyItShows) {
  EXPECT_THAT(method_table_html(compare(drawn(240))), HasSubstr("The best 200 of 240 settings."));
}

// Short names that are the same for two values would make two methods one.
TEST(BestSettings, NamesOfMethodsTellThemApart) {
  FakeSweep sweep({"lr"});
  sweep.add({0.10000001}, {1, 2, 3}).add({0.10000002}, {4, 5, 6});
  EXPECT_THAT(compare(sweep.results()).methods, testing::ElementsAre("0.10000001", "0.10000002"));
}

TEST(BestSettings, TheChartsOfTheReportShowTheBestOnes) {
  const Results results = drawn(30);
  const Comparison c = compare(results);
  const Results best = runs_of_best(results, c, 8);
  ASSERT_EQ(best.runs.size(), 16U);
  EXPECT_EQ(best.manifest.run_ids.size(), 16U);
  EXPECT_EQ(compare(best).methods.size(), 8U);
  const std::string page = to_html(results, c);
  EXPECT_THAT(page, HasSubstr("The charts, and the tables of gradients, nets and classes below them, are "
                              "about the best 8 settings."));
  EXPECT_THAT(page, HasSubstr("\"methods\":[\"rnn at lr 29.123\",\"gru at lr 28.123\""));
}

}  // namespace
}  // namespace unroll
