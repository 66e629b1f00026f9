#include "base/error.h"

#include <gtest/gtest.h>

#include "base/buffer.h"
#include "base/hash.h"
#include "base/suggest.h"

namespace unroll {
namespace {

TEST(Error, SaysWhereWhatAndHint) {
  const UsageError error("a.yaml:3:5", "unknown key 'hiden'", "did you mean 'hidden'?");
  EXPECT_STREQ(error.what(), "a.yaml:3:5: unknown key 'hiden' (did you mean 'hidden'?)");
  EXPECT_EQ(error.where(), "a.yaml:3:5");
  EXPECT_EQ(error.hint(), "did you mean 'hidden'?");
}

TEST(Suggest, FindsTheNearName) {
  const std::vector<std::string> names = {"hidden", "layers", "cell", "lr"};
  EXPECT_EQ(nearest_name("hiden", names), "hidden");
  EXPECT_EQ(nearest_name("CELL", names), "cell");
  EXPECT_EQ(nearest_name("clel", names), "cell");
  EXPECT_EQ(nearest_name("momentum", names), "");
}

TEST(Hash, MatchesThePublishedVector) {
  EXPECT_EQ(hash64("abc"), 0x78af5f94892f3950ULL);
  EXPECT_EQ(hash_hex("").size(), 32U);
  EXPECT_NE(hash_hex("a"), hash_hex("b"));
}

TEST(Buffer, IsAlignedAndZero) {
  Buffer<float> buffer(1001);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.data()) % Buffer<float>::kAlignment, 0U);
  for (float x : buffer.span()) EXPECT_EQ(x, 0.0F);
  EXPECT_EQ(Buffer<float>::bytes(17), 128U);
}

}  // namespace
}  // namespace unroll
