// `unroll run` on a terminal: the line that rewrites itself, and Ctrl-C.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/cli/program.h"
#include "tests/cli/pseudo_terminal.h"

namespace unroll::testing {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::size_t kColumns = 60;
const std::string kClear = "\r\x1b[K";

TEST(Terminal, ShowsOneLineThatFitsAndGoesAway) {
  const Workplace place(Workplace::kLong);
  OnTerminal run({program_path(), "run", "a.yaml", "-j", "1"}, place.folder());
  run.read_all();
  EXPECT_EQ(run.exit_code(), 0) << run.output();
  const std::string& output = run.output();
  EXPECT_THAT(output, AllOf(HasSubstr(kClear + " ["), HasSubstr("% of work"), EndsWith("\n")));
  std::size_t frames = 0;
  for (std::size_t at = output.find(kClear); at != std::string::npos; at = output.find(kClear, at + 1)) {
    const std::size_t begin = at + kClear.size();
    const std::string frame = output.substr(begin, output.find_first_of("\r\n", begin) - begin);
    if (frame.rfind(" [", 0) != 0) continue;
    ++frames;
    EXPECT_LT(frame.size(), kColumns) << frame;
  }
  EXPECT_GE(frames, 1U);
  // The last frame is cleared before the last lines are written.
  const std::size_t last = output.rfind(kClear) + kClear.size();
  EXPECT_THAT(output.substr(last), AllOf(HasSubstr("core efficiency"), Not(HasSubstr("% of work"))));
}

TEST(Terminal, CtrlCStopsAndSaysHowToContinue) {
  const Workplace place(Workplace::kLong);
  OnTerminal run({program_path(), "run", "a.yaml", "-j", "1"}, place.folder());
  run.read_until("% of work");
  run.type('\x03');
  run.read_all();
  EXPECT_EQ(run.exit_code(), 130) << run.output();
  EXPECT_THAT(run.output(), HasSubstr("to continue:"));
}

}  // namespace
}  // namespace unroll::testing
