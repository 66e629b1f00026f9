// What `unroll bench` found, as tables and as JSON.
#pragma once

#include <string>

#include "cli/bench_measure.h"
#include "cli/bench_scheduler.h"
#include "cli/bench_store.h"

namespace unroll {

// Where a measurement was taken.
struct BenchSetting {
  std::size_t core = 0;  // the one that the thread was kept on
  std::size_t rounds = 0;
};

std::string points_text(const BenchReport& report, const BenchSetting& setting);
// {context, peak_gflops, bandwidths, points: [{cell, hidden, batch, seq_len, head, ms_per_step, gflops,
// percent_of_peak}]}
std::string points_json(const BenchReport& report, const BenchSetting& setting);

std::string noop_text(const NoopReport& report);
std::string schedule_text(const ScheduleReport& report);
// {context, noop, schedule}, each only if it was measured.
std::string scheduler_json(const NoopReport* noop, const ScheduleReport* schedule);

std::string store_text(const StoreReport& report);
std::string store_json(const StoreReport& report);

}  // namespace unroll
