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

// A program that runs beside the test. Standard input is empty. Killed if the object goes before it has
// ended.
class Process {
 public:
  // argv[0] is looked up on PATH.
  explicit Process(const std::vector<std::string>& argv, const ProcessOptions& options = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void signal(int number);
  bool ended();
  ProcessResult wait();

 private:
  TempFolder folder_;
  int pid_ = -1;
  int status_ = 0;
  bool ended_ = false;
};

// Runs `argv` and waits for it.
ProcessResult run_process(const std::vector<std::string>& argv, const ProcessOptions& options = {});

}  // namespace unroll::testing
