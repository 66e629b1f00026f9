// What this process may really use of the machine, and which limit says so.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <vector>

namespace unroll {

// Every limit on the number of cores; those that are not set are empty.
struct CoreLimits {
  std::size_t affinity = 1;          // cores in the affinity mask
  std::optional<double> quota;       // cores' worth of time that the cgroup may use, may be a fraction
  std::optional<std::size_t> slurm;  // SLURM_CPUS_PER_TASK
  // The least of them; a fraction is rounded up, for jobs that only compute lose little to throttling and
  // a core left out would be lost whole. At least 1.
  std::size_t usable() const;
};

struct MemoryLimits {
  std::size_t physical = 0;           // bytes
  std::optional<std::size_t> cgroup;  // bytes
  std::size_t usable() const;
};

// root: where /proc and /sys are found; "/" but in tests.
CoreLimits core_limits(const std::filesystem::path& root = "/");
MemoryLimits memory_limits(const std::filesystem::path& root = "/");

// Numbers of the cores in the affinity mask, rising; at least one.
std::vector<std::size_t> allowed_cores();

// Keeps the calling thread, and threads that it makes, on this core. Throws UsageError if it may not be used.
void pin_to_core(std::size_t core);

// The strictest CPU quota and memory limit on the way from this process's cgroup up to the mount point of its
// controller, for cgroup v1, v2 and both at once. Sources: the kernel's cgroup-v2.rst and cgroup-v1/.
std::optional<double> cgroup_cpu_quota(const std::filesystem::path& root);
std::optional<std::size_t> cgroup_memory_limit(const std::filesystem::path& root);

// SLURM_CPUS_PER_TASK: a whole number of at least 1, or nothing.
std::optional<std::size_t> parse_core_count(const char* text);

}  // namespace unroll
