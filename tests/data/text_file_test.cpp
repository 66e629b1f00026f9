// What is said of files that cannot be read, and what helps.
#include "data/text_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hdf5.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "base/error.h"
#include "data/array.h"
#include "data/csv.h"

namespace unroll {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Files : public ::testing::Test {
 protected:
  Files() : folder_(fs::path(::testing::TempDir()) / "unroll_files") {
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "datasets/vowels");
  }
  ~Files() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
  }
  // "message; hint" of reading the file.
  static std::string told(const std::function<void()>& read) {
    try {
      read();
    } catch (const FileError& error) {
      EXPECT_FALSE(error.hint().empty()) << error.message();
      return error.message() + "; " + error.hint();
    }
    return "read";
  }
  std::string told_of(const std::string& name) const {
    return told([&] { read_file(path(name)); });
  }

 private:
  fs::path folder_;
};

TEST_F(Files, ThatAScriptGetsAreNamedWithIt) {
  write("datasets/public_sets.txt", "# name|file|SHA-256|address\nvowels|TRAIN.ts|00|https://a/b.zip\n");
  EXPECT_EQ(told_of("datasets/vowels/TRAIN.ts"),
            "there is no such file; get it with: scripts/get_datasets vowels");
  const auto own = AllOf(HasSubstr("check the path"), Not(HasSubstr("get_datasets")));
  for (const char* name : {"datasets/mine/x.csv", "datasets/vowels/x.ts", "x/y/z.csv"})
    EXPECT_THAT(told_of(name), own);
  fs::remove(path("datasets/public_sets.txt"));
  EXPECT_THAT(told_of("datasets/vowels/TRAIN.ts"), own);
}

TEST_F(Files, ThatAreThereAreNotCalledMissing) {
  fs::create_symlink("loop", path("loop"));
  EXPECT_THAT(told_of("loop"), HasSubstr("symbolic links"));
  EXPECT_THAT(told_of(std::string(300, 'a')), HasSubstr("name too long"));
  EXPECT_THAT(told_of("datasets"), HasSubstr("a folder, not a file"));
  EXPECT_THAT(told([] { read_file("/dev/null"); }), HasSubstr("not a regular file"));
}

TEST_F(Files, OfTheWrongKindAreToldWhatIsRead) {
  EXPECT_THAT(told([] { check_is_text(std::string_view("PK\0\3", 4), "x.npz"); }),
              AllOf(HasSubstr("zero byte"), HasSubstr("arrays")));
  EXPECT_THAT(told([] { CsvTable("# nothing\n", "x.csv"); }), HasSubstr("there are no rows"));
  EXPECT_THAT(told([] { CsvTable("a,b\n", "x.csv"); }), HasSubstr("no rows of values"));
  write("x.csv", "1,2\n");
  EXPECT_THAT(told([&] { read_hdf5(path("x.csv"), "X"); }),
              AllOf(HasSubstr("not an HDF5 file"), HasSubstr(".npy")));
}

TEST_F(Files, BeingWrittenAreToldSo) {
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
  const hid_t writer = H5Fcreate(path("w.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access);
  H5Pclose(access);
  ASSERT_GE(writer, 0);
  H5Fflush(writer, H5F_SCOPE_GLOBAL);
  fs::copy(path("w.h5"), path("copy.h5"));  // with the mark of a file that is open for writing
  H5Fclose(writer);
  EXPECT_THAT(told([&] { read_hdf5(path("copy.h5"), "X"); }),
              AllOf(HasSubstr("cannot be opened"), HasSubstr("close it")));
}

}  // namespace
}  // namespace unroll
