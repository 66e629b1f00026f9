// A run that was acknowledged (sync returned) is never lost, whatever call fails and whenever the process
// dies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <set>

#include "base/rng.h"
#include "store/journal.h"
#include "tests/store/faults.h"
#include "tests/store/samples.h"

namespace unroll {
namespace {

// Children say through this what was acknowledged; it outlives them.
class Acknowledged {
 public:
  Acknowledged() { EXPECT_EQ(::pipe(ends_), 0); }
  ~Acknowledged() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  Acknowledged(const Acknowledged&) = delete;
  Acknowledged& operator=(const Acknowledged&) = delete;

  // One small write: a kill cannot tear it.
  void say(int run) const {
    EXPECT_EQ(::write(ends_[1], &run, sizeof run), static_cast<ssize_t>(sizeof run));
  }
  // Everything said since the last call. Requires: no child lives.
  std::vector<int> take() const {
    constexpr int kEnd = -1;
    say(kEnd);
    std::vector<int> runs;
    for (int run = 0; ::read(ends_[0], &run, sizeof run) == sizeof run && run != kEnd;) runs.push_back(run);
    return runs;
  }

 private:
  int ends_[2] = {-1, -1};
};

RunRecord small_run() {
  RunRecord record;
  record.state = RunState::kDone;
  record.epochs = 3;
  record[Metric::kTrainLoss] = {3.0, 2.0, 1.0};
  return record;
}

Manifest small_manifest() {
  Manifest manifest;
  manifest.experiment = "faults";
  return manifest;
}

std::set<int> runs_in(const std::filesystem::path& path) {
  std::set<int> runs;
  scan_journal(path, [&](const std::string& id, RunRecord& record, const RecordPlace&) {
    runs.insert(std::stoi(id));
    EXPECT_EQ(record[Metric::kTrainLoss], small_run()[Metric::kTrainLoss]);
  });
  return runs;
}

constexpr int kRuns = 6;
constexpr int kSaidFailure = 7;

// A process that opens the journal, writes runs first .. first + kRuns - 1, and seals; its nth call fails.
Ending write_runs(const std::filesystem::path& path, const Acknowledged& acknowledged, int first, Fault fault,
                  int nth) {
  return in_child([&] {
    try {
      arm(fault, nth);
      JournalWriter writer(path, small_manifest());
      for (int run = first; run < first + kRuns; ++run) {
        writer.append(std::to_string(run), small_run());
        writer.sync();
        const int seen = calls_seen();
        arm(Fault::kNone, 0);  // the pipe is not under test
        acknowledged.say(run);
        arm(fault, nth - seen);
        nth -= seen;
      }
      writer.seal();
    } catch (const FileError& error) {
      return error.where().starts_with(path.parent_path().string()) ? kSaidFailure : 1;
    }
    return 0;
  });
}

// Every run that was said to be safe is there; and the journal goes on without a repair.
void expect_sound(const std::filesystem::path& path, const std::vector<int>& said) {
  if (!said.empty()) {
    const std::set<int> found = runs_in(path);
    for (int run : said) ASSERT_TRUE(found.contains(run)) << run;
  }
  JournalWriter writer(path, small_manifest());
  ASSERT_GE(writer.content().runs, said.size());
  writer.append("99", small_run());
  writer.seal();
  ASSERT_EQ(runs_in(path).count(99), 1U);
}

class JournalFault : public testing::TestWithParam<Fault> {};

TEST_P(JournalFault, LosesNoAcknowledgedRun) {
  bool failed = false;
  for (int nth = 1, successes = 0; successes < 3; ++nth) {
    SCOPED_TRACE(nth);
    const MemoryFolder folder;
    const Acknowledged acknowledged;
    const Ending ending = write_runs(folder / "a.journal", acknowledged, 0, GetParam(), nth);
    ASSERT_TRUE(ending.killed || ending.code == 0 || ending.code == kSaidFailure) << ending.code;
    const std::vector<int> said = acknowledged.take();
    expect_sound(folder / "a.journal", said);
    if (ending.code == 0) {
      ASSERT_EQ(said.size(), std::size_t{kRuns});
      ++successes;
    } else {
      failed = true;
    }
  }
  EXPECT_EQ(failed, GetParam() != Fault::kShortWrite);
}

class JournalSecondFault : public testing::TestWithParam<Fault> {};

// A second fault while the journal is continued after the first.
TEST_P(JournalSecondFault, LosesNoAcknowledgedRun) {
  int pairs = 0;
  for (int first = 1;; first += 2) {
    bool dead = false;
    for (int second = 1;; ++second) {
      SCOPED_TRACE(std::to_string(first) + ", " + std::to_string(second));
      const MemoryFolder folder;
      const Acknowledged acknowledged;
      dead = write_runs(folder / "a.journal", acknowledged, 0, Fault::kTorn, first).killed;
      const Ending ending = write_runs(folder / "a.journal", acknowledged, kRuns, GetParam(), second);
      ASSERT_TRUE(ending.killed || ending.code == 0 || ending.code == kSaidFailure) << ending.code;
      expect_sound(folder / "a.journal", acknowledged.take());
      ++pairs;
      if (ending.code == 0) break;
    }
    if (!dead) break;
  }
  EXPECT_GT(pairs, 10);
}

INSTANTIATE_TEST_SUITE_P(All, JournalFault,
                         testing::Values(Fault::kKill, Fault::kTorn, Fault::kIoError, Fault::kIoErrors,
                                         Fault::kDiskFull, Fault::kShortWrite),
                         [](const auto& name) { return fault_name(name.param); });

INSTANTIATE_TEST_SUITE_P(All, JournalSecondFault, testing::Values(Fault::kKill, Fault::kDiskFull),
                         [](const auto& name) { return fault_name(name.param); });

// One journal, continued after each kill at a moment that nobody chose.
TEST(JournalKill, LosesNoAcknowledgedRun) {
  const MemoryFolder folder;
  const std::filesystem::path path = folder / "a.journal";
  Acknowledged acknowledged;
  Rng rng({1, 1}, Purpose::kSample);
  std::set<int> all;
  std::uint32_t longest = 3'000'000;  // nanoseconds; more where a life is too short to write anything
  for (int life = 0; life < 300; ++life) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      JournalWriter writer(path, small_manifest());
      for (int run = life * 100000;; ++run) {
        writer.append(std::to_string(run), small_run());
        if (run % 3 != 0) continue;
        writer.sync();
        acknowledged.say(run);
      }
    }
    const timespec pause{0, static_cast<long>(rng.below(longest))};
    ::nanosleep(&pause, nullptr);
    ::kill(pid, SIGKILL);
    ASSERT_EQ(::waitpid(pid, nullptr, 0), pid);
    const std::vector<int> said = acknowledged.take();
    all.insert(said.begin(), said.end());
    if (all.empty() && longest < 100'000'000) longest += longest / 8;
  }
  ASSERT_FALSE(all.empty());
  const std::set<int> found = runs_in(path);
  for (int run : all) ASSERT_TRUE(found.contains(run)) << run;
}

TEST(JournalLimit, AFullDiskIsNamedAndLosesNothing) {
  const MemoryFolder folder;
  const std::filesystem::path path = folder / "a.journal";
  Acknowledged acknowledged;
  const Ending ending = in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{20'000, 20'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    JournalWriter writer(path, small_manifest());
    try {
      for (int run = 0;; ++run) {
        writer.append(std::to_string(run), small_run());
        writer.sync();
        acknowledged.say(run);
      }
    } catch (const FileError& error) {
      if (error.where() != path.string()) return 1;
      if (error.message().find("File too large") == std::string::npos) return 2;
    }
    try {
      writer.append("more", small_run());
    } catch (const FileError&) {
      return 0;
    }
    return 3;
  });
  EXPECT_EQ(ending.code, 0);
  const std::vector<int> said = acknowledged.take();
  EXPECT_GT(said.size(), 50U);
  EXPECT_EQ(runs_in(path).size(), said.size());
  EXPECT_EQ(read_journal(path).torn_bytes, 0U);
}

}  // namespace
}  // namespace unroll
