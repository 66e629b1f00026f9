#include "data/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/error.h"
#include "tests/data/temporary_file.h"

namespace unroll {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::vector<double> column(const std::string& text, const std::string& name) {
  return CsvTable(text, "t.csv").numbers({name}, "task.columns").front();
}

TEST(Csv, ReadsNamesAndNumbers) {
  const CsvTable table("year,sun spots\n1700,5\n1701,-1.5e1\n", "t.csv");
  EXPECT_THAT(table.names(), ElementsAre("year", "sun spots"));
  EXPECT_EQ(table.rows(), 2U);
  EXPECT_EQ(table.last_numeric(), "sun spots");
  const auto values = table.numbers({"sun spots", "year"}, "task.columns");
  EXPECT_THAT(values[0], ElementsAre(5.0, -15.0));
  EXPECT_THAT(values[1], ElementsAre(1700.0, 1701.0));
}

TEST(Csv, TakesTheUsualVariations) {
  const std::vector<double> expected = {1.0, 2.5};
  EXPECT_EQ(column("a\r\n1\r\n2.5\r\n", "a"), expected);
  EXPECT_EQ(column("a\n1\n2.5", "a"), expected);
  EXPECT_EQ(column("\xEF\xBB\xBF\"a\"\n\"1\"\n2.5\n\n\n", "a"), expected);
  EXPECT_EQ(column("# made by hand\na\n1\n# later\n2.5\n# end", "a"), expected);
  EXPECT_EQ(column(" a , b\n +1 ,x\n\t2.5,\n", "a"), expected);
  EXPECT_EQ(column("\"the \"\"a\"\", b\"\n1\n2.5\n", "the \"a\", b"), expected);
  EXPECT_EQ(column("a,note\n1,\"two\nlines\"\n2.5,\"\"\n", "a"), expected);
  EXPECT_EQ(column("1\n2.5\n", "1"), expected);
  EXPECT_EQ(column("+.1E1\n25e-1\n", "1"), expected);
}

TEST(Csv, TellsAHeaderFromValues) {
  const auto names = [](const std::string& text) { return CsvTable(text, "t.csv").names(); };
  EXPECT_THAT(names("month,x\n1749-01,58\n"), ElementsAre("month", "x"));
  EXPECT_THAT(names("1749-01,58\n1749-02,62\n"), ElementsAre("1", "2"));
  // Names that look like numbers beside one that does not.
  EXPECT_THAT(names("year,1990,1991\n5,1,2\n"), ElementsAre("year", "1990", "1991"));
  EXPECT_THAT(names(",x\n0,1\n"), ElementsAre("", "x"));
  // A gap is not a name.
  EXPECT_THAT(names("NA,1\n2,3\n"), ElementsAre("1", "2"));
  EXPECT_EQ(CsvTable("1,2\n3,4\n", "t.csv").rows(), 2U);
  EXPECT_THAT(names("2020-01-01,,100.1\n2020-01-02,-0.1,99.9\n"), ElementsAre("1", "2", "3"));
  EXPECT_THAT(names("\"NA\",\"1\"\n\"2\",\"3\"\n"), ElementsAre("1", "2"));
  EXPECT_THAT(names("1,\"\"\n2,3\n"), ElementsAre("1", "2"));
  // But what is quoted is one above a number without quotes, and nothing at all in the first column.
  EXPECT_THAT(names("\"2000\",\"2001\"\n5,6\n"), ElementsAre("2000", "2001"));
  EXPECT_THAT(names(",0\n0,5\n1,6\n"), ElementsAre("", "0"));
  EXPECT_THAT(names("\"1\",\"2\"\n\"3\",\"4\"\n"), ElementsAre("1", "2"));
}

TEST(Csv, ChoosesTheLastNumericColumn) {
  EXPECT_EQ(CsvTable("month,x,note\n1749-01,58,high\n", "t.csv").last_numeric(), "x");
  EXPECT_THROW(CsvTable("a,b\nx,y\n", "t.csv").last_numeric(), FileError);
  // What a column holds is said by its first value that is not missing.
  EXPECT_EQ(CsvTable("date,x,note\n1749,58,\n1750,62,high\n", "t.csv").last_numeric(), "x");
  EXPECT_EQ(CsvTable("date,x,note\n1749,NA,\n1750,62,\n", "t.csv").last_numeric(), "x");
  EXPECT_THROW(CsvTable("a,b\nx,\ny,\n", "t.csv").last_numeric(), FileError);
}

TEST(Csv, GapsInUnusedColumnsDoNotMatter) {
  EXPECT_THAT(column("a,b\n1,\n2,x\n", "a"), ElementsAre(1.0, 2.0));
}

struct Bad {
  const char* text;
  const char* where;
  const char* what;
  const char* hint;
};

TEST(Csv, SaysWhereAndWhy) {
  const std::vector<Bad> cases = {
      {"", "t.csv:1:1", "no rows", ""},
      {"# only\n", "t.csv:1:1", "no rows", ""},
      {"a,b\n", "t.csv:2:1", "no rows of values", ""},
      {"a\n1\n\n2\n", "t.csv:3:1", "empty line", "remove it"},
      {"a,b\n1,2\n3\n", "t.csv:3:1", "1 cells in this row, 2 in the first one", "comma"},
      {"a,b\n1,2\n3,4,5\n", "t.csv:3:5", "3 cells in this row", "comma"},
      {"a\n1\n\"2\n3\n", "t.csv:3:1", "never closed", "double"},
      {"a\n\"1\"2\n", "t.csv:2:4", "after a closing quote", "quote the whole cell"},
      {"a\n1\"2\"\n", "t.csv:2:2", "quote inside a cell", "quote the whole cell"},
      {"a\r1\r2\r", "t.csv:1:2", "carriage return", "Windows line ends"},
      {"a,a\n1,2\n", "t.csv:1:3", "two columns are called 'a'", "own name"},
      {"\xFF\xFE"
       "a",
       "t.csv:1:1", "UTF-16", "UTF-8"},
      {"a,\xC3\xB6\xB0"
       "C\n1,2\n",
       "t.csv:1:4", "the byte 0xb0 is not UTF-8", "save the file as UTF-8"},
      // The rest is found when the column is used.
      {"a\n1\nNaN\n", "t.csv:3:1", "missing value in column 'a'", "fill it in"},
      {"b,a\n1,2\n2,\n", "t.csv:3:3", "missing value in column 'a'", "fill it in"},
      {"a\n1\nx\n", "t.csv:3:1", "'x' in column 'a' is not a number", "1e-3"},
      {"a\n1\ninf\n", "t.csv:3:1", "not a number", "finite"},
      {"a\n1\n1e999\n", "t.csv:3:1", "not a number", "finite"},
      {"a\n1\n1e39\n", "t.csv:3:1", "single precision", "smaller unit"},
      {"a\n1\n0x10\n", "t.csv:3:1", "not a number", ""},
      {"a\n1\n+-1\n", "t.csv:3:1", "not a number", ""},
      {"a\n1\n\"1,5\"\n", "t.csv:3:1", "not a number", "point"},
      {"a\n1\n1;5\n", "t.csv:3:1", "not a number", "commas"},
      // Columns are counted in characters, not bytes.
      {"b,a\n\xC3\xA4\xC3\xB6,1\n\xC3\xA4\xC3\xB6,x\n", "t.csv:3:4", "not a number", ""},
      {"\xEF\xBB\xBF"
       "a,b\n1,2,3\n",
       "t.csv:2:5", "3 cells", ""},
  };
  for (const Bad& bad : cases) {
    try {
      column(bad.text, "a");
      ADD_FAILURE() << "accepted: " << bad.text;
    } catch (const FileError& error) {
      EXPECT_EQ(error.where(), bad.where) << bad.text;
      EXPECT_THAT(error.message(), HasSubstr(bad.what)) << bad.text;
      EXPECT_THAT(error.hint(), HasSubstr(bad.hint)) << bad.text;
    }
  }
}

TEST(Csv, AQuotedTextIsNeverMissing) {
  const auto texts = [](const std::string& cell) {
    const CsvTable table("x,a\n1,u\n2," + cell + "\n", "t.csv");
    std::vector<std::string> out;
    for (CsvRows rows(table); rows.next();) out.push_back(rows.text(table.index_of("a", "task.targets")));
    return out;
  };
  for (const std::string word : {"none", "NA", "null", "-", "?", "."}) {
    EXPECT_THAT(texts('"' + word + '"'), ElementsAre("u", word));
    try {
      texts(word);
      ADD_FAILURE() << "accepted: " << word;
    } catch (const FileError& error) {
      EXPECT_EQ(error.where(), "t.csv:3:3");
      EXPECT_EQ(error.message(), "a missing value in column 'a'");
      EXPECT_THAT(error.hint(), HasSubstr("if it is the name of a class, write \"" + word + "\""));
    }
  }
  EXPECT_THROW(texts(""), FileError);
  EXPECT_THROW(texts("\"\""), FileError);
}

TEST(Csv, RefusesBytesOfABinaryFile) {
  EXPECT_THROW(CsvTable(std::string("a\n1\0\n", 5), "t.csv"), FileError);
}

TEST(Csv, SuggestsTheNearColumn) {
  try {
    column("SUNACTIVITY,YEAR\n1,2\n", "sunactvity");
    ADD_FAILURE();
  } catch (const UsageError& error) {
    EXPECT_EQ(error.where(), "task.columns");
    EXPECT_EQ(error.hint(), "did you mean 'SUNACTIVITY'?");
  }
  try {
    column("SUNACTIVITY,YEAR\n1,2\n", "temperature");
    ADD_FAILURE();
  } catch (const UsageError& error) {
    EXPECT_EQ(error.hint(), "its columns are: SUNACTIVITY, YEAR");
  }
  try {
    column("1700,5\n1701,11\n", "temperature");
    ADD_FAILURE();
  } catch (const UsageError& error) {
    EXPECT_EQ(error.hint(), "the file has no row of names, so its columns are: 1, 2");
  }
}

TEST(Csv, LimitsTheWidthOfARow) {
  const std::string wide(CsvTable::kMaxColumns, ',');
  EXPECT_THROW(CsvTable(wide, "t.csv"), FileError);
  EXPECT_EQ(CsvTable(wide.substr(1), "t.csv").names().size(), CsvTable::kMaxColumns);
}

TEST(Csv, ReadsFilesAndNothingElse) {
  const TemporaryFile file("x\n1\n2\n");
  const CsvTable table = CsvTable::read(file.path());
  EXPECT_EQ(table.rows(), 2U);
  EXPECT_EQ(table.bytes(), 6U);
  EXPECT_EQ(table.hash(), CsvTable("x\n1\n2\n", "other name").hash());
  EXPECT_NE(table.hash(), CsvTable("x\n1\n3\n", "").hash());
  EXPECT_THROW(CsvTable::read(file.path() + ".none"), FileError);
  EXPECT_THROW(CsvTable::read("/"), FileError);
  EXPECT_THROW(CsvTable::read("/dev/zero"), FileError);
}

}  // namespace
}  // namespace unroll
