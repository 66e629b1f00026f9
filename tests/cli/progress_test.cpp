#include "cli/progress.h"

#include <gtest/gtest.h>

#include <limits>

namespace unroll {
namespace {

ProgressState sample() {
  ProgressState state;
  state.total = 30;
  state.finished = 11;
  state.failed = 1;
  state.work_share = 0.615;
  state.eta_seconds = 10.2;
  state.best = "valid_loss 0.0021 (cell=gru seq_len=60)";
  return state;
}

TEST(ProgressLine, ShowsWhatMatters) {
  EXPECT_EQ(progress_line(sample(), 200),
            " [############--------]  11/30 runs  61% of work  ETA 10 s  1 failed  best valid_loss 0.0021 "
            "(cell=gru seq_len=60)");
}

TEST(ProgressLine, FitsEveryWidth) {
  for (std::size_t width = 0; width < 200; ++width) {
    EXPECT_LE(progress_line(sample(), width).size(), width == 0 ? 0 : width - 1) << width;
  }
  EXPECT_EQ(progress_line(sample(), 40), " [####----]  11/30 runs  61% of work  E");
  EXPECT_EQ(progress_line(sample(), 39), "  11/30 runs  61% of work  ETA 10 s  1");
}

TEST(ProgressLine, IsHonestAtBothEnds) {
  ProgressState state;
  state.total = 3;
  EXPECT_EQ(progress_line(state, 80), " [--------------------]  0/3 runs  0% of work");
  state.work_share = 0.9999;  // not done is not 100
  state.finished = 2;
  EXPECT_EQ(progress_line(state, 80), " [###################-]  2/3 runs  99% of work");
  state.work_share = 1.0;
  state.finished = 3;
  EXPECT_EQ(progress_line(state, 80), " [####################]  3/3 runs  100% of work");
}

TEST(ProgressText, IsTheSameWithoutTheBar) {
  ProgressState state = sample();
  state.diverged = 2;
  EXPECT_EQ(progress_text(state),
            "11/30 runs, 61% of work, ETA 10 s, 1 failed, 2 diverged, best valid_loss 0.0021 (cell=gru "
            "seq_len=60)");
  state.stopping = true;
  state.best.clear();
  EXPECT_EQ(progress_text(state), "11/30 runs, 61% of work, stopping, 1 failed, 2 diverged");
}

TEST(ProgressTracker, CountsByWorkNotByRuns) {
  ProgressTracker tracker({1.0, 1.0, 8.0}, 2, "valid_loss", true);
  tracker.begin(0, 0);
  tracker.end(0, RunState::kDone);
  tracker.begin(1, 0);
  tracker.begin(2, 1);
  tracker.advance(1, 0.25);
  const ProgressState state = tracker.state(3.0);
  EXPECT_EQ(state.finished, 1U);
  EXPECT_DOUBLE_EQ(state.work_share, 0.3);
  // 3 units in 3 seconds: 7 left would take 7 s on both workers, but 6 of them are one run on one worker.
  EXPECT_DOUBLE_EQ(state.eta_seconds.value(), 12.0);
}

TEST(ProgressTracker, EarlierSessionsCountAsDoneButNotAsSpeed) {
  ProgressTracker tracker({5.0, 5.0, 5.0, 5.0}, 1, "valid_loss", true);
  tracker.skip(0, RunState::kDone);
  tracker.skip(1, RunState::kFailed);  // its work leaves the total
  EXPECT_DOUBLE_EQ(tracker.state(0.0).work_share, 1.0 / 3.0);
  EXPECT_EQ(tracker.state(9.0).eta_seconds, std::nullopt);
  tracker.begin(2, 0);
  tracker.end(0, RunState::kDiverged);
  const ProgressState state = tracker.state(2.0);
  EXPECT_EQ(state.finished, 3U);
  EXPECT_EQ(state.failed, 1U);
  EXPECT_EQ(state.diverged, 1U);
  EXPECT_DOUBLE_EQ(state.eta_seconds.value(), 2.0);
}

// The part of a run that a session before trained, too.
TEST(ProgressTracker, ARunThatIsTakenUpAgainIsNotSpeedWhereItStarts) {
  ProgressTracker tracker({10.0, 10.0}, 1, "valid_loss", true);
  tracker.begin(0, 0);
  tracker.advance(0, 0.8, 0.8);
  EXPECT_DOUBLE_EQ(tracker.state(1.0).work_share, 0.4);
  EXPECT_EQ(tracker.state(1.0).eta_seconds, std::nullopt);
  tracker.advance(0, 0.9, 0.8);
  EXPECT_DOUBLE_EQ(tracker.state(1.0).eta_seconds.value(), 11.0);
  tracker.end(0, RunState::kMissing);
  tracker.begin(0, 0);
  tracker.advance(0, 1.0, 0.9);  // of this session
  tracker.end(0, RunState::kDone);
  EXPECT_DOUBLE_EQ(tracker.state(2.0).eta_seconds.value(), 10.0);
  tracker.begin(1, 0);
  tracker.advance(0, 0.5, 0.5);
  tracker.end(0, RunState::kFailed);  // its work leaves the total
  EXPECT_DOUBLE_EQ(tracker.state(2.0).eta_seconds.value(), 0.0);
}

TEST(ProgressTracker, OnlyWhatIsExpectedIsLeft) {
  ProgressTracker tracker({10.0, 10.0, 10.0}, 1, "valid_loss", true);
  tracker.expect(10.0);  // three tenths of each, one of which goes on for a tenth
  for (const std::size_t run : {0, 1, 2}) {
    tracker.begin(run, 0, 0.3);
    tracker.advance(0, 0.3);
    tracker.end(0, RunState::kMissing);
  }
  EXPECT_DOUBLE_EQ(tracker.state(9.0).work_share, 0.9);
  EXPECT_DOUBLE_EQ(tracker.state(9.0).eta_seconds.value(), 1.0);
  tracker.expect(2.0);  // it is two tenths
  EXPECT_DOUBLE_EQ(tracker.state(9.0).eta_seconds.value(), 2.0);
  for (const std::size_t run : {0, 1}) {
    tracker.begin(run, 0, 0.3);
    tracker.end(0, RunState::kPruned);
  }
  tracker.begin(2, 0, 0.5);
  tracker.advance(0, 0.4);
  EXPECT_DOUBLE_EQ(tracker.state(10.0).eta_seconds.value(), 1.0);
  tracker.end(0, RunState::kDiverged);
  EXPECT_EQ(tracker.state(10.0).finished, 3U);
  EXPECT_EQ(tracker.state(10.0).diverged, 1U);
}

TEST(ProgressTracker, ARunThatWaitsIsNotFinishedAndGoesOnWhereItWas) {
  ProgressTracker tracker({1.0, 1.0}, 1, "valid_loss", true);
  tracker.begin(0, 0);
  tracker.advance(0, 0.9);
  tracker.end(0, RunState::kMissing);
  EXPECT_EQ(tracker.state(1.0).finished, 0U);
  EXPECT_DOUBLE_EQ(tracker.state(1.0).work_share, 0.45);
  tracker.begin(0, 0);
  EXPECT_DOUBLE_EQ(tracker.state(1.0).work_share, 0.45);
  tracker.advance(0, 1.0);
  tracker.end(0, RunState::kDone);
  EXPECT_DOUBLE_EQ(tracker.state(1.0).work_share, 0.5);
}

TEST(ProgressTracker, IsNotDoneBeforeTheLastRunIs) {
  ProgressTracker tracker({1.0}, 1, "valid_loss", true);
  tracker.begin(0, 0);
  tracker.advance(0, 1.0);  // it is still to be tested
  EXPECT_LT(tracker.state(1.0).work_share, 1.0);
  tracker.end(0, RunState::kDone);
  EXPECT_EQ(tracker.state(1.0).work_share, 1.0);
}

TEST(ProgressTracker, OfAPrunedRunTheRestIsNoWork) {
  ProgressTracker tracker({1.0, 1.0}, 1, "valid_loss", true);
  tracker.begin(0, 0);
  tracker.advance(0, 0.25);
  tracker.end(0, RunState::kPruned);
  EXPECT_EQ(tracker.state(1.0).finished, 1U);
  EXPECT_DOUBLE_EQ(tracker.state(1.0).work_share, 0.2);
}

TEST(ProgressTracker, KeepsTheBest) {
  ProgressTracker low({1.0}, 1, "valid_loss", true);
  low.offer(0.5, "cell=rnn");
  low.offer(0.25, "cell=gru");
  low.offer(0.75, "cell=lstm");
  low.offer(std::numeric_limits<double>::quiet_NaN(), "cell=bad");
  low.offer(-std::numeric_limits<double>::infinity(), "cell=bad");
  EXPECT_EQ(low.state(0.0).best, "valid_loss 0.250 (cell=gru)");
  ProgressTracker high({1.0}, 1, "valid_accuracy", false);
  high.offer(0.5, "cell=rnn");
  high.offer(0.75, "cell=gru");
  EXPECT_EQ(high.state(0.0).best, "valid_accuracy 0.750 (cell=gru)");
}

TEST(LogPace, SpeaksAtEveryTenthAndAfterHalfAMinute) {
  LogPace pace;
  EXPECT_FALSE(pace.due(0.0, 1.0));
  EXPECT_FALSE(pace.due(0.09, 2.0));
  EXPECT_TRUE(pace.due(0.1, 3.0));
  EXPECT_FALSE(pace.due(0.15, 4.0));
  EXPECT_TRUE(pace.due(0.45, 5.0));  // once, not three times
  EXPECT_FALSE(pace.due(0.45, 34.0));
  EXPECT_TRUE(pace.due(0.45, 35.0));
  EXPECT_FALSE(pace.due(0.49, 64.0));
}

}  // namespace
}  // namespace unroll
