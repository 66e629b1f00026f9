// `unroll run` on a terminal: the line that rewrites itself, and Ctrl-C.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>

#include "tests/cli/program.h"

namespace unroll::testing {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::size_t kColumns = 60;
const std::string kClear = "\r\x1b[K";

// A program whose terminal is a pseudo terminal of kColumns columns.
class OnTerminal {
 public:
  OnTerminal(const std::vector<std::string>& argv, const std::filesystem::path& cwd) {
    master_ = posix_openpt(O_RDWR | O_NOCTTY);
    EXPECT_TRUE(master_ >= 0 && grantpt(master_) == 0 && unlockpt(master_) == 0);
    const winsize size{24, kColumns, 0, 0};
    EXPECT_EQ(ioctl(master_, TIOCSWINSZ, &size), 0);
    const std::string name = ptsname(master_);
    pid_ = fork();
    if (pid_ == 0) {
      setsid();
      const int terminal = open(name.c_str(), O_RDWR);  // becomes the controlling one
      for (int fd = 0; fd < 3; ++fd) dup2(terminal, fd);
      setenv("TERM", "xterm", 1);
      unsetenv("CI");
      unsetenv("NO_COLOR");
      std::vector<char*> args;
      for (const std::string& arg : argv) args.push_back(const_cast<char*>(arg.c_str()));
      args.push_back(nullptr);
      if (chdir(cwd.c_str()) == 0) execv(args[0], args.data());
      _exit(127);
    }
  }
  ~OnTerminal() { close(master_); }
  OnTerminal(const OnTerminal&) = delete;
  OnTerminal& operator=(const OnTerminal&) = delete;

  // Reads on until the output contains `text`, or ends.
  void read_until(const std::string& text) {
    std::array<char, 4096> buffer{};
    while (text.empty() || output_.find(text) == std::string::npos) {
      const ssize_t n = read(master_, buffer.data(), buffer.size());
      if (n <= 0) return;  // EIO: the program has closed its side
      output_.append(buffer.data(), static_cast<std::size_t>(n));
    }
  }
  void type(char key) { EXPECT_EQ(write(master_, &key, 1), 1); }
  int exit_code() {
    int status = 0;
    EXPECT_EQ(waitpid(pid_, &status, 0), pid_);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  const std::string& output() const { return output_; }

 private:
  int master_ = -1;
  pid_t pid_ = -1;
  std::string output_;
};

TEST(Terminal, ShowsOneLineThatFitsAndGoesAway) {
  const Workplace place(Workplace::kLong);
  OnTerminal run({program_path(), "run", "a.yaml", "-j", "1"}, place.folder());
  run.read_until("");
  EXPECT_EQ(run.exit_code(), 0) << run.output();
  const std::string& output = run.output();
  EXPECT_THAT(output, AllOf(HasSubstr(kClear + " ["), HasSubstr("% of work"), EndsWith("\n")));
  std::size_t frames = 0;
  for (std::size_t at = output.find(kClear); at != std::string::npos; at = output.find(kClear, at + 1)) {
    const std::size_t begin = at + kClear.size();
    const std::string frame = output.substr(begin, output.find_first_of("\r\n", begin) - begin);
    if (frame.rfind(" [", 0) != 0) continue;
    ++frames;
    EXPECT_LT(frame.size(), kColumns) << frame;
  }
  EXPECT_GE(frames, 1U);
  // The last frame is cleared before the last lines are written.
  const std::size_t last = output.rfind(kClear) + kClear.size();
  EXPECT_THAT(output.substr(last), AllOf(HasSubstr("core efficiency"), Not(HasSubstr("% of work"))));
}

TEST(Terminal, CtrlCStopsAndSaysHowToContinue) {
  const Workplace place(Workplace::kLong);
  OnTerminal run({program_path(), "run", "a.yaml", "-j", "1"}, place.folder());
  run.read_until("% of work");
  run.type('\x03');
  run.read_until("");
  EXPECT_EQ(run.exit_code(), 130) << run.output();
  EXPECT_THAT(run.output(), HasSubstr("to continue:"));
}

}  // namespace
}  // namespace unroll::testing
