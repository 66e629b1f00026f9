#include "report/text_table.h"

#include <gtest/gtest.h>

#include <limits>

namespace unroll {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

TEST(TextTable, NumbersHaveAtLeastThreeDigits) {
  EXPECT_EQ(number(0.16666), "0.167");
  EXPECT_EQ(number(0.1), "0.100");
  EXPECT_EQ(number(123.4), "123");
  EXPECT_EQ(number(9.996), "10.0");
  EXPECT_EQ(number(-0.000999996), "-0.00100");
  EXPECT_EQ(number(0.0), "0");
  EXPECT_EQ(number(1.25e-5), "1.25e-05");
  EXPECT_EQ(number(123456.0), "123456");
  EXPECT_EQ(number(1.5e6), "1.50e+06");
  EXPECT_EQ(number(kNoValue), "-");
  EXPECT_EQ(number(kInf), "diverged");
  EXPECT_EQ(number(-kInf), "diverged");
  EXPECT_EQ(whole(1234567.0), "1234567");
  EXPECT_EQ(whole(kNoValue), "-");
  EXPECT_EQ(percent_text(0.00213), "0.21");
  EXPECT_EQ(percent_text(0.0996), "10");
  EXPECT_EQ(percent_text(0.4551), "46");
  EXPECT_EQ(percent_text(1.0), "100");
  EXPECT_EQ(range({0.1, kInf}), "0.100 .. diverged");
  EXPECT_EQ(range(Interval{}), "-");
}

TEST(TextTable, Words) {
  EXPECT_EQ(list({}), "");
  EXPECT_EQ(list({"rnn"}), "rnn");
  EXPECT_EQ(list({"rnn", "lstm"}), "rnn and lstm");
  EXPECT_EQ(list({"rnn", "lstm", "gru"}), "rnn, lstm and gru");
  EXPECT_EQ(count(1, "run"), "1 run");
  EXPECT_EQ(count(2, "run"), "2 runs");
}

TEST(TextTable, ParagraphBreaksAtSpaces) {
  EXPECT_EQ(paragraph("  n  ", "one two three", 12), "  n  one two\n     three\n");
  EXPECT_EQ(paragraph("- ", "", 10), "- \n");
  EXPECT_EQ(paragraph("", "averyveryverylongword is kept", 10), "averyveryverylongword\nis kept\n");
}

TEST(TextTable, AlignsAndLeavesOutEmptyColumns) {
  TextTable table({{"cell", true}, {"n"}, {"note", true}});
  table.add({"rnn", "5", ""});
  table.title("at 100");
  table.add({"lstm", "10", ""});
  EXPECT_EQ(table.text(80),
            "  cell   n\n"
            "  rnn    5\n"
            "at 100\n"
            "  lstm  10\n");
}

TEST(TextTable, AlignsByCharactersNotBytes) {
  TextTable table({{"name", true}, {"n"}});
  table.add({"\xc3\xa4\xc3\xb6", "1"});
  table.add({"abcde", "2"});
  EXPECT_EQ(table.text(80), "  name   n\n  \xc3\xa4\xc3\xb6     1\n  abcde  2\n");
}

TEST(TextTable, DropsTheLeastImportantColumnsWhenTooWide) {
  TextTable table({{"cell", true}, {"range", true, 2}, {"params", false, 1}, {"median"}});
  table.add({"rnn", "0.1 .. 0.2", "1000", "0.15"});
  EXPECT_EQ(table.text(40), "  cell  range       params  median\n  rnn   0.1 .. 0.2    1000    0.15\n");
  EXPECT_EQ(table.text(30), "  cell  params  median\n  rnn     1000    0.15\n");
  EXPECT_EQ(table.text(20), "  cell  median\n  rnn     0.15\n");
  EXPECT_EQ(table.text(5), "  cell  median\n  rnn     0.15\n");
}

}  // namespace
}  // namespace unroll
