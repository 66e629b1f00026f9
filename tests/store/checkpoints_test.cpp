#include "store/checkpoints.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/store/samples.h"

namespace unroll {
namespace {

class CheckpointFolder : public ::testing::Test {
 protected:
  MemoryFolder folder;
  std::filesystem::path place = folder / "s.unfinished";
  Checkpoints checkpoints{place, "program 1"};
  std::string state = std::string(1000, '\0') + "state";
};

TEST_F(CheckpointFolder, GivesBackWhatWasSavedLast) {
  EXPECT_EQ(checkpoints.load("abc"), "");
  checkpoints.save("abc", "before");
  checkpoints.save("abc", state);
  checkpoints.save("def", "other");
  EXPECT_EQ(checkpoints.load("abc"), state);
  EXPECT_EQ(checkpoints.load("def"), "other");
  checkpoints.remove("abc");
  EXPECT_EQ(checkpoints.load("abc"), "");
  EXPECT_TRUE(std::filesystem::exists(place));
  checkpoints.remove("def");
  EXPECT_FALSE(std::filesystem::exists(place));
  checkpoints.remove("def");
}

TEST_F(CheckpointFolder, IsForOneProgramAndOneRun) {
  checkpoints.save("abc", state);
  EXPECT_EQ(Checkpoints(place, "program 2").load("abc"), "");
  std::filesystem::rename(place / "abc.state", place / "abd.state");
  EXPECT_EQ(checkpoints.load("abd"), "");
}

TEST_F(CheckpointFolder, PassesOverDamage) {
  checkpoints.save("abc", state);
  const std::string bytes = read_bytes(place / "abc.state");
  for (std::size_t bit = 0; bit < 8 * bytes.size(); bit += 31) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    write_bytes(place / "abc.state", flipped);
    ASSERT_EQ(checkpoints.load("abc"), "") << bit;
  }
  for (std::size_t size = 0; size < bytes.size(); size += 37) {
    write_bytes(place / "abc.state", bytes.substr(0, size));
    ASSERT_EQ(checkpoints.load("abc"), "") << size;
  }
}

TEST_F(CheckpointFolder, SaysWhereItCannotSave) {
  write_bytes(place, "a file in the place of the folder");
  try {
    checkpoints.save("abc", state);
    FAIL();
  } catch (const FileError& error) {
    EXPECT_EQ(error.where(), place.string());
  }
}

// The longest name that a file may have is 255 bytes.
TEST_F(CheckpointFolder, HasNoStatesWhereItCannotLook) {
  const Checkpoints nowhere(folder / std::string(300, 'x'), "program 1");
  EXPECT_EQ(nowhere.load("abc"), "");
  EXPECT_THROW(nowhere.save("abc", state), FileError);
  nowhere.remove("abc");
}

}  // namespace
}  // namespace unroll
