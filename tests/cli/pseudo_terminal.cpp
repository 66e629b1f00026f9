#include "tests/cli/pseudo_terminal.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>

namespace unroll::testing {

OnTerminal::OnTerminal(const std::vector<std::string>& argv, const std::filesystem::path& cwd,
                       const TerminalOptions& options) {
  master_ = posix_openpt(O_RDWR | O_NOCTTY);
  EXPECT_TRUE(master_ >= 0 && grantpt(master_) == 0 && unlockpt(master_) == 0);
  resize(options.columns, options.rows);
  const std::string name = ptsname(master_);
  pid_ = fork();
  if (pid_ != 0) return;
  setsid();
  const int terminal = open(name.c_str(), O_RDWR);  // becomes the controlling one
  for (int fd = 0; fd < 3; ++fd) dup2(terminal, fd);
  close(master_);
  setenv("TERM", "xterm", 1);
  unsetenv("CI");
  unsetenv("NO_COLOR");
  for (const auto& [variable, value] : options.env) setenv(variable.c_str(), value.c_str(), 1);
  std::vector<char*> args;
  for (const std::string& arg : argv) args.push_back(const_cast<char*>(arg.c_str()));
  args.push_back(nullptr);
  if (chdir(cwd.c_str()) == 0) execv(args[0], args.data());
  _exit(127);
}

OnTerminal::~OnTerminal() {
  close(master_);
}

void OnTerminal::read_until(const std::string& text) {
  std::array<char, 4096> buffer{};
  while (text.empty() || output_.find(text, seen_) == std::string::npos) {
    const ssize_t n = read(master_, buffer.data(), buffer.size());
    if (n <= 0) break;  // EIO: the program has closed its side
    output_.append(buffer.data(), static_cast<std::size_t>(n));
  }
  seen_ = output_.size();
}

void OnTerminal::type(char key) {
  EXPECT_EQ(write(master_, &key, 1), 1);
}

void OnTerminal::resize(std::size_t columns, std::size_t rows) {
  const winsize size{static_cast<unsigned short>(rows), static_cast<unsigned short>(columns), 0, 0};
  EXPECT_EQ(ioctl(master_, TIOCSWINSZ, &size), 0);
}

void OnTerminal::signal(int number) {
  EXPECT_EQ(kill(pid_, number), 0);
}

int OnTerminal::exit_code() {
  int status = 0;
  EXPECT_EQ(waitpid(pid_, &status, 0), pid_);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::vector<std::string> screen_of(const std::string& output) {
  std::vector<std::string> lines(1);
  std::size_t row = 0;
  std::size_t byte = 0;  // the cursor, counted in bytes: the program only ever writes whole lines
  for (std::size_t i = 0; i < output.size(); ++i) {
    const char c = output[i];
    if (c == '\r') {
      byte = 0;
    } else if (c == '\n') {
      if (++row == lines.size()) lines.emplace_back();
    } else if (c != '\x1b') {
      if (byte >= lines[row].size()) lines[row].resize(byte + 1, ' ');
      lines[row][byte++] = c;
    } else {
      const std::size_t end = output.find_first_of("ABCDHJKmhlu", i + 1);
      if (end == std::string::npos) break;
      const std::string code = output.substr(i + 1, end - i);
      if (code == "[H") row = byte = 0;
      if (code == "[K") lines[row].resize(byte);
      if (code == "[J") {
        lines[row].resize(byte);
        lines.resize(row + 1);
      }
      if (code == "[?1049h" || code == "[?1049l") {
        lines.assign(1, "");
        row = byte = 0;
      }
      i = end;
    }
  }
  return lines;
}

}  // namespace unroll::testing
