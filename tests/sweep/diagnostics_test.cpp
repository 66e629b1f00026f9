#include "sweep/diagnostics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace unroll {
namespace {

using testing::HasSubstr;

std::string rendered(const Diagnostics& diagnostics) {
  try {
    diagnostics.throw_if_any();
  } catch (const SpecErrors& errors) {
    return errors.what();
  }
  return "";
}

TEST(Diagnostics, SaysNothingWithoutErrors) {
  Diagnostics diagnostics;
  diagnostics.add_file("a.yaml", "x: 1\n");
  EXPECT_NO_THROW(diagnostics.throw_if_any());
}

TEST(Diagnostics, ShowsTheLineTheCaretTheHelpAndTheOtherPlace) {
  Diagnostics diagnostics;
  const auto source = diagnostics.add_file("a.yaml", "model:\n  hiden: 1\n  lr: 2\n");
  diagnostics.error({source, 2, 2, 2}, "given twice", "", Diagnostics::Note{{source, 0, 0, 5}});
  diagnostics.error({source, 1, 2, 5}, "unknown key 'hiden'", "did you mean 'hidden'?");
  EXPECT_EQ(rendered(diagnostics),
            "a.yaml:2:3: error: unknown key 'hiden'\n"
            "    2 |   hiden: 1\n"
            "      |   ^~~~~\n"
            "      = help: did you mean 'hidden'?\n"
            "a.yaml:3:3: error: given twice\n"
            "    3 |   lr: 2\n"
            "      |   ^~\n"
            "a.yaml:1:1: note: first given here\n"
            "    1 | model:\n"
            "      | ^~~~~");
}

TEST(Diagnostics, OverridesComeFirstAndPointIntoTheirText) {
  Diagnostics diagnostics;
  const auto file = diagnostics.add_file("a.yaml", "x: 1\n");
  const auto override_text = diagnostics.add_override("train.lr=abc");
  diagnostics.error({file, 0, 0, 1}, "first");
  diagnostics.error({override_text, 0, 9, 3}, "second");
  EXPECT_EQ(rendered(diagnostics),
            "--set: error: second\n"
            "      | train.lr=abc\n"
            "      |          ^~~\n"
            "a.yaml:1:1: error: first\n"
            "    1 | x: 1\n"
            "      | ^");
}

TEST(Diagnostics, CountsCharactersNotBytes) {
  Diagnostics diagnostics;
  const auto source = diagnostics.add_file("a.yaml", "\xC3\xA4\xC3\xB6: \xE2\x82\xAC!\n");
  diagnostics.error({source, 0, 6, 4}, "odd");
  EXPECT_EQ(rendered(diagnostics),
            "a.yaml:1:5: error: odd\n"
            "    1 | \xC3\xA4\xC3\xB6: \xE2\x82\xAC!\n"
            "      |     ^~");
}

TEST(Diagnostics, ShowsPartOfAVeryLongLineAndNoControlCharacters) {
  Diagnostics diagnostics;
  const auto source =
      diagnostics.add_file("a.yaml", std::string(5000, 'a') + "\x1b\tX" + std::string(5000, 'b'));
  diagnostics.error({source, 0, 5002, 1}, "here");
  const std::string text = rendered(diagnostics);
  EXPECT_LT(text.size(), 400U);
  EXPECT_THAT(text, HasSubstr("aa? Xbb"));
  EXPECT_THAT(text, HasSubstr("a.yaml:1:5003"));
}

TEST(Diagnostics, MarksBeyondTheTextAreHarmless) {
  Diagnostics diagnostics;
  const auto source = diagnostics.add_file("a.yaml", "x");
  diagnostics.error({source, 7, 80, 9}, "beyond");
  EXPECT_THAT(rendered(diagnostics), HasSubstr("a.yaml:8:1: error: beyond"));
}

TEST(Diagnostics, ShowsTwentyAndCountsAll) {
  Diagnostics diagnostics;
  const auto source = diagnostics.add_file("a.yaml", std::string(50, '\n'));
  for (std::uint32_t i = 0; i < 33; ++i) diagnostics.error({source, i, 0, 1}, "bad");
  diagnostics.error({source, 0, 0, 1}, "bad");  // known already
  try {
    diagnostics.throw_if_any();
    FAIL();
  } catch (const SpecErrors& errors) {
    EXPECT_EQ(errors.diagnostics().size(), 20U);
    EXPECT_EQ(errors.total(), 33U);
    EXPECT_THAT(errors.what(), HasSubstr("... and 13 more errors"));
  }
}

}  // namespace
}  // namespace unroll
