#include "sweep/yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace unroll {
namespace {

using testing::HasSubstr;

struct Parsed {
  std::optional<YamlNode> root;
  std::string errors;
};

Parsed parse(const std::string& text, std::size_t begin = 0) {
  Diagnostics diagnostics;
  const auto source = diagnostics.add_file("t.yaml", text);
  Parsed parsed{parse_yaml(diagnostics, source, begin), {}};
  try {
    diagnostics.throw_if_any();
  } catch (const SpecErrors& errors) {
    parsed.errors = errors.what();
  }
  return parsed;
}

std::string error_of(const std::string& text) {
  return parse(text).errors;
}

TEST(Yaml, KeepsTheOrderAndThePlaces) {
  const Parsed parsed = parse("b: 1\na:\n  - x\n  - \"y z\"\n");
  ASSERT_TRUE(parsed.root);
  EXPECT_EQ(parsed.errors, "");
  const YamlNode& root = *parsed.root;
  ASSERT_EQ(root.keys.size(), 2U);
  EXPECT_EQ(root.keys[0].text, "b");
  EXPECT_EQ(root.keys[1].text, "a");
  EXPECT_EQ(root.keys[1].mark, (Mark{0, 1, 0, 1}));
  EXPECT_FALSE(root.items[0].quoted);
  const YamlNode& list = root.items[1];
  ASSERT_EQ(list.items.size(), 2U);
  EXPECT_EQ(list.items[1].text, "y z");
  EXPECT_TRUE(list.items[1].quoted);
  EXPECT_EQ(list.items[1].mark, (Mark{0, 3, 4, 5}));
}

TEST(Yaml, ScalarsStayText) {
  const Parsed parsed = parse("[1e-5, 010, yes, 0x1F, .5, +1, 1_000, 'a']");
  ASSERT_TRUE(parsed.root);
  std::vector<std::string> texts;
  for (const YamlNode& item : parsed.root->items) texts.push_back(item.text);
  EXPECT_THAT(texts, testing::ElementsAre("1e-5", "010", "yes", "0x1F", ".5", "+1", "1_000", "a"));
}

TEST(Yaml, PlacesInAnOverrideCountFromItsStart) {
  const Parsed parsed = parse("train.lr=[1, 2]", 9);
  ASSERT_TRUE(parsed.root);
  EXPECT_EQ(parsed.root->mark.column, 9U);
  EXPECT_EQ(parsed.root->items[1].mark, (Mark{0, 0, 13, 1}));
}

TEST(Yaml, AnAliasIsACopy) {
  const Parsed parsed = parse("a: &x {k: [1, 2]}\nb: *x\nc: &y 3\nd: *y\n");
  ASSERT_TRUE(parsed.root);
  EXPECT_EQ(parsed.root->items[1].keys[0].text, "k");
  EXPECT_EQ(parsed.root->items[1].items[0].items.size(), 2U);
  EXPECT_EQ(parsed.root->items[3].text, "3");
}

TEST(Yaml, EmptyTextsAreNull) {
  for (const char* text : {"", "\n\n", "# comment\n", "---\n", "~", "null"}) {
    const Parsed parsed = parse(text);
    ASSERT_TRUE(parsed.root) << text;
    EXPECT_TRUE(parsed.root->is_null()) << text;
    EXPECT_EQ(parsed.errors, "") << text;
  }
}

TEST(Yaml, RefusesWhatReadersTakeForSomethingElse) {
  EXPECT_THAT(error_of("a: 1\na: 2\n"), HasSubstr("t.yaml:2:1: error: key 'a' is given twice"));
  EXPECT_THAT(error_of("a: 1\n\"a\": 2\n"), HasSubstr("key 'a' is given twice"));
  EXPECT_THAT(error_of("x: {b: {c: 1, c: 2}}"), HasSubstr("t.yaml:1:15: error: key 'c' is given twice"));
  EXPECT_THAT(error_of("a: 1\n---\nb: 2\n"), HasSubstr("t.yaml:2:1: error: a second document"));
  EXPECT_THAT(error_of("a: 1\n...\nb: 2\n"), HasSubstr("a second document"));
  EXPECT_THAT(error_of("a: !!str 1"), HasSubstr("t.yaml:1:4: error: tags"));
  EXPECT_THAT(error_of("a: !x {b: 1}"), HasSubstr("tags"));
  EXPECT_THAT(error_of("a: {<<: {b: 1}}"), HasSubstr("merge keys"));
  EXPECT_THAT(error_of("? [1, 2]\n: 3\n"), HasSubstr("expected a key, found a list"));
  EXPECT_THAT(error_of("a: \"x\n"), HasSubstr("t.yaml:1:4: error: this quote is never closed"));
  EXPECT_THAT(error_of("a: 'it''s\n"), HasSubstr("never closed"));
  EXPECT_EQ(error_of("a: 'it''s'\nb: \"\\\"\"\nc: |\n  'x\n"), "");
}

TEST(Yaml, RefusesBytesThatNoTextHas) {
  EXPECT_THAT(error_of(std::string("a: \0b", 5)), HasSubstr("t.yaml:1:4: error: control character 0x00"));
  EXPECT_THAT(error_of("a: 1\nb: \x04 2"), HasSubstr("t.yaml:2:4: error: control character 0x04"));
  EXPECT_THAT(error_of("a: 1\rb: 2\r"), HasSubstr("control character 0x0d"));
  EXPECT_EQ(error_of("a: 1\r\nb: 2\r\n"), "");
  for (const char* bad :
       {"\xFF", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82"}) {
    EXPECT_THAT(error_of(std::string("a: ") + bad), HasSubstr("t.yaml:1:4: error: the text is not UTF-8"));
  }
  EXPECT_EQ(error_of("a: \xE2\x82\xAC \xF0\x9F\x8C\x8D"), "");
}

TEST(Yaml, TabsAreNamedAsTheCause) {
  EXPECT_THAT(error_of("a:\n\tb: 1\n"), HasSubstr("indent with spaces"));
  EXPECT_THAT(error_of("a:\n  b: 1\n\tc: 1\n"), HasSubstr("indent with spaces"));
}

TEST(Yaml, LimitsHold) {
  EXPECT_THAT(error_of(std::string(kMaxYamlBytes + 1, '#')), HasSubstr("more than the limit"));
  const auto nested = [](std::size_t n) { return std::string(n, '[') + "1" + std::string(n, ']'); };
  EXPECT_EQ(error_of(nested(32)), "");
  EXPECT_THAT(error_of(nested(33)), HasSubstr("nested deeper than 32"));
  EXPECT_THAT(error_of(nested(100'000)), HasSubstr("nested deeper than 32"));
  EXPECT_THAT(error_of(std::string(100'000, '[')), HasSubstr("error"));
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  EXPECT_THAT(error_of(deep), HasSubstr("nested deeper than 32"));
  std::string many = "[";
  for (int i = 0; i < 100'001; ++i) many += "1,";
  EXPECT_THAT(error_of(many + "1]"), HasSubstr("more than 100000 values"));
}

TEST(Yaml, AliasesCannotBlowUp) {
  EXPECT_THAT(error_of("a: &a [*a]"), HasSubstr("t.yaml:1:8: error: an alias inside the value"));
  EXPECT_THAT(error_of("&a a: {b: &b {c: *b}}"), HasSubstr("an alias inside the value"));
  EXPECT_THAT(error_of("a: *nothing"), HasSubstr("not valid YAML"));
  std::string bomb = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n";
  for (int i = 1; i < 30; ++i) {
    const std::string name = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + name;
    for (int k = 0; k < 9; ++k) bomb += ", " + name;
    bomb += "]\n";
  }
  EXPECT_THAT(error_of(bomb), HasSubstr("once aliases are expanded"));
  std::string chain = "a0: &a0 [1]\n";
  for (int i = 1; i < 40; ++i) {
    chain += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
  }
  EXPECT_THAT(error_of(chain), HasSubstr("nested deeper than 32"));
}

}  // namespace
}  // namespace unroll
