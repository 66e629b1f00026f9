#include "report/ranks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <regex>

#include "report/paired.h"
#include "tests/report/fixtures.h"

namespace unroll {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr double kInf = std::numeric_limits<double>::infinity();

TEST(Ranks, AgreeWithScipy) {
  const auto cases = statistics_fixtures("ranks");
  ASSERT_GE(cases.size(), 9U);
  for (const auto& c : cases) {
    const auto losses = c.at("losses").get<std::vector<std::vector<double>>>();
    const RankTable table = rank_methods(losses, 0.95);
    ASSERT_EQ(table.mean_rank.size(), losses[0].size());
    for (std::size_t m = 0; m < losses[0].size(); ++m) {
      EXPECT_NEAR(table.mean_rank[m], c.at("mean_rank")[m].get<double>(), 1e-12);
    }
    EXPECT_NEAR(table.statistic, c.at("statistic").get<double>(), 1e-9);
    EXPECT_NEAR(table.p_value, c.at("p").get<double>(), 1e-9);
    EXPECT_NEAR(table.critical_difference, c.at("critical_difference").get<double>(), 1e-5);
  }
}

TEST(Ranks, PairsUnderWilcoxonAgreeWithScipy) {
  const auto cases = statistics_fixtures("wilcoxon_holm");
  ASSERT_GE(cases.size(), 4U);
  for (const auto& c : cases) {
    const RankTable table =
        rank_methods(c.at("losses").get<std::vector<std::vector<double>>>(), 0.95, PostHoc::kWilcoxon);
    ASSERT_EQ(table.pairs.size(), c.at("pairs").size());
    for (std::size_t i = 0; i < table.pairs.size(); ++i) {
      const RankedPair& pair = table.pairs[i];
      EXPECT_EQ(pair.a, c.at("pairs")[i][0].get<std::size_t>());
      EXPECT_EQ(pair.b, c.at("pairs")[i][1].get<std::size_t>());
      EXPECT_NEAR(pair.p_value, c.at("p")[i].get<double>(), 1e-9);
      // Two methods share a group exactly if they are not shown to differ.
      const bool together = std::any_of(table.groups.begin(), table.groups.end(), [&](const auto& group) {
        return std::count(group.begin(), group.end(), pair.a) +
                   std::count(group.begin(), group.end(), pair.b) ==
               2;
      });
      EXPECT_EQ(together, pair.p_value > 0.05);
    }
    EXPECT_TRUE(std::isnan(table.critical_difference));
  }
}

TEST(Ranks, ManyEqualMethodsAreOneGroup) {
  std::vector<double> block(300);
  for (std::size_t i = 0; i < block.size(); ++i) block[i] = static_cast<double>(i % 2);
  const RankTable table = rank_methods(std::vector<std::vector<double>>(5, block), 0.95);
  ASSERT_EQ(table.groups.size(), 1U);
  EXPECT_EQ(table.groups[0].size(), 300U);
}

TEST(Ranks, OneSideOfTheSignedRankTestAgreesWithScipy) {
  for (const auto& c : statistics_fixtures("signed_rank_tails")) {
    EXPECT_NEAR(signed_rank_tail(c.at("differences").get<std::vector<double>>()), c.at("p").get<double>(),
                1e-6);
  }
}

TEST(Ranks, TheStudentizedRangeOfTwoIsANormalDifference) {
  EXPECT_NEAR(studentized_range_quantile(0.95, 2), 1.959963985 * std::sqrt(2.0), 1e-6);
  EXPECT_NEAR(studentized_range_quantile(0.95, 3), 3.314493, 1e-5);
  EXPECT_NEAR(studentized_range_quantile(0.95, 10), 4.474124, 1e-5);
}

TEST(Ranks, DivergedRunsRankLastAndShareIt) {
  const RankTable table = rank_methods(std::vector<std::vector<double>>(6, {kInf, 0.1, kInf}), 0.95);
  EXPECT_THAT(table.mean_rank, ElementsAre(2.5, 1.0, 2.5));
}

TEST(Ranks, GroupsAreMaximal) {
  // Ranks 1, 2, 3, 4 always, and a critical difference between 1 and 2.
  const RankTable table = rank_methods(std::vector<std::vector<double>>(14, {1.0, 2.0, 3.0, 4.0}), 0.95);
  ASSERT_GT(table.critical_difference, 1.0);
  ASSERT_LT(table.critical_difference, 2.0);
  EXPECT_THAT(table.groups, ElementsAre(ElementsAre(0, 1), ElementsAre(1, 2), ElementsAre(2, 3)));
  EXPECT_THAT(rank_diagram_text(table, {"a", "b", "c", "d"}), HasSubstr("  b  2.00  |"));
  EXPECT_THAT(rank_diagram_svg(table, {"a<", "b", "c", "d"}), HasSubstr(">a&lt; 1.00</text>"));
}

// Every label of the picture, by its width at 7 pixels for a character, is within its frame.
void expect_labels_inside(const std::string& svg) {
  std::smatch frame;
  ASSERT_TRUE(std::regex_search(svg, frame, std::regex("viewBox=\"0 0 ([0-9.]+) ")));
  const double width = std::stod(frame[1]);
  const std::regex label(
      "<text x=\"([0-9.]+)\" y=\"[0-9.]+\"(?: "
      "text-anchor=\"(\\w+)\")?>(?:<title>[^<]*</title>)?([^<]*)</text>");
  std::size_t found = 0;
  for (std::sregex_iterator at(svg.begin(), svg.end(), label), end; at != end; ++at, ++found) {
    const double x = std::stod((*at)[1]);
    const double length = 7.0 * static_cast<double>((*at)[3].length());
    const std::string anchor = (*at)[2];
    const double begin = anchor == "end" ? x - length : anchor == "middle" ? x - length / 2.0 : x;
    EXPECT_GE(begin, 0.0) << (*at)[0];
    EXPECT_LE(begin + length, width) << (*at)[0];
  }
  EXPECT_GE(found, 6U);
}

TEST(Ranks, LongNamesAndWideDifferencesAreInsideTheDiagram) {
  const RankTable table = rank_methods(std::vector<std::vector<double>>(14, {1.0, 2.0, 3.0}), 0.95);
  const std::string name = "gru_reset_before (hidden 128, layers 2)";
  expect_labels_inside(rank_diagram_svg(table, {"rnn", name, name + "!"}));
  RankTable wide = table;
  wide.critical_difference = 7.0;
  expect_labels_inside(rank_diagram_svg(wide, {"a", "b", "c"}));
  const std::string endless = std::string(100, 'a') + "&" + std::string(100, 'b');
  const std::string svg = rank_diagram_svg(table, {"rnn", "gru", endless});
  expect_labels_inside(svg);
  EXPECT_THAT(svg,
              HasSubstr("<title>" + std::string(100, 'a') + "&amp;" + std::string(100, 'b') + "</title>aaa"));
  EXPECT_THAT(svg, HasSubstr("aaa\u2026bbb"));
}

TEST(Ranks, TheTicksOfManyMethodsDoNotTouch) {
  std::vector<double> block(40);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < block.size(); ++i) {
    block[i] = static_cast<double>(i);
    names.push_back("m" + std::to_string(i));
  }
  const std::string svg =
      rank_diagram_svg(rank_methods(std::vector<std::vector<double>>(5, block), 0.95), names);
  const std::regex place("<text x=\"([0-9.]+)\" y=\"[0-9.]+\" text-anchor=\"middle\">");
  std::vector<double> places;
  for (std::sregex_iterator at(svg.begin(), svg.end(), place), end; at != end; ++at)
    places.push_back(std::stod((*at)[1]));
  ASSERT_EQ(places.size(), 40U);
  for (std::size_t i = 1; i < places.size(); ++i) EXPECT_GE(places[i] - places[i - 1], 20.0);
  expect_labels_inside(svg);
}

TEST(Ranks, TooLittleIsNotRanked) {
  EXPECT_THAT(rank_methods(std::vector<std::vector<double>>(4, {1.0, 2.0, 3.0}), 0.95).mean_rank, IsEmpty());
  EXPECT_THAT(rank_methods(std::vector<std::vector<double>>(9, {1.0, 2.0}), 0.95).mean_rank, IsEmpty());
  EXPECT_THAT(rank_methods({}, 0.95).mean_rank, IsEmpty());
}

TEST(Ranks, AllEqualIsNoDifference) {
  const RankTable table = rank_methods(std::vector<std::vector<double>>(6, {1.0, 1.0, 1.0}), 0.95);
  EXPECT_EQ(table.p_value, 1.0);
}

}  // namespace
}  // namespace unroll
