#include "cli/forecast.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <queue>

#include "data/task.h"
#include "nn/model.h"
#include "train/metrics.h"

namespace unroll {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

double makespan(std::vector<double> costs, std::size_t workers, double rate) {
  std::sort(costs.begin(), costs.end(), std::greater<>());
  // When each worker is free again; the earliest takes the next run.
  std::priority_queue<double, std::vector<double>, std::greater<>> free;
  for (std::size_t w = 0; w < workers; ++w) free.push(0.0);
  double end = 0.0;
  for (const double cost : costs) {
    const double done = free.top() + cost / rate;
    free.pop();
    free.push(done);
    end = std::max(end, done);
  }
  return end;
}

double observed_rate(std::span<const RunRecord> records) {
  double flops = 0.0;
  double seconds = 0.0;
  for (const RunRecord& record : records) {
    const std::vector<double>& work = record[Metric::kFlops];
    const std::vector<double>& time = record[Metric::kWallSeconds];
    if (record.state != RunState::kDone || work.size() != 1 || time.size() != 1) continue;
    flops += work[0];
    seconds += time[0];
  }
  return seconds > 0.0 ? flops / seconds : 0.0;
}

double peak_bytes(const Plan& plan, std::size_t workers) {
  std::vector<std::size_t> bytes;
  for (std::size_t i = 0; i < plan.runs.size(); ++i) bytes.push_back(plan.runs.estimate(i).bytes);
  std::sort(bytes.begin(), bytes.end(), std::greater<>());
  double sum = 0.0;
  for (std::size_t i = 0; i < std::min(workers, bytes.size()); ++i) sum += static_cast<double>(bytes[i]);
  return sum;
}

}  // namespace unroll
