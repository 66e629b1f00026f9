#include "cli/bench_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "cli/build_info.h"
#include "cli/quantity.h"
#include "cli/sweep_text.h"
#include "report/text_table.h"
#include "simd/targets.h"

namespace unroll {
namespace {

using Json = nlohmann::ordered_json;

// Enough figures for ratios; the rest is noise.
Json rounded(double value) {
  return Json::parse(fmt::format("{:.5g}", value));
}

Json context() {
  Json json;
  json["cpu"] = processor_name();
  json["isa"] = simd::target_name();
  json["version"] = version();
  json["commit"] = commit();
  json["compiler"] = compiler();
  for (const auto& [name, number] : libraries()) json["versions"][std::string(name)] = number;
  return json;
}

std::string dump(const Json& json) {
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string points_text(const BenchReport& report, const BenchSetting& setting) {
  std::string out =
      fmt::format("{}, {}, core {} at {:.2f} GHz; medians of {}\n", processor_name(), simd::target_name(),
                  setting.core, report.clock_ghz, count(setting.rounds, "round"));
  out += fmt::format("peak  {} GFLOP/s (float32 multiply-adds)\n", number(report.peak_gflops));
  std::vector<std::string> reads;
  for (const Bandwidth& level : report.bandwidths) {
    reads.push_back(fmt::format("{} {} GB/s ({})", level.level, number(level.gbytes_per_second),
                                bytes_text(static_cast<double>(level.bytes))));
  }
  out += fmt::format("read  {}", fmt::join(reads, ", "));
  TextTable table({{"cell", true},
                   {"hidden"},
                   {"batch"},
                   {"seq_len"},
                   {"head"},
                   {"ms per step"},
                   {"GFLOP/s"},
                   {"% of peak"}});
  for (const PointTime& time : report.points) {
    const BenchPoint& p = time.point;
    table.add({p.cell, fmt::format("{}", p.hidden), fmt::format("{}", p.batch), fmt::format("{}", p.seq_len),
               std::string(p.head()), number(time.ms_per_step), number(time.gflops),
               fmt::format("{:.1f}", time.percent_of_peak)});
  }
  return out + "\n\n" + table.text(Console::kWide);
}

std::string points_json(const BenchReport& report, const BenchSetting& setting) {
  Json json;
  json["context"] = context();
  json["context"]["core"] = setting.core;
  json["context"]["clock_ghz"] = rounded(report.clock_ghz);
  json["context"]["rounds"] = setting.rounds;
  json["peak_gflops"] = rounded(report.peak_gflops);
  for (const Bandwidth& level : report.bandwidths) {
    json["bandwidths"].push_back({{"level", level.level},
                                  {"bytes", level.bytes},
                                  {"gbytes_per_second", rounded(level.gbytes_per_second)}});
  }
  for (const PointTime& time : report.points) {
    const BenchPoint& p = time.point;
    json["points"].push_back({{"cell", p.cell},
                              {"hidden", p.hidden},
                              {"batch", p.batch},
                              {"seq_len", p.seq_len},
                              {"head", p.head()},
                              {"ms_per_step", rounded(time.ms_per_step)},
                              {"gflops", rounded(time.gflops)},
                              {"percent_of_peak", rounded(time.percent_of_peak)}});
  }
  return dump(json);
}

std::string noop_text(const NoopReport& report) {
  std::string out =
      fmt::format("{} runs that train nothing, with everything around the training\n", report.runs);
  TextTable table({{"part", true}, {"us per run"}, {"runs/s"}});
  const auto add = [&](std::string part, double us) {
    table.add({std::move(part), fmt::format("{:.1f}", us), fmt::format("{:.0f}", 1e6 / us)});
  };
  add("experiment and plan", report.plan_us_per_run);
  for (const NoopRow& row : report.rows) {
    add(fmt::format("scheduled and in the journal, {}", count(row.workers, "worker")), row.us_per_run);
  }
  add("results.h5, written once", report.results_us_per_run);
  return out + table.text(Console::kWide);
}

std::string schedule_text(const ScheduleReport& report) {
  return fmt::format(
      "{} jobs, largest {:.0f} times the smallest\n"
      "  simulated on {}: {:.1f}% of the speed that no schedule can beat; {:.1f}% if costs are up to 25% "
      "wrong\n"
      "  spinning on {}: {:.1f}% busy in {}\n",
      report.jobs, report.cost_ratio, count(report.simulated_workers, "worker"), 100.0 * report.bound_share,
      100.0 * report.guessed_bound_share, count(report.workers, "worker"), 100.0 * report.busy_share,
      duration_text(report.wall_seconds));
}

std::string scheduler_json(const NoopReport* noop, const ScheduleReport* schedule) {
  Json json;
  json["context"] = context();
  if (noop != nullptr) {
    Json& out = json["noop"];
    out["runs"] = noop->runs;
    out["plan_us_per_run"] = rounded(noop->plan_us_per_run);
    out["results_us_per_run"] = rounded(noop->results_us_per_run);
    for (const NoopRow& row : noop->rows) {
      out["scheduled"].push_back({{"workers", row.workers},
                                  {"us_per_run", rounded(row.us_per_run)},
                                  {"runs_per_second", rounded(row.runs_per_second)}});
    }
  }
  if (schedule != nullptr) {
    json["schedule"] = {{"jobs", schedule->jobs},
                        {"cost_ratio", schedule->cost_ratio},
                        {"simulated_workers", schedule->simulated_workers},
                        {"bound_share", rounded(schedule->bound_share)},
                        {"guessed_bound_share", rounded(schedule->guessed_bound_share)},
                        {"workers", schedule->workers},
                        {"wall_seconds", rounded(schedule->wall_seconds)},
                        {"busy_share", rounded(schedule->busy_share)}};
  }
  return dump(json);
}

std::string store_text(const StoreReport& report) {
  std::string out = fmt::format("a sweep of {} runs with small records\n", report.planned);
  out += fmt::format("  planned in {:.2f} s, recorded at {:.0f} records/s\n", report.plan_seconds,
                     report.small_records_per_second);
  out += fmt::format("  continued with nothing to do in {:.2f} s, {} of memory\n", report.resume_seconds,
                     bytes_text(report.resume_bytes));
  out += fmt::format("{} runs of 100 epochs and 10 metrics\n", report.runs);
  out += fmt::format("  journal: {:.0f} records/s, {} each, {:.4f}% of one-second runs\n",
                     report.records_per_second, bytes_text(report.record_bytes), 100.0 * report.append_share);
  out += fmt::format(
      "  results.h5: written, read back and compared at {:.0f} runs/s, {:.0f}% of its numbers' size\n",
      report.runs_per_second, 100.0 * report.file_share);
  out += fmt::format("  results.h5: read with every checksum in {:.2f} s\n", report.read_seconds);
  return out;
}

std::string store_json(const StoreReport& report) {
  Json json;
  json["context"] = context();
  json["planned"] = report.planned;
  json["plan_seconds"] = rounded(report.plan_seconds);
  json["small_records_per_second"] = rounded(report.small_records_per_second);
  json["resume_seconds"] = rounded(report.resume_seconds);
  json["resume_bytes"] = report.resume_bytes;
  json["runs"] = report.runs;
  json["records_per_second"] = rounded(report.records_per_second);
  json["record_bytes"] = rounded(report.record_bytes);
  json["append_share"] = report.append_share;
  json["runs_per_second"] = rounded(report.runs_per_second);
  json["file_share"] = rounded(report.file_share);
  json["read_seconds"] = rounded(report.read_seconds);
  return dump(json);
}

}  // namespace unroll
