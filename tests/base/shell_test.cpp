#include "base/shell.h"

#include <gtest/gtest.h>

namespace unroll {
namespace {

TEST(ShellWord, IsQuotedOnlyIfItHasToBe) {
  EXPECT_EQ(shell_word("results/a-1.h5"), "results/a-1.h5");
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("$x"), "'$x'");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
}

}  // namespace
}  // namespace unroll
