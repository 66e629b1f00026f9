#include "sched/limits.h"

#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <numeric>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include "base/error.h"
#include "sched/scheduler.h"

namespace unroll {
namespace {

namespace fs = std::filesystem;

using CpuSet = std::unique_ptr<cpu_set_t, void (*)(cpu_set_t*)>;
void free_cpu_set(cpu_set_t* set) {
  CPU_FREE(set);
}

template <typename T>
std::optional<T> parse(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<std::string> words_of(const std::string& line, char separator = ' ') {
  std::vector<std::string> words;
  std::istringstream in(line);
  for (std::string word; std::getline(in, word, separator);) words.push_back(word);
  return words;
}

std::vector<std::string> first_words(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return words_of(line);
}

bool lists(const std::string& comma_separated, std::string_view name) {
  const std::vector<std::string> names = words_of(comma_separated, ',');
  return std::find(names.begin(), names.end(), name) != names.end();
}

// A hierarchy that this process is in: the folder of its cgroup and the mount point that limits the walk.
struct Hierarchy {
  bool v2 = false;
  fs::path top;
  fs::path own;
};

// The path of this process's cgroup in the hierarchy of `controller`; "" for v2's.
std::optional<std::string> cgroup_path(const fs::path& root, std::string_view controller) {
  std::ifstream in(root / "proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {  // 4:cpu,cpuacct:/user/a
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    if (controller.empty() ? controllers.empty() : lists(controllers, controller)) {
      return line.substr(second + 1);
    }
  }
  return std::nullopt;
}

// Hierarchies that may limit `controller`: its own of v1, and v2's.
std::vector<Hierarchy> hierarchies(const fs::path& root, std::string_view controller) {
  std::vector<Hierarchy> found;
  std::ifstream in(root / "proc/self/mountinfo");
  for (std::string line; std::getline(in, line);) {
    // 32 31 0:29 /mounted/part /mount/point rw - cgroup cgroup rw,cpu
    const std::size_t dash = line.find(" - ");
    if (dash == std::string::npos) continue;
    const std::vector<std::string> left = words_of(line.substr(0, dash));
    const std::vector<std::string> right = words_of(line.substr(dash + 3));
    if (left.size() < 5 || right.size() < 3) continue;
    const bool v2 = right[0] == "cgroup2";
    if (!v2 && !(right[0] == "cgroup" && lists(right[2], controller))) continue;
    const std::optional<std::string> path = cgroup_path(root, v2 ? std::string_view() : controller);
    if (!path) continue;
    const fs::path top = root / fs::path(left[4]).relative_path();
    // In a container the mount shows a part of the tree, and the path may name the whole.
    const fs::path inside = fs::path(*path).lexically_relative(left[3]);
    const bool beneath = !inside.empty() && *inside.begin() != "..";
    found.push_back({v2, top, (top / (beneath ? inside : fs::path())).lexically_normal()});
  }
  return found;
}

// The least of what `read` finds in the folders from the own cgroup up to the mount point.
template <typename T, typename Read>
std::optional<T> strictest(const fs::path& root, std::string_view controller, Read read) {
  std::optional<T> least;
  for (const Hierarchy& hierarchy : hierarchies(root, controller)) {
    const fs::path top = hierarchy.top.lexically_normal();
    for (fs::path folder = hierarchy.own;; folder = folder.parent_path()) {
      const std::optional<T> limit = read(folder, hierarchy.v2);
      if (limit && (!least || *limit < *least)) least = limit;
      const auto deeper = std::distance(folder.begin(), folder.end()) > std::distance(top.begin(), top.end());
      if (!deeper || folder == folder.parent_path()) break;
    }
  }
  return least;
}

std::optional<double> read_cpu_quota(const fs::path& folder, bool v2) {
  std::vector<std::string> words;  // quota and period in microseconds
  if (v2) {
    words = first_words(folder / "cpu.max");
  } else {
    words = first_words(folder / "cpu.cfs_quota_us");
    for (const std::string& word : first_words(folder / "cpu.cfs_period_us")) words.push_back(word);
  }
  if (words.size() != 2) return std::nullopt;
  const auto quota = parse<long long>(words[0]);  // "max" or -1: none
  const auto period = parse<long long>(words[1]);
  if (!quota || !period || *quota <= 0 || *period <= 0) return std::nullopt;
  return static_cast<double>(*quota) / static_cast<double>(*period);
}

std::optional<std::size_t> read_memory_limit(const fs::path& folder, bool v2) {
  const std::vector<std::string> words = first_words(folder / (v2 ? "memory.max" : "memory.limit_in_bytes"));
  if (words.size() != 1) return std::nullopt;
  return parse<std::size_t>(words[0]);
}

std::size_t physical_memory(const fs::path& root) {
  std::ifstream in(root / "proc/meminfo");
  for (std::string name, unit; in >> name;) {  // MemTotal:  16384256 kB
    std::size_t value = 0;
    if (name == "MemTotal:" && in >> value >> unit) return value * 1024;
    in.ignore(1 << 10, '\n');
  }
  return 0;
}

}  // namespace

std::size_t CoreLimits::usable() const {
  std::size_t least = affinity;
  if (quota) least = std::min(least, static_cast<std::size_t>(std::min(std::ceil(*quota), 1e6)));
  if (slurm) least = std::min(least, *slurm);
  return std::max<std::size_t>(1, least);
}

std::size_t MemoryLimits::usable() const {
  return cgroup && (physical == 0 || *cgroup < physical) ? *cgroup : physical;
}

std::optional<double> cgroup_cpu_quota(const fs::path& root) {
  return strictest<double>(root, "cpu", read_cpu_quota);
}

std::optional<std::size_t> cgroup_memory_limit(const fs::path& root) {
  return strictest<std::size_t>(root, "memory", read_memory_limit);
}

std::optional<std::size_t> parse_core_count(const char* text) {
  if (text == nullptr) return std::nullopt;
  const auto count = parse<std::size_t>(text);
  return count && *count >= 1 ? count : std::nullopt;
}

std::vector<std::size_t> allowed_cores() {
  std::vector<std::size_t> cores;
  // The kernel refuses a mask smaller than its own, whose size is not known: ask with larger ones.
  for (std::size_t cpus = 1024; cores.empty() && cpus <= (std::size_t{1} << 20U); cpus *= 2) {
    const CpuSet set(CPU_ALLOC(cpus), free_cpu_set);
    const std::size_t bytes = CPU_ALLOC_SIZE(cpus);
    if (set == nullptr || sched_getaffinity(0, bytes, set.get()) != 0) continue;
    for (std::size_t core = 0; core < cpus; ++core) {
      if (CPU_ISSET_S(core, bytes, set.get())) cores.push_back(core);
    }
  }
  if (cores.empty()) {
    cores.resize(std::max(1U, std::thread::hardware_concurrency()));
    std::iota(cores.begin(), cores.end(), std::size_t{0});
  }
  return cores;
}

void pin_to_core(std::size_t core) {
  const std::vector<std::size_t> cores = allowed_cores();
  if (!std::binary_search(cores.begin(), cores.end(), core)) {
    throw UsageError("", "core " + std::to_string(core) + " may not be used",
                     "the last one that may is " + std::to_string(cores.back()));
  }
  const CpuSet set(CPU_ALLOC(core + 1), free_cpu_set);
  UNROLL_CHECK(set != nullptr, "out of memory");
  const std::size_t bytes = CPU_ALLOC_SIZE(core + 1);
  CPU_ZERO_S(bytes, set.get());
  CPU_SET_S(core, bytes, set.get());
  if (sched_setaffinity(0, bytes, set.get()) != 0) {
    throw UsageError("", "cannot stay on core " + std::to_string(core), std::strerror(errno));
  }
}

CoreLimits core_limits(const fs::path& root) {
  return {allowed_cores().size(), cgroup_cpu_quota(root),
          parse_core_count(std::getenv("SLURM_CPUS_PER_TASK"))};
}

MemoryLimits memory_limits(const fs::path& root) {
  return {physical_memory(root), cgroup_memory_limit(root)};
}

std::size_t available_cores() {
  return core_limits().usable();
}

std::size_t available_memory() {
  return memory_limits().usable();
}

}  // namespace unroll
