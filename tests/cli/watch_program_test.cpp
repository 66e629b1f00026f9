// `unroll run --watch` on a pseudo terminal: the screen, its size, and the terminal afterwards.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/cli/program.h"
#include "tests/cli/pseudo_terminal.h"

namespace unroll::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::string kEnter = "\x1b[?1049h\x1b[?25l";
const std::string kLeave = "\x1b[?25h\x1b[?1049l";

std::vector<std::string> watched(std::vector<std::string> more = {}) {
  std::vector<std::string> words = {program_path(), "run", "a.yaml", "-j", "1", "--watch"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

std::size_t times(const std::string& text, const std::string& what) {
  std::size_t n = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

// The last frame of the screen before it was left.
std::vector<std::string> last_frame(const std::string& output) {
  const std::size_t end = std::min(output.rfind(kLeave), output.size());
  return screen_of(output.substr(0, end));
}

void expect_restored(const std::string& output) {
  EXPECT_GE(times(output, kEnter), 1U);
  EXPECT_EQ(times(output, kEnter), times(output, kLeave));
  EXPECT_LT(output.rfind(kEnter), output.rfind(kLeave));
}

TEST(Watch, ShowsAxesAndLossesAndLeavesTheTerminalAsItWas) {
  const Workplace place(Workplace::kLong);
  OnTerminal run(watched({"--events", "events.jsonl"}), place.folder(), {90, 30, {{"NO_COLOR", "1"}}});
  run.read_until("ended last");  // a run has ended
  const std::vector<std::string> frame = last_frame(run.output());
  EXPECT_THAT(frame.at(0), AllOf(StartsWith("long"), HasSubstr("of 20 runs")));
  EXPECT_THAT(frame.at(1), AllOf(StartsWith("[#"), HasSubstr("% of work")));
  EXPECT_THAT(frame, Contains(AllOf(StartsWith("cell"), HasSubstr("median"), HasSubstr("valid_loss"))));
  EXPECT_THAT(frame, Contains(AllOf(StartsWith("rnn"), HasSubstr("of 10"))));
  EXPECT_THAT(frame, Contains(AllOf(StartsWith("lstm"), HasSubstr("of 10"))));
  EXPECT_THAT(frame, Contains(StartsWith("running")));
  EXPECT_THAT(frame, Contains(AllOf(HasSubstr("seed="), HasSubstr("6 of 6"))));
  EXPECT_THAT(run.output(), Not(HasSubstr("\x1b[32m")));
  run.read_all();
  EXPECT_EQ(run.exit_code(), 0) << run.output();
  expect_restored(run.output());
  const std::string after = run.output().substr(run.output().rfind(kLeave));
  EXPECT_THAT(after, AllOf(HasSubstr("core efficiency"), HasSubstr("results in")));
  std::ifstream in(place.file("events.jsonl"));
  std::size_t ends = 0;
  for (std::string line; std::getline(in, line);) ends += nlohmann::json::parse(line).at("event") == "end";
  EXPECT_EQ(ends, 20U);
}

TEST(Watch, FollowsTheSizeOfTheWindow) {
  const Workplace place(Workplace::kLong);
  OnTerminal run(watched(), place.folder(), {120, 40, {{"LC_ALL", "C.UTF-8"}}});
  run.read_until("running");
  run.resize(33, 9);
  run.read_until("\x1b[J");
  run.read_until("\x1b[J");  // drawn after the change for certain
  run.read_until("\x1b[J");
  const std::vector<std::string> frame = last_frame(run.output());
  EXPECT_LE(frame.size(), 9U);
  for (const std::string& line : frame) {
    const auto columns = std::count_if(
        line.begin(), line.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
    EXPECT_LT(columns, 33) << line;
  }
  run.type('\x03');
  run.read_all();
  EXPECT_EQ(run.exit_code(), 130) << run.output();
}

TEST(Watch, CtrlCRestoresTheTerminalAndSaysHowToContinue) {
  const Workplace place(Workplace::kLong);
  OnTerminal run(watched(), place.folder());
  run.read_until("% of work");
  run.type('\x03');
  run.read_all();
  EXPECT_EQ(run.exit_code(), 130) << run.output();
  expect_restored(run.output());
  EXPECT_THAT(run.output().substr(run.output().rfind(kLeave)), HasSubstr("to continue:"));
}

TEST(Watch, ASecondSignalRestoresTheTerminalToo) {
  const Workplace place(std::string(Workplace::kLong) + "    task.seq_len: [4000]\n");  // slow to stop
  OnTerminal run(watched(), place.folder());
  run.read_until("% of work");
  run.signal(SIGTERM);
  run.signal(SIGINT);
  run.read_all();
  EXPECT_THAT(run.exit_code(), ::testing::AnyOf(128 + SIGTERM, 128 + SIGINT)) << run.output();
  expect_restored(run.output());
}

TEST(Watch, CtrlZGivesTheShellItsTerminal) {
  const Workplace place(Workplace::kLong);
  const std::string script = "\"$0\" run a.yaml -j 1 --watch; echo in the shell; fg";
  OnTerminal run({"/bin/sh", "-mc", script, program_path()}, place.folder());
  run.read_until("% of work");
  run.type('\x1a');
  run.read_until("in the shell");
  const std::string until = run.output().substr(0, run.output().find("in the shell"));
  EXPECT_EQ(times(until, kEnter), 1U);
  EXPECT_EQ(times(until, kLeave), 1U);
  run.read_all();
  EXPECT_EQ(run.exit_code(), 0) << run.output();
  EXPECT_EQ(times(run.output(), kEnter), 2U);
  expect_restored(run.output());
}

TEST(Watch, IsOrdinaryProgressWhereThereIsNoTerminal) {
  const Workplace place;
  const ProcessResult run = place.unroll({"run", "a.yaml", "--watch"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.err, AllOf(Not(HasSubstr("\x1b")), HasSubstr("results in")));
  const ProcessResult quiet = place.unroll({"run", "a.yaml", "--watch", "--quiet"});
  EXPECT_EQ(quiet.exit_code, 2);
  EXPECT_THAT(quiet.err, HasSubstr("does not go with --quiet"));
}

TEST(ScreenOf, ObeysWhatTheProgramWrites) {
  EXPECT_THAT(
      screen_of(
          "old\x1b[?1049h\x1b[?25l\x1b[Hab\x1b[K\r\nlong line\x1b[K\x1b[J\x1b[Hc\x1b[K\r\nd\x1b[K\x1b[J"),
      ElementsAre("c", "d"));
}

}  // namespace
}  // namespace unroll::testing
