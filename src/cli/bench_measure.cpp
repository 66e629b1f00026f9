#include "cli/bench_measure.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <fstream>

#include "base/buffer.h"
#include "report/statistics.h"
#include "sched/scheduler.h"
#include "simd/kernels.h"
#include "train/practice_step.h"
#include "train/stopwatch.h"

namespace unroll {
namespace {

constexpr double kBurstSeconds = 1e-3;   // of multiply-adds
constexpr double kSampleSeconds = 2e-3;  // of one sample of a point, if a step is shorter
constexpr double kPointSeconds = 60e-3;  // of a point in a round, if a step is shorter
constexpr std::size_t kFewestSamples = 3;

// What the compiler must not know to be unused.
volatile float sink = 0.0F;
volatile std::uint64_t integer_sink = 0;

double middle(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return median(values);
}

template <typename Work>
double seconds_of(const Work& work) {
  const CpuStopwatch watch;
  work();
  return watch.seconds();
}

// How often `work` goes into `seconds`, by doubling; at least once.
template <typename Work>
std::size_t repetitions(double seconds, const Work& work) {
  std::size_t count = 1;
  while (count < (std::size_t{1} << 40U)) {
    const double taken = seconds_of([&] { work(count); });
    if (taken >= seconds / 2.0)
      return std::max<std::size_t>(1, static_cast<std::size_t>(static_cast<double>(count) * seconds / taken));
    count *= 2;
  }
  return count;
}

// From a chain of rotations and additions that wait for each other: one cycle each on every CPU of today.
double measure_clock() {
  constexpr std::size_t kLinks = 1000000;
  std::uint64_t x = integer_sink + 1;
  const std::uint64_t step = x | 0x9E3779B97F4A7C15U;
  const double seconds = seconds_of([&] {
    for (std::size_t i = 0; i < kLinks; ++i) x = std::rotl(x, 7) + step;
  });
  integer_sink = x;
  return 2e-9 * static_cast<double>(kLinks) / seconds;
}

// The core's limit for float32 multiply-adds, in GFLOP/s.
class PeakMeter {
 public:
  PeakMeter() {
    rounds_ = repetitions(kBurstSeconds, [&](std::size_t rounds) { sink = kernels_.multiply_adds(rounds); });
  }
  // The best of three bursts: whatever disturbs a loop in registers only makes it slower.
  double measure() {
    double best = 0.0;
    for (int burst = 0; burst < 3; ++burst) {
      const double seconds = seconds_of([&] { sink = kernels_.multiply_adds(rounds_); });
      best = std::max(best, 1e-9 * operations() / seconds);
    }
    seen_.push_back(best);
    return best;
  }
  double median_seen() const { return middle(seen_); }

 private:
  double operations() const {
    return 2.0 * static_cast<double>(rounds_ * simd::kMultiplyAddChains * kernels_.lanes);
  }

  const simd::Kernels& kernels_ = simd::kernels();
  std::size_t rounds_ = 1;
  std::vector<double> seen_;
};

// Bytes of the data cache of this level; `otherwise` if the kernel does not say. (The C library's sysconf is
// wrong about the third level of some CPUs.)
std::size_t cache_size(int level, std::size_t otherwise) {
  for (int index = 0; index < 8; ++index) {
    const std::string folder = fmt::format("/sys/devices/system/cpu/cpu0/cache/index{}/", index);
    std::ifstream levels(folder + "level");
    std::ifstream types(folder + "type");
    std::ifstream sizes(folder + "size");
    int found = 0;
    std::string type;
    std::size_t kibibytes = 0;
    if (!(levels >> found) || !(types >> type) || !(sizes >> kibibytes)) continue;  // "1024K"
    if (found == level && type != "Instruction") return kibibytes << 10U;
  }
  return otherwise;
}

// Half of the first two caches, the middle (by ratio) between the second and the third, and far more than
// all.
std::vector<Bandwidth> bandwidth_levels() {
  const std::size_t l1 = cache_size(1, std::size_t{32} << 10U);
  const std::size_t l2 = cache_size(2, std::size_t{1} << 20U);
  const std::size_t l3 = cache_size(3, 8 * l2);
  const double between = std::sqrt(static_cast<double>(l2) * static_cast<double>(l3));
  return {{"L1", l1 / 2},
          {"L2", l2 / 2},
          {"L3", static_cast<std::size_t>(between)},
          {"DRAM", std::min(8 * l3, available_memory() / 8)}};
}

std::vector<Bandwidth> measure_bandwidths(std::size_t rounds) {
  const simd::Kernels& kernels = simd::kernels();
  std::vector<Bandwidth> levels = bandwidth_levels();
  const std::size_t step = 8 * kernels.lanes;
  const Buffer<float> memory(levels.back().bytes / sizeof(float));
  for (Bandwidth& level : levels) {
    const std::size_t count = level.bytes / sizeof(float) / step * step;
    level.bytes = count * sizeof(float);
    const std::size_t passes =
        repetitions(kSampleSeconds, [&](std::size_t n) { sink = kernels.read(memory.data(), count, n); });
    std::vector<double> rates;
    for (std::size_t round = 0; round < 3 * rounds; ++round) {
      const double seconds = seconds_of([&] { sink = kernels.read(memory.data(), count, passes); });
      rates.push_back(1e-9 * static_cast<double>(passes * level.bytes) / seconds);
    }
    level.gbytes_per_second = middle(rates);
  }
  return levels;
}

// Seconds of a training step: the median of some samples of one or more steps each.
double measure_step(const BenchPoint& point) {
  PracticeStep step(point.model(), bench_optimizer(), point.shape(), point.batch);
  step.run();
  const auto steps = [&](std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) step.run();
  };
  const std::size_t count = repetitions(kSampleSeconds, steps);
  std::vector<double> samples;
  double total = 0.0;
  while (samples.size() < kFewestSamples || total < kPointSeconds) {
    const double seconds = seconds_of([&] { steps(count); });
    samples.push_back(seconds / static_cast<double>(count));
    total += seconds;
  }
  return middle(samples);
}

}  // namespace

BenchReport measure_points(std::span<const BenchPoint> points, std::size_t rounds,
                           const std::function<void(const std::string&)>& progress) {
  BenchReport report;
  progress("cache and memory bandwidth");
  report.bandwidths = measure_bandwidths(rounds);
  PeakMeter peak;
  std::vector<double> clocks;
  std::vector<std::vector<double>> seconds(points.size());
  std::vector<std::vector<double>> percents(points.size());
  for (std::size_t round = 0; round < rounds; ++round) {
    clocks.push_back(measure_clock());
    for (std::size_t i = 0; i < points.size(); ++i) {
      progress(fmt::format("round {} of {}, point {} of {}: {}", round + 1, rounds, i + 1, points.size(),
                           points[i].text()));
      const double before = peak.measure();
      const double taken = measure_step(points[i]);
      const double around = (before + peak.measure()) / 2.0;
      seconds[i].push_back(taken);
      percents[i].push_back(100.0 * 1e-9 * points[i].flops() / taken / around);
    }
  }
  report.clock_ghz = middle(clocks);
  report.peak_gflops = peak.median_seen();
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double typical = middle(seconds[i]);
    report.points.push_back(
        {points[i], 1e3 * typical, 1e-9 * points[i].flops() / typical, middle(percents[i])});
  }
  return report;
}

}  // namespace unroll
