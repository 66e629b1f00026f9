#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <vector>

#include "base/error.h"
#include "data/cases.h"
#include "data/task.h"
#include "tests/data/damage.h"
#include "tests/data/temporary_file.h"

namespace unroll {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kHeader =
    "# a comment\n@problemName Test\n@timeStamps false\n@univariate false\n@dimensions 2\n"
    "@equalLength false\n@classLabel true cat dog\n@data\n";

std::string message_of(const std::string& text) {
  try {
    read_ts(text, "t.ts");
  } catch (const FileError& error) {
    return error.where() + ": " + error.message();
  }
  return "accepted";
}

TEST(TsFile, HoldsSequencesOfUnequalLength) {
  const Cases cases = read_ts(kHeader + "1,2,3:4,5,6:dog\r\n\n-1e1:.5:cat\n", "t.ts");
  EXPECT_EQ(cases.inputs, 2U);
  EXPECT_THAT(cases.values, ElementsAre(1, 4, 2, 5, 3, 6, -10, 0.5));
  EXPECT_THAT(cases.first, ElementsAre(0, 3, 4));
  EXPECT_THAT(cases.label, ElementsAre(1, 0));
  EXPECT_THAT(cases.labels, ElementsAre("cat", "dog"));
  EXPECT_EQ(cases.longest(), 3U);
}

TEST(TsFile, SaysWhereItIsWrong) {
  EXPECT_EQ(message_of(kHeader + "1,2:4,5:dog\n1,x:2,3:cat\n"), "t.ts:10:3: 'x' is not a number");
  EXPECT_EQ(message_of(kHeader + "1,?:4,5:dog\n"), "t.ts:9:3: a missing value");
  EXPECT_EQ(message_of(kHeader + "1,2:4:dog\n"), "t.ts:9:5: 1 values in this dimension, 2 in the first one");
  EXPECT_EQ(message_of(kHeader + "1,2:dog\n"), "t.ts:9:1: 1 dimensions in this line, not 2");
  EXPECT_EQ(message_of(kHeader + "1:2:cow\n"), "t.ts:9:5: there is no class 'cow'");
  EXPECT_EQ(message_of(kHeader + "12\n"), "t.ts:9:1: no ':' in this line");
  EXPECT_EQ(message_of(kHeader), "t.ts:9:1: there are no sequences after @data");
  EXPECT_EQ(message_of("@classLabel true a b\n1:a\n"), "t.ts:2:1: a line of values before @data");
  EXPECT_EQ(message_of("@data\n1:a\n"), "t.ts:1:1: no classes were named before @data");
  EXPECT_EQ(message_of("@timeStamps true\n"), "t.ts:1:1: time stamps are not read");
  EXPECT_EQ(message_of("@classLabel false\n"), "t.ts:1:1: the sequences have no class labels");
  EXPECT_EQ(message_of("@classLabel true a a\n"), "t.ts:1:20: the class 'a' is named twice");
  EXPECT_EQ(message_of("@dimensions many\n"), "t.ts:1:13: 'many' is no number of dimensions");
}

RC_GTEST_PROP(TsFileProperty, ADamagedFileIsReadOrRefused, ()) {
  const auto letters = rc::gen::weightedOneOf<char>(
      {{3, rc::gen::element(':', ',', '\n', '@', '#', ' ', '?', '9')}, {1, rc::gen::arbitrary<char>()}});
  const std::string text = damaged(kHeader + "1,2,3:4,5,6:dog\n-1e1:.5:cat\n7,8:9,10:cat\n", letters);
  try {
    const Cases cases = read_ts(text, "t.ts");
    RC_ASSERT(cases.size() > 0U);
    RC_ASSERT(cases.first.size() == cases.size() + 1);
    RC_ASSERT(cases.values.size() == cases.first.back() * cases.inputs);
    RC_ASSERT(cases.longest() > 0U);
  } catch (const FileError& error) {
    std::size_t line = 0;
    std::size_t column = 0;
    RC_ASSERT(std::sscanf(error.where().c_str(), "t.ts:%zu:%zu", &line, &column) == 2);
    RC_ASSERT(!error.message().empty());
  }
}

TEST(CasesInCsv, ARowForEachStep) {
  const CsvTable table("id,x,y,label\na,1,2,10\na,3,4,10\nb,5,6,9\nc,7,8,10\n", "t.csv");
  TaskConfig config;
  const Cases cases = read_cases(table, config);
  EXPECT_EQ(cases.inputs, 2U);
  EXPECT_THAT(cases.values, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
  EXPECT_THAT(cases.first, ElementsAre(0, 2, 3, 4));
  EXPECT_THAT(cases.labels, ElementsAre("9", "10"));  // by number
  EXPECT_THAT(cases.label, ElementsAre(1, 0, 1));
  config.columns = {"y"};
  config.id_column = "id";
  config.targets = {"label"};
  EXPECT_THAT(read_cases(table, config).values, ElementsAre(2, 4, 6, 8));
}

TEST(CasesInCsv, SayWhereTheyAreWrong) {
  const auto message = [](const std::string& text) -> std::string {
    try {
      read_cases(CsvTable(text, "t.csv"), {});
    } catch (const Error& error) {
      return error.where() + ": " + error.message();
    }
    return "accepted";
  };
  EXPECT_EQ(message("id,x,label\na,1,u\na,2,v\n"),
            "t.csv:3:5: the label changes from 'u' to 'v' within the sequence 'a'");
  EXPECT_EQ(message("id,x,label\na,1,u\nb,1,u\na,2,u\n"), "t.csv:4:1: the sequence 'a' was complete before");
  EXPECT_EQ(message("id,label\na,1\n"),
            "task.columns: there is no column of inputs between the sequence and its label");
  EXPECT_EQ(message("id,x,label\na,1,\n"), "t.csv:2:5: a missing value in column 'label'");
}

TaskConfig shipped() {
  TaskConfig config;
  config.type = "classification";
  config.file = std::string(UNROLL_SOURCE_DIR) + "/datasets/pen_digits_TRAIN.ts";
  config.test_file = std::string(UNROLL_SOURCE_DIR) + "/datasets/pen_digits_TEST.ts";
  return config;
}

TEST(Classification, PartsHaveTheirShareOfEachClass) {
  TaskConfig config = shipped();
  config.valid_share = 0.2;
  const Dataset data = make_dataset(resolve_task(config), {1, 0});
  EXPECT_EQ(data.train.size(), 400U);
  EXPECT_EQ(data.valid.size(), 100U);
  EXPECT_EQ(data.test.size(), 300U);
  std::array<int, 10> count{};
  for (const int c : data.valid.classes) ++count[static_cast<std::size_t>(c)];
  for (const int c : count) EXPECT_EQ(c, 10);
  EXPECT_EQ(data.output_size, 10U);
  EXPECT_FALSE(data.every_step);
  ASSERT_EQ(data.test.length.size(), 300U);
  // What is past the end of a sequence is zero.
  for (std::size_t n = 0; n < data.test.size(); ++n) {
    for (std::size_t t = data.test.length[n]; t < data.seq_len; ++t) {
      EXPECT_EQ(data.test.inputs[2 * (data.test.start[n] + t)], 0.0F);
    }
  }
  double sum = 0.0;
  std::size_t steps = 0;
  for (std::size_t n = 0; n < data.train.size(); ++n) {
    for (std::size_t t = 0; t < data.train.length[n]; ++t, ++steps) {
      sum += static_cast<double>(data.train.inputs[2 * (data.train.start[n] + t)]);
    }
  }
  EXPECT_NEAR(sum / static_cast<double>(steps), 0.0, 1e-5);
}

TEST(Classification, KeepsTheClassesOfTheTrainingFileInTheTestFile) {
  const TemporaryFile test(
      "# order of classes is another one\n@classLabel true 9 3\n@data\n1,2:1,2:3\n1:1:9\n", ".ts");
  TaskConfig config = shipped();
  config.test_file = test.path();
  const Dataset data = make_dataset(resolve_task(config), {});
  EXPECT_THAT(data.test.classes, ElementsAre(3, 9));
  test.write("@classLabel true 10 3\n@data\n1,2:1,2:10\n");
  EXPECT_THROW(resolve_task(config), UsageError);
  test.write("@classLabel true 1 3\n@data\n1,2:1\n");
  EXPECT_THROW(resolve_task(config), UsageError);
}

const std::string kTrainTable = "id,x,y,label\na,1,0,u\nb,2,0,v\nc,3,0,u\nd,4,0,v\ne,5,0,u\nf,6,0,v\n";

TaskConfig with_test_table(const TemporaryFile& train, const TemporaryFile& test) {
  TaskConfig config;
  config.type = "classification";
  config.file = train.path();
  config.test_file = test.path();
  config.split = "time";
  config.valid_share = 0.4;
  config.normalize = "none";
  return config;
}

TEST(Classification, KeepsTheDigitsOfLargeNumbersUntilTheyAreScaled) {
  const TemporaryFile table("id,t,label\na,1700000000,u\nb,1700000002,v\nc,1700000001,u\nd,1700000003,v\n");
  const TemporaryFile ts(
      "@classLabel true u v\n@data\n1700000000:u\n1700000002:v\n1700000001:u\n1700000003:v\n", ".ts");
  for (const std::string& path : {table.path(), ts.path()}) {
    TaskConfig config;
    config.type = "classification";
    config.file = path;
    config.split = "time";
    config.valid_share = 0.25;
    config.test_share = 0.25;
    config.normalize = "minmax";
    const Dataset data = make_dataset(resolve_task(config), {});
    EXPECT_THAT(data.train.inputs, ElementsAre(0, 1)) << path;
    EXPECT_THAT(data.valid.inputs, ElementsAre(0.5)) << path;
    EXPECT_THAT(data.test.inputs, ElementsAre(1.5)) << path;
  }
}

TEST(Classification, FindsTheColumnsOfTheTestFileByTheirNames) {
  const TemporaryFile train(kTrainTable);
  const TemporaryFile test("label,y,note,x,id\nu,0,n,7,a\nv,0,n,8,b\n", "_test.csv");
  const Dataset data = make_dataset(resolve_task(with_test_table(train, test)), {});
  EXPECT_THAT(data.test.classes, ElementsAre(0, 1));
  EXPECT_THAT(data.test.inputs, ElementsAre(7, 0, 8, 0));
}

TEST(Classification, SaysWhichColumnTheTestFileLacks) {
  const TemporaryFile train(kTrainTable);
  const TemporaryFile test("", "_test.csv");
  const TaskConfig config = with_test_table(train, test);
  const auto message = [&](const std::string& header) -> std::string {
    test.write(header + "\na,1,0,u\n");
    try {
      resolve_task(config);
    } catch (const Error& error) {
      return error.where() + ": " + error.message();
    }
    return "accepted";
  };
  EXPECT_EQ(message("id,x,y,label"), "accepted");
  EXPECT_EQ(message("id,x,z,label"), "task.test_file: " + test.path() + " has no column 'y'");
  EXPECT_EQ(message("case,x,y,label"), "task.test_file: " + test.path() + " has no column 'id'");
  EXPECT_EQ(message("id,x,y,class"), "task.test_file: " + test.path() + " has no column 'label'");
}

TEST(Classification, RefusesColumnsOfAFileThatHasNone) {
  const auto where = [](const TaskConfig& config) -> std::string {
    try {
      resolve_task(config);
    } catch (const UsageError& error) {
      EXPECT_EQ(error.message(), "a .ts file has no columns");
      return error.where();
    }
    return "accepted";
  };
  TaskConfig config = shipped();
  config.columns = {"x"};
  EXPECT_EQ(where(config), "task.columns");
  config = shipped();
  config.targets = {"x"};
  EXPECT_EQ(where(config), "task.targets");
  config = shipped();
  config.id_column = "x";
  EXPECT_EQ(where(config), "task.id_column");
  // Those of a table are meant where one of the files is one.
  const TemporaryFile test("label,a,b,id\n3,1,2,p\n9,3,4,q\n", "_test.csv");
  config.test_file = test.path();
  config.id_column = "id";
  config.targets = {"label"};
  EXPECT_EQ(where(config), "accepted");
}

TEST(Classification, SequencesOfOneLengthNeedNone) {
  const TemporaryFile file("@classLabel true a b\n@data\n1,2:a\n3,4:b\n5,6:a\n7,8:b\n5,6:a\n7,8:b\n", ".ts");
  TaskConfig config;
  config.type = "classification";
  config.file = file.path();
  config.split = "time";
  config.valid_share = 0.3;
  config.test_share = 0.3;
  const Dataset data = make_dataset(resolve_task(config), {});
  EXPECT_TRUE(data.train.length.empty());
  EXPECT_THAT(data.train.classes, ElementsAre(0, 1));
  EXPECT_THAT(data.test.classes, ElementsAre(0, 1));
}

}  // namespace
}  // namespace unroll
