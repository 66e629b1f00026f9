#include "cli/console.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace unroll {
namespace {

Environment terminal() {
  Environment environment;
  environment.term = "xterm-256color";
  return environment;
}

TEST(Color, FollowsTheTerminal) {
  EXPECT_TRUE(wants_color(ColorMode::kAuto, true, terminal()));
  EXPECT_FALSE(wants_color(ColorMode::kAuto, false, terminal()));
}

TEST(Color, TheFlagBeatsTheEnvironment) {
  Environment environment = terminal();
  environment.no_color = "1";
  EXPECT_TRUE(wants_color(ColorMode::kAlways, false, environment));
  environment = terminal();
  environment.force_color = "1";
  EXPECT_FALSE(wants_color(ColorMode::kNever, true, environment));
}

TEST(Color, RespectsTheEnvironment) {
  Environment environment = terminal();
  environment.no_color = "1";
  EXPECT_FALSE(wants_color(ColorMode::kAuto, true, environment));
  environment.force_color = "1";  // NO_COLOR wins
  EXPECT_FALSE(wants_color(ColorMode::kAuto, true, environment));
  environment.no_color = "";
  EXPECT_TRUE(wants_color(ColorMode::kAuto, false, environment));
  environment.force_color = "0";
  EXPECT_FALSE(wants_color(ColorMode::kAuto, false, environment));
  environment = terminal();
  environment.term = "dumb";
  EXPECT_FALSE(wants_color(ColorMode::kAuto, true, environment));
}

TEST(Live, NeedsATerminalThatSomebodyWatches) {
  EXPECT_TRUE(wants_live(true, terminal()));
  EXPECT_FALSE(wants_live(false, terminal()));
  Environment environment = terminal();
  environment.ci = "true";
  EXPECT_FALSE(wants_live(true, environment));
  environment = terminal();
  environment.term = "dumb";
  EXPECT_FALSE(wants_live(true, environment));
  EXPECT_FALSE(wants_live(true, Environment{}));
}

TEST(Color, ModeIsOneOfThree) {
  EXPECT_EQ(parse_color_mode("auto"), ColorMode::kAuto);
  EXPECT_EQ(parse_color_mode("always"), ColorMode::kAlways);
  EXPECT_EQ(parse_color_mode("never"), ColorMode::kNever);
  EXPECT_THROW(parse_color_mode("maybe"), UsageError);
}

}  // namespace
}  // namespace unroll
