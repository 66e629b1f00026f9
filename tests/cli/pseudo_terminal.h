// A program on a pseudo terminal, driven as a person drives it.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace unroll::testing {

struct TerminalOptions {
  std::size_t columns = 60;
  std::size_t rows = 24;
  std::vector<std::pair<std::string, std::string>> env =
      {};  // added; TERM is xterm, CI and NO_COLOR are not set
};

class OnTerminal {
 public:
  OnTerminal(const std::vector<std::string>& argv, const std::filesystem::path& cwd,
             const TerminalOptions& options = {});
  ~OnTerminal();
  OnTerminal(const OnTerminal&) = delete;
  OnTerminal& operator=(const OnTerminal&) = delete;

  // Reads on until what came since the last call contains `text`, or the output ends.
  void read_until(const std::string& text);
  void read_all() { read_until(""); }
  void type(char key);
  void resize(std::size_t columns, std::size_t rows);
  void signal(int number);
  int exit_code();
  const std::string& output() const { return output_; }

 private:
  int master_ = -1;
  pid_t pid_ = -1;
  std::string output_;
  std::size_t seen_ = 0;
};

// What is on a screen after this output: cursor movements and clearing are obeyed, colours left out. Of the
// alternate screen if it is the one in use.
std::vector<std::string> screen_of(const std::string& output);

}  // namespace unroll::testing
