// Runs a program as a user would and keeps what it printed.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace unroll::testing {

struct ProcessResult {
  int exit_code = -1;  // 128 + signal if it was killed by one
  std::string out;
  std::string err;
};

struct ProcessOptions {
  std::filesystem::path cwd = ".";
  std::vector<std::pair<std::string, std::string>> env;  // added to the environment of the test
};

// Runs `argv` (argv[0] is looked up on PATH) and waits for it. Standard input is empty.
ProcessResult run_process(const std::vector<std::string>& argv, const ProcessOptions& options = {});

// A fresh folder below the system's temporary folder, removed when the object goes.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace unroll::testing
