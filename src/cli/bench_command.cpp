// unroll bench: what this machine can do, and how near to it the kernels and the scheduler come.
#include <fmt/format.h>

#include <optional>

#include "base/error.h"
#include "cli/arguments.h"
#include "cli/bench_measure.h"
#include "cli/bench_points.h"
#include "cli/bench_scheduler.h"
#include "cli/bench_text.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/experiment_arguments.h"
#include "sched/limits.h"
#include "simd/targets.h"

namespace unroll {
namespace {

constexpr std::size_t kRounds = 3;
constexpr std::size_t kNoopRuns = 20000;
constexpr std::size_t kStoreRuns = 100'000;

void refuse(const Arguments& arguments, std::string_view first, std::string_view second) {
  if (arguments.has(first) && arguments.has(second))
    throw UsageError("", fmt::format("--{} and --{} exclude each other", first, second));
}

std::vector<BenchPoint> chosen_points(const Arguments& arguments) {
  refuse(arguments, "points", "quick");
  if (const auto points = arguments.text("points")) return parse_points(*points);
  return arguments.has("quick") ? quick_points() : all_points();
}

std::size_t chosen_core(const Arguments& arguments) {
  if (arguments.text("core") == "0") return 0;
  return arguments.count("core").value_or(allowed_cores().back());
}

int measure_kernels(const Arguments& arguments, Console& console) {
  const std::vector<BenchPoint> points = chosen_points(arguments);
  if (arguments.has("list")) {
    for (const BenchPoint& point : points) console.print(point.text() + "\n");
    return kExitOk;
  }
  const BenchSetting setting{chosen_core(arguments), arguments.count("rounds").value_or(kRounds)};
  pin_to_core(setting.core);
  const BenchReport report = measure_points(points, setting.rounds, [&](const std::string& text) {
    if (console.live()) {
      console.status(" " + text);
    } else {
      console.note(text);
    }
  });
  console.clear_status();
  console.print(arguments.has("json") ? points_json(report, setting) : points_text(report, setting));
  return kExitOk;
}

int measure_scheduler(const Arguments& arguments, Console& console) {
  for (const std::string_view kernels : {"points", "quick", "list", "rounds", "core"}) {
    refuse(arguments, "noop", kernels);
    refuse(arguments, "schedule", kernels);
  }
  const std::size_t workers = worker_count(arguments);
  std::optional<NoopReport> noop;
  std::optional<ScheduleReport> schedule;
  if (arguments.has("noop")) {
    noop = measure_noop(kNoopRuns, workers, console);
    if (noop->signal != 0) return kExitSignalBase + noop->signal;
  }
  if (arguments.has("schedule")) schedule = measure_schedule(workers);
  if (arguments.has("json")) {
    console.print(scheduler_json(noop ? &*noop : nullptr, schedule ? &*schedule : nullptr));
  } else {
    console.print((noop ? noop_text(*noop) : "") + (schedule ? schedule_text(*schedule) : ""));
  }
  return kExitOk;
}

int measure_storage(const Arguments& arguments, Console& console) {
  for (const std::string_view other : {"points", "quick", "list", "rounds", "core", "noop", "schedule"}) {
    refuse(arguments, "store", other);
  }
  const StoreReport report = measure_store(arguments.count("runs").value_or(kStoreRuns),
                                           arguments.text("keep").value_or(""), console);
  console.print(arguments.has("json") ? store_json(report) : store_text(report));
  return kExitOk;
}

int bench(const Arguments& arguments, Console& console) {
  for (const std::string_view mine : {"runs", "keep"}) {
    if (arguments.has(mine) && !arguments.has("store")) {
      throw UsageError("", fmt::format("--{} is for --store", mine));
    }
  }
  if (arguments.has("store")) return measure_storage(arguments, console);
  if (const auto isa = arguments.text("isa")) simd::force_target(*isa);
  const bool scheduler = arguments.has("noop") || arguments.has("schedule");
  return scheduler ? measure_scheduler(arguments, console) : measure_kernels(arguments, console);
}

constexpr Option kOptions[] = {
    {"points", 0, "LIST",
     "training steps to measure, as in lstm:64:32:50,gru:16:1:200:many: cell, hidden, batch, seq_len, and "
     "'one' (the "
     "default: 1 input, head on the last step) or 'many' (64 inputs, 65 outputs at every step)"},
    {"quick", 0, "", "a few points instead of the whole grid"},
    {"list", 0, "", "print the points, as --points takes them, and measure nothing"},
    {"rounds", 0, "N", "times to go through all points; the default is 3"},
    {"core", 0, "N", "core to stay on; the default is the last one that may be used"},
    kIsaOption,
    {"noop", 0, "",
     "measure what surrounds a run instead: plan, queue, record and journal of 20000 empty runs"},
    {"schedule", 0, "", "measure how busy the queue keeps the workers, simulated and real"},
    {"jobs", 'j', "N", "workers of --noop and --schedule; the default is every core that may be used"},
    {"store", 0, "", "measure the plan of a large sweep, its journal, its continuation and its results file"},
    {"runs", 0, "N",
     "runs of the results file of --store, 100000 unless told; the plan has ten times as many"},
    {"keep", 0, "FILE.h5", "keep the results file of --store, to measure readers with"},
    {"json", 0, "", "print one JSON object"},
};
constexpr std::string_view kExamples[] = {
    "unroll bench --quick",
    "unroll bench --points lstm:64:32:50,lstm:64:32:200 --json",
    "unroll bench --noop --schedule",
    "unroll bench --store --runs 1000",
};

}  // namespace

extern const Command kBenchCommand = {
    "bench",
    "measure training steps, caches and the scheduler on this machine",
    "",
    0,
    0,
    kOptions,
    "A point is one training step: forward, loss, backward through time, clipping and Adam. Its operations "
    "are "
    "6 B T G H (H + D), and 6 B T H O for a head at every step; the peak is what the core's multiply-add "
    "units do at most, measured around each point. Times are processor time of one thread, medians over the "
    "rounds. The whole grid takes some minutes.",
    kExamples,
    bench,
};

}  // namespace unroll
