#include "cli/help.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

namespace unroll {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr Option kOptions[] = {
    {"jobs", 'j', "N",
     "runs at once; a text that is long enough to be broken into two lines at the width that help has, which "
     "is 100"},
    {"quiet", 0, "", "say nothing"},
};
constexpr std::string_view kExamples[] = {"unroll run a.yaml", "unroll run a.yaml -j 4"};
constexpr Command kRun = {"run",    "train every run", "FILE.yaml", 1,      1,
                          kOptions, "Some sentences.", kExamples,   nullptr};
constexpr Option kGlobals[] = {{"help", 'h', "", "show this help"}};

TEST(Help, OfACommandShowsAnExampleFirst) {
  EXPECT_EQ(
      render_command_help(kRun, kGlobals),
      "unroll run: train every run\n"
      "\n"
      "  unroll run a.yaml\n"
      "  unroll run a.yaml -j 4\n"
      "\n"
      "Usage: unroll run FILE.yaml [options]\n"
      "\n"
      "Some sentences.\n"
      "\n"
      "Options:\n"
      "  -j, --jobs N  runs at once; a text that is long enough to be broken into two lines at the width\n"
      "                that help has, which is 100\n"
      "      --quiet   say nothing\n"
      "  -h, --help    show this help\n");
}

TEST(Help, OverviewShowsTwoExamplesAndEveryCommand) {
  const Command table[] = {kRun};
  EXPECT_EQ(render_overview(table, kGlobals),
            "unroll: batch experiments with recurrent nets\n"
            "\n"
            "  unroll run experiments/quickstart.yaml      train every run of an experiment\n"
            "  unroll compare results/quickstart.h5        see which cell is better, and how sure that is\n"
            "\n"
            "Commands:\n"
            "  run  train every run\n"
            "\n"
            "Options:\n"
            "  -h, --help  show this help\n"
            "\n"
            "'unroll help COMMAND' shows a command's options with examples.\n");
}

TEST(Wrap, BreaksAtSpacesOnly) {
  EXPECT_EQ(wrap("aa bb cc", 0, 5), "aa bb\ncc");
  EXPECT_EQ(wrap("aa bb cc", 2, 7), "aa bb\n  cc");
  EXPECT_EQ(wrap("abcdefgh i", 0, 4), "abcdefgh\ni");
  EXPECT_EQ(wrap("", 0, 4), "");
}

// What every row of the real table must have.
TEST(CommandTable, RowsAreComplete) {
  std::set<std::string_view> names;
  for (const Command& command : commands()) {
    EXPECT_TRUE(names.insert(command.name).second) << command.name;
    EXPECT_NE(command.run, nullptr) << command.name;
    EXPECT_FALSE(command.summary.empty()) << command.name;
    EXPECT_LE(command.min_arguments, command.max_arguments) << command.name;
    ASSERT_FALSE(command.examples.empty()) << command.name;
    for (const std::string_view example : command.examples) {
      EXPECT_THAT(std::string(example), StartsWith("unroll " + std::string(command.name))) << command.name;
    }
    std::set<std::string_view> options;
    std::set<char> letters;
    for (const std::span<const Option> table : {command.options, global_options()}) {
      for (const Option& option : table) {
        EXPECT_TRUE(options.insert(option.name).second) << command.name << " --" << option.name;
        EXPECT_TRUE(option.letter == 0 || letters.insert(option.letter).second)
            << command.name << " --" << option.name;
        EXPECT_FALSE(option.help.empty()) << command.name << " --" << option.name;
      }
    }
    const std::string help = render_command_help(command, global_options());
    EXPECT_THAT(help, HasSubstr(std::string(command.summary)));
  }
}

}  // namespace
}  // namespace unroll
