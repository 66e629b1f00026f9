#include "report/leaders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/page.h"
#include "tests/report/fake_sweep.h"

namespace unroll {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using Losses = std::vector<double>;

const Losses kGood = {0.10, 0.11, 0.12};
const Losses kBad = {0.20, 0.22, 0.24};
const Losses kDiverged = {kDivergedRun, kDivergedRun, kDivergedRun};

// Two cells at hidden 8 and 16 of one length.
Comparison two_points(const Losses& rnn_8, const Losses& rnn_16, const Losses& lstm_8, const Losses& lstm_16,
                      bool lstm_first = false) {
  FakeSweep sweep({"cell", "hidden", "seq_len"});
  for (const bool lstm : {lstm_first, !lstm_first}) {
    sweep.add({lstm ? "lstm" : "rnn", 8, 30}, lstm ? lstm_8 : rnn_8);
    sweep.add({lstm ? "lstm" : "rnn", 16, 30}, lstm ? lstm_16 : rnn_16);
  }
  // The axis needs two values.
  sweep.add({"rnn", 8, 100}, kGood).add({"lstm", 8, 100}, kBad);
  return compare(sweep.results());
}

TEST(Leaders, TheBestAtMostPointsLeads) {
  const Comparison c = two_points(kBad, kBad, kGood, kGood);
  const Leader leader = find_leaders(c).at(0);
  EXPECT_THAT(leader.methods, ElementsAre(1));
  EXPECT_EQ(leader.wins, 2U);
  EXPECT_THAT(leader_sentences(c)[0],
              HasSubstr("At seq_len 30, lstm has the best valid_loss at 2 of 2 points, 2 times below"));
}

TEST(Leaders, NobodyLeadsWhereAllDiverged) {
  const Comparison c = two_points(kDiverged, kDiverged, kDiverged, kGood);
  EXPECT_FALSE(lead_at(c, 0).has_value());
  const Leader leader = find_leaders(c).at(0);
  EXPECT_THAT(leader.methods, ElementsAre(1));
  EXPECT_EQ(leader.wins, 1U);
  EXPECT_EQ(leader.points, 2U);
  EXPECT_THAT(leader_sentences(c)[0], HasSubstr("lstm has the best valid_loss at 1 of 2 points, and the next "
                                                "best diverged; a difference"));
  EXPECT_THAT(maps_html(c), AllOf(HasSubstr("<td>none</td>"), HasSubstr("lstm<br>others diverged</td>")));
}

TEST(Leaders, AFactorIsToldOfWhatDidNotDiverge) {
  const Comparison c = two_points(kBad, kDiverged, kGood, kGood);
  EXPECT_THAT(leader_sentences(c)[0],
              HasSubstr("at 2 of 2 points, 2 times below the next best where that did not diverge;"));
}

TEST(Leaders, EqualMethodsDoNotLeadWhateverTheirOrder) {
  for (const bool lstm_first : {false, true}) {
    const Comparison equal = two_points(kGood, kGood, kGood, kGood, lstm_first);
    EXPECT_FALSE(lead_at(equal, 0).has_value());
    EXPECT_THAT(maps_html(equal), Not(HasSubstr("lstm<br>")));
    const Comparison shared = two_points(kGood, kBad, kBad, kGood, lstm_first);
    EXPECT_THAT(find_leaders(shared).at(0).methods, ElementsAre(0, 1));
    EXPECT_THAT(leader_sentences(shared)[0],
                AllOf(HasSubstr(lstm_first ? "lstm and rnn have the best" : "rnn and lstm have the best"),
                      HasSubstr("at 1 of 2 points each; a difference")));
  }
}

TEST(Leaders, AnUnsetValueIsAPlaceLikeAnyOther) {
  FakeSweep sweep({"cell", "forget_bias"});
  sweep.add({"rnn", Unset{}}, kGood).add({"lstm", Unset{}}, kBad);
  sweep.add({"rnn", 1.0}, kBad).add({"lstm", 1.0}, kGood);
  const Comparison c = compare(sweep.results());
  ASSERT_EQ(find_leaders(c).size(), 2U);
  EXPECT_THAT(leader_sentences(c)[0], HasSubstr("At forget_bias unset, rnn has the best"));
}

TEST(Leaders, AnUnsetValueIsOneRowOfAMap) {
  FakeSweep sweep({"cell", "forget_bias", "init"});
  for (const char* init : {"torch", "orthogonal"}) {
    sweep.add({"rnn", Unset{}, init}, kGood).add({"lstm", Unset{}, init}, kBad);
    sweep.add({"rnn", 2.0, init}, kBad).add({"lstm", 2.0, init}, kGood).add({"lstm", 1.0, init}, kGood);
  }
  const std::string maps = maps_html(compare(sweep.results()));
  EXPECT_THAT(maps, AllOf(HasSubstr("<th scope=\"row\">1</th>"), Not(HasSubstr("nan"))));
  const std::size_t first = maps.find(">unset<");
  EXPECT_GT(first, maps.find(">2<"));
  EXPECT_EQ(maps.substr(0, maps.find("</table>")).find(">unset<", first + 1), std::string::npos);
}

TEST(Leaders, TheSharesOfAnUnsetSettingAreThoseOfItsValues) {
  FakeSweep sweep({"optimizer", "rho"});
  sweep.add({"sgd", Unset{}}, {0.4, 0.5})
      .add({"rmsprop", 0.9}, {0.1, 0.2})
      .add({"rmsprop", 0.99}, {0.2, 0.3});
  const Comparison c = compare(sweep.results());
  EXPECT_FALSE(c.shares.exact);  // 3 of 6 cells
  ASSERT_EQ(c.shares.factors.size(), 2U);
  EXPECT_EQ(c.shares.factors[1].factor, "rho");
  EXPECT_GT(c.shares.factors[1].share, c.shares.factors[0].share);  // it tells the optimizer, and more
}

}  // namespace
}  // namespace unroll
