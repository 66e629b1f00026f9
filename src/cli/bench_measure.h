// The measurements behind `unroll bench`: times of one thread on one core, against what that core can do.
// Times are processor time of the thread, so that other programs on the machine disturb little.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/bench_points.h"

namespace unroll {

struct Bandwidth {
  std::string_view level;  // "L1", "L2", "L3", "DRAM"
  std::size_t bytes = 0;   // read again and again
  double gbytes_per_second = 0.0;
};

struct PointTime {
  BenchPoint point;
  double ms_per_step = 0.0;
  double gflops = 0.0;
  double percent_of_peak = 0.0;  // of the peak just before and after, so that a drift of the clock cancels
};

struct BenchReport {
  double clock_ghz = 0.0;
  double peak_gflops = 0.0;  // float32 multiply-adds of the instruction set in use
  std::vector<Bandwidth> bandwidths;
  std::vector<PointTime> points;
};

// Every number is the median over the rounds; a round goes through all points. `progress` hears of each
// point before it is measured.
BenchReport measure_points(std::span<const BenchPoint> points, std::size_t rounds,
                           const std::function<void(const std::string&)>& progress);

}  // namespace unroll
