#include "report/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/error.h"
#include "tests/report/fake_sweep.h"

namespace unroll {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr double kInf = std::numeric_limits<double>::infinity();

TEST(Compare, TheQuickstartHasItsVerdict) {
  const Comparison c = compare(quickstart_results());
  ASSERT_EQ(c.rows.size(), 6U);
  ASSERT_EQ(c.pairs.size(), 6U);
  ASSERT_EQ(c.overall.size(), 3U);
  EXPECT_EQ(
      c.verdict.front(),
      "At seq_len 100, lstm and gru beat rnn in 5 of 5 paired seeds (rnn stays at the chance level 0.167).");
  const CompareRow& rnn = c.rows[3];
  EXPECT_EQ(c.methods[rnn.method], "rnn");
  EXPECT_EQ(std::get<std::int64_t>(c.points[rnn.point][0]), 100);
  EXPECT_DOUBLE_EQ(rnn[Statistic::kMedian], 0.1671);
  EXPECT_DOUBLE_EQ(rnn[Statistic::kIqm], 0.3 * 0.1664 + 0.4 * 0.1671 + 0.3 * 0.1680);
  EXPECT_EQ(rnn.against_chance, AgainstChance::kAt);
  EXPECT_DOUBLE_EQ(rnn.chance, 1.0 / 6.0);
  EXPECT_DOUBLE_EQ(rnn.params, 1000.0);
  EXPECT_DOUBLE_EQ(rnn.seconds, 0.25);

  const ComparePair& pair = c.pairs[3];
  EXPECT_EQ(c.methods[pair.better], "lstm");
  EXPECT_EQ(c.methods[pair.other], "rnn");
  EXPECT_EQ(pair.counts.wins, 5U);
  EXPECT_TRUE(pair.shown);
  EXPECT_FALSE(pair.holds);
  EXPECT_DOUBLE_EQ(pair.raw_p, 0.0625);
  EXPECT_DOUBLE_EQ(pair.p_value, 0.375) << "six pairs, so six times";
  EXPECT_DOUBLE_EQ(pair.difference, 0.0066 - 0.1680);
  EXPECT_LT(pair.difference_interval.high, -0.15);
}

TEST(Compare, OverallTheUnitIsTheSeed) {
  // b is better at three of four points, in all seeds but the last, where it is worse everywhere.
  FakeSweep sweep({"cell", "seq_len"});
  for (std::int64_t seq_len : {1, 2, 3, 4}) {
    sweep.add({"a", seq_len}, {1.0, 1.1, 1.2, 1.3, 1.4, 1.5});
    const double d = seq_len == 4 ? 0.5 : -0.5;
    sweep.add({"b", seq_len}, {1.0 + d, 1.1 + d, 1.2 + d, 1.3 + d, 1.4 + d, 9.0});
  }
  const Comparison c = compare(sweep.results());
  ASSERT_EQ(c.overall.size(), 1U);
  const ComparePair& all = c.overall[0];
  EXPECT_EQ(c.methods[all.better], "b");
  EXPECT_EQ(all.counts.wins, 5U);
  EXPECT_EQ(all.counts.losses, 1U);
  EXPECT_EQ(all.runs.wins, 15U);
  EXPECT_EQ(all.runs.losses, 9U);
  EXPECT_EQ(all.points_shown, 0U);
  EXPECT_EQ(all.points_reversed, 1U);
  EXPECT_FALSE(all.shown);
  EXPECT_TRUE(std::isnan(all.difference));
}

TEST(Compare, ManySeedsHoldAfterTheCorrection) {
  std::vector<double> low;
  std::vector<double> high;
  for (int i = 0; i < 12; ++i) {
    low.push_back(0.01 + 0.001 * i);
    high.push_back(0.02 + 0.0013 * i);
  }
  const Comparison c = compare(FakeSweep({"cell"}).add({"rnn"}, high).add({"gru"}, low).results());
  ASSERT_EQ(c.pairs.size(), 1U);
  EXPECT_TRUE(c.pairs[0].holds);
  EXPECT_THAT(c.verdict, Contains("gru beats rnn in 12 of 12 paired seeds."));
  EXPECT_THAT(c.verdict,
              Contains("Corrected for 1 comparison (Holm), p is at most 0.05 for the difference shown."));
  EXPECT_THAT(c.overall, IsEmpty()) << "one point only";
}

TEST(Compare, ADivergedRunIsWorseThanAnyAndNeverDropped) {
  const Results results = FakeSweep({"cell"})
                              .add({"rnn"}, {kDivergedRun, kDivergedRun, kDivergedRun, 0.1, 0.1})
                              .add({"gru"}, {9.0, 9.0, kDivergedRun, 0.2, 0.2})
                              .results();
  const Comparison c = compare(results);
  EXPECT_EQ(c.rows[0].n, 5U);
  EXPECT_EQ(c.rows[0].diverged, 3U);
  EXPECT_EQ(c.rows[0][Statistic::kMedian], kInf);
  EXPECT_EQ(c.rows[0][Statistic::kMax], kInf);
  EXPECT_DOUBLE_EQ(c.rows[0][Statistic::kMin], 0.1);
  EXPECT_TRUE(std::isfinite(c.rows[1][Statistic::kIqm]));
  const ComparePair& pair = c.pairs[0];
  EXPECT_EQ(pair.counts.wins, 2U);
  EXPECT_EQ(pair.counts.ties, 1U) << "diverged against diverged";
  EXPECT_EQ(pair.counts.losses, 2U);
  EXPECT_THAT(c.verdict, Contains("rnn: 3 of 5 runs diverged and count as the worst."));
}

TEST(Compare, FailedAndMissingRunsAreCountedBesideThePairs) {
  const Results results = FakeSweep({"cell"})
                              .add({"rnn"}, {0.1, 0.1, kFailedRun, kMissingRun, 0.1})
                              .add({"gru"}, {0.2, 0.2, 0.2, 0.2, kMissingRun})
                              .results();
  const Comparison c = compare(results);
  EXPECT_EQ(c.rows[0].n, 3U);
  EXPECT_EQ(c.rows[0].failed, 1U);
  EXPECT_EQ(c.rows[0].missing, 1U);
  EXPECT_EQ(c.pairs[0].counts.total(), 2U);
  EXPECT_TRUE(std::isnan(c.pairs[0].interval.low));
  EXPECT_EQ(c.pairs[0].p_value, 1.0);
  EXPECT_THAT(c.verdict, Contains("2 of 10 runs are missing and in no figure."));
  EXPECT_THAT(c.verdict, Contains("1 of 10 runs failed and is in no figure."));
}

TEST(Compare, AMetricThatIsBetterHighTurnsEverythingRound) {
  CompareOptions options;
  options.metric = "valid_accuracy";
  const Comparison c = compare(quickstart_results(), options);
  EXPECT_FALSE(c.minimize);
  EXPECT_THAT(c.verdict, Contains("At seq_len 30 and 100, lstm and gru beat rnn in 5 of 5 paired seeds."));
  EXPECT_GT(c.pairs[0].difference, 0.0);
  EXPECT_LE(c.pairs[0].difference_interval.low, c.pairs[0].difference);
  EXPECT_TRUE(std::isnan(c.rows[0].chance)) << "the chance level is one of losses";
  EXPECT_EQ(c.chance_rule, "");

  const Comparison diverged = compare(
      FakeSweep({"cell"}).add({"rnn"}, {0.1, 0.1, 0.1}).add({"gru"}, {kDivergedRun, 0.2, 0.3}).results(),
      options);
  EXPECT_EQ(diverged.rows[1][Statistic::kMin], -kInf);
  EXPECT_EQ(diverged.pairs[0].counts.wins, 3U);
}

TEST(Compare, WhereAnIntervalLiesAgainstChance) {
  const auto verdict_of = [](const std::vector<double>& losses) {
    return compare(FakeSweep({"cell"}).chance(1.0).add({"rnn"}, losses).results()).rows[0].against_chance;
  };
  EXPECT_EQ(verdict_of({0.5, 0.6, 0.7}), AgainstChance::kBetter);
  EXPECT_EQ(verdict_of({0.97, 1.01, 1.02}), AgainstChance::kAt);
  EXPECT_EQ(verdict_of({0.5, 1.01, 1.02}), AgainstChance::kNotShown);
  EXPECT_EQ(verdict_of({0.97, 1.01, kDivergedRun}), AgainstChance::kNotShown);
  EXPECT_EQ(verdict_of({1.2, 1.3, 1.4}), AgainstChance::kWorse);
  EXPECT_EQ(verdict_of({0.5, 0.6}), AgainstChance::kUnknown) << "no interval";
  const Results without = FakeSweep({"cell"}).chance(kNoValue).add({"rnn"}, {0.5, 0.6, 0.7}).results();
  EXPECT_EQ(compare(without).rows[0].against_chance, AgainstChance::kUnknown);
}

TEST(Compare, SaysWhyThereIsNoVerdict) {
  CompareOptions options;
  options.metric = "grad_norm";
  const Comparison undirected = compare(quickstart_results(), options);
  EXPECT_THAT(undirected.pairs, IsEmpty());
  EXPECT_EQ(undirected.rows.size(), 6U);
  EXPECT_THAT(undirected.verdict.front(), HasSubstr("Neither a low nor a high grad_norm is better"));

  FakeSweep disjoint({"cell", "lr"});
  disjoint.add({"rnn", 0.1}, {0.1, 0.2, 0.3})
      .add({"gru", 0.2}, {0.1, 0.2, 0.3})
      .add({"gru", 0.3}, {0.1, 0.2, 0.3});
  EXPECT_THAT(compare(disjoint.results()).verdict.front(),
              StartsWith("The methods share fewer than 3 seeds"));

  FakeSweep many({"lr"});
  for (int i = 1; i <= 21; ++i) many.add({0.01 * i}, {0.1, 0.2, 0.3});
  const Comparison c = compare(many.results());
  EXPECT_THAT(c.pairs, IsEmpty());
  EXPECT_THAT(c.verdict.at(0), StartsWith("Of 21 settings"));
  EXPECT_THAT(c.verdict.at(1), StartsWith("lr has 21 values, too many to compare in pairs"));

  EXPECT_THAT(
      compare(FakeSweep({"cell"}).add({"a"}, {0.1, 0.2}).add({"b"}, {0.1, 0.2}).results()).verdict,
      ElementsAre(
          "Only 2 seeds finished: no interval and no verdict. 5 seeds or more can show a difference."));
}

TEST(Compare, LevelMustBeAShare) {
  CompareOptions options;
  for (double level : {0.0, 1.0, 95.0, std::nan("")}) {
    options.level = level;
    EXPECT_THROW(compare(quickstart_results(), options), UsageError);
  }
  options.level = 0.9;
  const Comparison narrow = compare(quickstart_results(), options);
  EXPECT_GT(narrow.pairs[0].interval.low, compare(quickstart_results()).pairs[0].interval.low);
}

TEST(Compare, JsonHoldsEveryFigure) {
  const auto json = nlohmann::json::parse(to_json(compare(quickstart_results())));
  EXPECT_EQ(json.at("schema"), kCompareSchema);
  EXPECT_EQ(json.at("metric"), "valid_loss");
  EXPECT_EQ(json.at("goal"), "minimize");
  EXPECT_EQ(json.at("unit"), "mean squared error");
  ASSERT_EQ(json.at("rows").size(), 6U);
  EXPECT_EQ(json.at("rows")[3].at("at").at("seq_len"), 100);
  EXPECT_EQ(json.at("rows")[3].at("against_chance"), "at_chance");
  EXPECT_EQ(json.at("rows")[3].at("median"), 0.1671);
  EXPECT_EQ(json.at("pairs")[3].at("p_holm"), 0.375);
  EXPECT_TRUE(json.at("pairs")[3].at("shown"));
  EXPECT_TRUE(json.at("pairs")[3].at("seeds_needed").is_null());
  EXPECT_EQ(json.at("pairs")[2].at("seeds_needed"), 187);
  EXPECT_EQ(json.at("overall")[0].at("run_wins"), 10);
  EXPECT_EQ(json.at("verdict").size(), compare(quickstart_results()).verdict.size());

  const auto diverged =
      nlohmann::json::parse(to_json(compare(FakeSweep({"cell"}).add({"a"}, {0.1, kDivergedRun}).results())));
  EXPECT_TRUE(diverged.at("rows")[0].at("median").is_null());
  EXPECT_EQ(diverged.at("rows")[0].at("diverged"), 1);
}

TEST(Compare, LatexPrintsEveryCharacterOfAName) {
  FakeSweep sweep({"cell"});
  sweep.add({R"(a\b_{c}~^%)"}, {0.5}).add({"[x<y>|z\n#$&"}, {0.5});
  const std::string table = to_latex(compare(sweep.results()));
  EXPECT_THAT(table, HasSubstr(R"(a\textbackslash{}b\_\{c\}\textasciitilde{}\textasciicircum{}\% & 1 &)"));
  EXPECT_THAT(table, HasSubstr(R"({[}x\textless{}y\textgreater{}\textbar{}z \#\$\& & 1 &)"));
}

TEST(Compare, CsvIsRfc4180) {
  FakeSweep sweep({"cell", "file"});
  sweep.add({"rnn", "a, \"b\".csv"}, {0.5, 0.5, 0.5}).add({"gru", "c.csv"}, {0.5, 0.5, 0.5});
  sweep.add({"gru", "a, \"b\".csv"}, {0.25, 0.25, kDivergedRun});
  const Comparison c = compare(sweep.results());
  const std::string rows = to_csv(c);
  EXPECT_THAT(rows,
              StartsWith("experiment,metric,method,file,n,missing,failed,diverged,pruned,median,iqm,min,max,"
                         "iqm_low,iqm_high,chance,against_chance,params,wall_seconds\r\n"
                         "fake,valid_loss,rnn,\"a, \"\"b\"\".csv\",3,0,0,0,0,0.5,0.5,0.5,0.5,0.5,0.5,"));
  EXPECT_THAT(rows, HasSubstr("fake,valid_loss,gru,\"a, \"\"b\"\".csv\",3,0,0,1,0,0.25,,0.25,,0.25,,"));
  EXPECT_EQ(rows.substr(rows.size() - 2), "\r\n");
  EXPECT_THAT(pairs_to_csv(c),
              StartsWith("experiment,metric,better,other,file,pairs,wins,ties,losses,probability,"));

  // Without other settings there is no column for them.
  EXPECT_THAT(to_csv(compare(FakeSweep({"cell"}).add({"rnn"}, {0.5}).results())),
              StartsWith("experiment,metric,method,n,"));
}

}  // namespace
}  // namespace unroll
