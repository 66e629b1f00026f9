#include "cli/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace unroll {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Optional;
using Words = std::vector<std::string>;

constexpr Option kRunOptions[] = {
    {"jobs", 'j', "N", "runs at once"},
    {"quiet", 'q', "", "say nothing"},
    {"set", 0, "KEY=VALUE", "change a key", true},
    {"level", 0, "P", "a share"},
};
constexpr Command kTable[] = {
    {"run", "train", "FILE.yaml [KEY=VALUE ...]", 1, 3, kRunOptions, "", {}, nullptr},
    {"info", "show", "", 0, 0, {}, "", {}, nullptr},
};
constexpr Option kGlobals[] = {
    {"help", 'h', "", "help"},
    {"color", 0, "WHEN", "colour"},
    {"version", 0, "", "version"},
};

CommandLine parse(Words words) {
  words.insert(words.begin(), "unroll");
  return parse_command_line(words, kTable, kGlobals);
}

std::string error_of(const Words& words) {
  try {
    parse(words);
  } catch (const UsageError& e) {
    return e.what();
  }
  return "no error";
}

TEST(Arguments, FindsTheCommandItsOptionsAndItsFiles) {
  for (const Words& words :
       {Words{"run", "a.yaml", "-j", "4", "-q"}, Words{"run", "-j4", "-q", "a.yaml"},
        Words{"run", "--jobs=4", "a.yaml", "--quiet"}, Words{"run", "--jobs", "4", "-q", "a.yaml"},
        Words{"run", "-qj4", "a.yaml"}, Words{"run", "-q", "-j", "4", "--", "a.yaml"}}) {
    const CommandLine line = parse(words);
    ASSERT_NE(line.command, nullptr);
    EXPECT_EQ(line.command->name, "run");
    EXPECT_THAT(line.arguments.positional(), ElementsAre("a.yaml"));
    EXPECT_THAT(line.arguments.count("jobs"), Optional(4U));
    EXPECT_TRUE(line.arguments.has("quiet"));
    EXPECT_FALSE(line.help);
  }
}

TEST(Arguments, GlobalOptionsStandBeforeAndAfterTheCommand) {
  for (const Words& words : {Words{"--color", "never", "info"}, Words{"--color=never", "info"},
                             Words{"info", "--color", "never"}}) {
    const CommandLine line = parse(words);
    ASSERT_NE(line.command, nullptr);
    EXPECT_EQ(line.command->name, "info");
    EXPECT_THAT(line.arguments.text("color"), Optional(std::string("never")));
  }
}

TEST(Arguments, KeepsWhatLooksOddButIsMeant) {
  const CommandLine line = parse({"run", "--set", "lr=-0.5", "--set=a=b=c", "--", "run", "-weird=1"});
  EXPECT_THAT(line.arguments.all("set"), ElementsAre("lr=-0.5", "a=b=c"));
  EXPECT_THAT(line.arguments.positional(), ElementsAre("run", "-weird=1"));
}

TEST(Arguments, ASetOptionTakesOneWordOnly) {
  const CommandLine line = parse({"run", "--set", "a=1", "f.yaml", "b=2"});
  EXPECT_THAT(line.arguments.all("set"), ElementsAre("a=1"));
  EXPECT_THAT(line.arguments.positional(), ElementsAre("f.yaml", "b=2"));
}

TEST(Arguments, KeepsTheOrderOfWordsAndValues) {
  std::string order;
  for (const Arguments::Given& given :
       parse({"--color", "never", "run", "--set", "a=1", "f.yaml", "-q", "--set=b=2", "c=3"})
           .arguments.in_order("set")) {
    order += (given.positional ? " word " : " set ") + given.value;
  }
  EXPECT_EQ(order, " set a=1 word f.yaml set b=2 word c=3");
}

TEST(Arguments, NothingAtAllIsACallForHelp) {
  EXPECT_TRUE(parse({}).help);
  EXPECT_EQ(parse({}).command, nullptr);
  EXPECT_TRUE(parse({"--help"}).help);
  EXPECT_TRUE(parse({"-h"}).help);
  EXPECT_FALSE(parse({"--version"}).help);
  EXPECT_TRUE(parse({"--version"}).version);
}

TEST(Arguments, HelpNeedsNoFile) {
  for (const Words& words : {Words{"run", "-h"}, Words{"run", "--help"}, Words{"-h", "run"}}) {
    const CommandLine line = parse(words);
    EXPECT_TRUE(line.help);
    ASSERT_NE(line.command, nullptr);
    EXPECT_EQ(line.command->name, "run");
  }
}

TEST(Arguments, SuggestsWhatMayHaveBeenMeant) {
  EXPECT_THAT(error_of({"rnu", "a.yaml"}), HasSubstr("unknown command 'rnu' (did you mean 'run'?)"));
  EXPECT_THAT(error_of({"experiments/a.yaml"}), HasSubstr("unroll run experiments/a.yaml"));
  EXPECT_THAT(error_of({"xyzzy"}), HasSubstr("'unroll help' lists"));
  EXPECT_THAT(error_of({"run", "a.yaml", "--job", "4"}),
              HasSubstr("unknown option '--job' (did you mean '--jobs'?)"));
  EXPECT_THAT(error_of({"run", "a.yaml", "--quite"}), HasSubstr("did you mean '--quiet'?"));
  EXPECT_THAT(error_of({"info", "--jobs", "4"}), HasSubstr("unknown option '--jobs'"));
  EXPECT_THAT(error_of({"run", "a.yaml", "-x"}), HasSubstr("unknown option '-x'"));
}

TEST(Arguments, NamesAreNeverAbbreviated) {
  EXPECT_THAT(error_of({"run", "a.yaml", "--qui"}), HasSubstr("unknown option '--qui'"));
}

TEST(Arguments, SaysWhatIsMissingOrTooMuch) {
  EXPECT_THAT(error_of({"run"}), HasSubstr("'unroll run' needs FILE.yaml"));
  EXPECT_THAT(error_of({"info", "x"}), HasSubstr("'unroll info' does not take 'x'"));
  EXPECT_THAT(error_of({"run", "a.yaml", "--jobs"}), HasSubstr("--jobs"));
  EXPECT_THAT(error_of({"run", "a.yaml", "--quiet=yes"}), HasSubstr("--quiet"));
  EXPECT_THAT(error_of({"run", "a.yaml", "-j", "2", "--jobs=3"}), HasSubstr("--jobs: given more than once"));
}

TEST(Arguments, ChecksNumbers) {
  for (const char* text : {"0", "-1", "x", "2x", "1.5", "99999999999999999999999"}) {
    const CommandLine line = parse({"run", "a.yaml", std::string("--jobs=") + text});
    EXPECT_THROW(line.arguments.count("jobs"), UsageError) << text;
  }
  for (const char* text : {"0", "1", "-0.5", "x", "nan"}) {
    const CommandLine line = parse({"run", "a.yaml", std::string("--level=") + text});
    EXPECT_THROW(line.arguments.share("level"), UsageError) << text;
  }
  EXPECT_THAT(parse({"run", "a.yaml", "--level=0.9"}).arguments.share("level"), Optional(0.9));
  EXPECT_EQ(parse({"run", "a.yaml"}).arguments.count("jobs"), std::nullopt);
}

TEST(Arguments, TypesACommandAgain) {
  const CommandLine line = parse({"run", "my file.yaml", "-q", "--set", "a=[1, 2]", "it's=1"});
  EXPECT_EQ(line.arguments.retyped({"-q"}), "unroll run 'my file.yaml' --set 'a=[1, 2]' 'it'\\''s=1'");
}

}  // namespace
}  // namespace unroll
