// Results of a made-up sweep, as read_results would return them.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "report/grid.h"

namespace unroll {

// Stand for a state in a list of losses.
inline constexpr double kDivergedRun = std::numeric_limits<double>::infinity();
inline constexpr double kFailedRun = -std::numeric_limits<double>::infinity();
inline constexpr double kMissingRun = std::numeric_limits<double>::quiet_NaN();

class FakeSweep {
 public:
  // Names of the swept settings.
  explicit FakeSweep(std::vector<std::string> settings);

  // Chance level of the runs added from here on; NaN: the runs record none.
  FakeSweep& chance(double level);
  // One run for each loss, as replicates 0, 1, 2 ...
  FakeSweep& add(std::vector<AxisValue> values, const std::vector<double>& losses);

  Results results() const;

 private:
  std::vector<std::string> settings_;
  std::vector<std::vector<AxisValue>> values_;  // [run][setting]
  double chance_ = 1.0 / 6.0;
  Results results_;
};

// rnn, lstm and gru on the adding problem at two lengths, five seeds: the shape of the quickstart.
Results quickstart_results();

// Adds what a real sweep records: a fading gradient, seconds and parameters that differ.
Results with_gradients(Results results, std::uint32_t lags = 20);

// rnn, gru: the probes at which the runs of each have histograms of their gates: of the second of two gates.
Results with_gates_at(const std::vector<std::size_t>& rnn, const std::vector<std::size_t>& gru);

}  // namespace unroll
