// A file that lives as long as a test.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace unroll {

class TemporaryFile {
 public:
  // ending: what tells the files of a test apart.
  explicit TemporaryFile(std::string_view text, const std::string& ending = ".csv") {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    path_ = ::testing::TempDir() + "unroll_" + info->test_suite_name() + "_" + info->name() + ending;
    write(text);
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  void write(std::string_view text) const { std::ofstream(path_, std::ios::binary) << text; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace unroll
