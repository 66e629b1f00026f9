#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "base/error.h"
#include "data/task.h"
#include "data/utf8.h"
#include "tests/data/temporary_file.h"

namespace unroll {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TaskConfig config_for(const TemporaryFile& file, std::size_t seq_len) {
  TaskConfig config;
  config.type = "text";
  config.file = file.path();
  config.seq_len = seq_len;
  config.valid_share = 0.2;
  config.test_share = 0.2;
  return config;
}

TEST(Text, PredictsTheNextCharacterOfItsPart) {
  const TemporaryFile file(
      "abcabcabcabca"
      "bxbx"
      "cacb");  // 21 characters: 13, 4, 4
  const TaskConfig config = resolve_task(config_for(file, 3));
  const Dataset data = make_dataset(config, {});
  EXPECT_EQ(std::u32string(data.alphabet.begin(), data.alphabet.end()), U"abc\xFFFD");
  EXPECT_EQ(data.symbols, 4U);
  EXPECT_EQ(data.output_size, 4U);
  EXPECT_TRUE(data.carried);
  EXPECT_THAT(data.train.codes, ElementsAre(0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2));
  EXPECT_THAT(data.train.classes, ElementsAre(1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0));
  EXPECT_THAT(data.train.start, ElementsAre(0, 3, 6, 9));
  EXPECT_THAT(data.valid.codes, ElementsAre(1, 3, 1));  // x was never seen in training
  EXPECT_THAT(data.valid.classes, ElementsAre(3, 1, 3));
  EXPECT_THAT(data.test.codes, ElementsAre(2, 0, 2));
  // Laplace's rule over 12 targets: a, b, c 4 each, one more of each, and of the unknown one.
  EXPECT_NEAR(data.chance.test, -std::log(5.0 / 16.0), 1e-12);
  EXPECT_NEAR(data.chance.valid, -(2 * std::log(1.0 / 16.0) + std::log(5.0 / 16.0)) / 3.0, 1e-12);
}

TEST(Text, CountsCharactersNotBytes) {
  const TemporaryFile file(
      "\xEF\xBB\xBF"
      "äöäöäöäö\xF0\x9F\x98\x80"
      "ä\xF0\x9F\x98\x80"
      "ö");
  TaskConfig config = config_for(file, 1);
  config.stateful = false;
  const Dataset data = make_dataset(resolve_task(config), {});
  EXPECT_EQ(std::u32string(data.alphabet.begin(), data.alphabet.end()), U"\u00e4\u00f6\xFFFD");
  EXPECT_FALSE(data.carried);
}

TEST(Text, RefusesAPromptWithoutCharacters) {
  const TemporaryFile file(std::string(100, 'a') + std::string(100, 'b'));
  TaskConfig config = config_for(file, 2);
  config.sample_length = 5;
  config.prompt = "\xEF\xBB\xBF";
  try {
    resolve_task(config);
    ADD_FAILURE() << "accepted";
  } catch (const UsageError& error) {
    EXPECT_EQ(error.where(), "task.prompt");
    EXPECT_EQ(error.message(), "a byte order mark and no characters");
  }
}

TEST(Text, RefusesWhatItCannotUse) {
  const auto message = [](const TaskConfig& config) -> std::string {
    try {
      resolve_task(config);
    } catch (const Error& error) {
      return error.where() + ": " + error.message();
    }
    return "accepted";
  };
  const TemporaryFile file("one\ntwo\xFFthree");
  EXPECT_THAT(message(config_for(file, 2)), HasSubstr(file.path() + ":2:4: the byte 0xff is not UTF-8"));
  file.write("short");
  EXPECT_THAT(message(config_for(file, 5)), HasSubstr("task.seq_len: no window of 5 characters"));
  file.write("");
  EXPECT_THAT(message(config_for(file, 1)), HasSubstr("a part is empty"));
  file.write(std::string("a\0b", 3));
  EXPECT_THAT(message(config_for(file, 1)), HasSubstr(":1:2: a zero byte"));
  TaskConfig none;
  none.type = "text";
  EXPECT_THAT(message(none), HasSubstr("task.file"));
}

RC_GTEST_PROP(Utf8Property, WhatIsWrittenComesBack, (const std::vector<std::uint32_t>& numbers)) {
  std::string text;
  std::vector<char32_t> characters;
  for (const std::uint32_t n : numbers) {
    const char32_t c = n % 0x110000U;
    if ((c >= 0xD800 && c <= 0xDFFF) || (c == 0xFEFF && characters.empty())) continue;
    characters.push_back(c);
    append_utf8(text, c);
  }
  RC_ASSERT(decode_utf8(text, "t") == characters);
}

RC_GTEST_PROP(Utf8Property, AnyBytesAreReadOrRefused, ()) {
  const auto bytes = *rc::gen::container<std::vector<char>>(
      rc::gen::weightedOneOf<char>({{3, rc::gen::element('a', '\n', '\xC3', '\xA4', '\xE2', '\x82', '\xAC',
                                                         '\xF0', '\x9F', '\x98', '\x80')},
                                    {1, rc::gen::arbitrary<char>()}}));
  const std::string text(bytes.begin(), bytes.end());
  try {
    std::string again;
    for (const char32_t c : decode_utf8(text, "t.txt")) append_utf8(again, c);
    RC_ASSERT(text.ends_with(again) && text.size() - again.size() <= 3U);  // a byte order mark is left out
  } catch (const FileError& error) {
    RC_ASSERT(error.where().starts_with("t.txt:"));
  }
}

}  // namespace
}  // namespace unroll
