#include "tests/report/fake_sweep.h"

#include <cmath>
#include <type_traits>
#include <utility>

namespace unroll {

FakeSweep::FakeSweep(std::vector<std::string> settings) : settings_(std::move(settings)) {
  results_.manifest.experiment = "fake";
  results_.manifest.metric = "valid_loss";
  results_.manifest.loss = "mean squared error";
  results_.manifest.chance_rule = "always predict the mean of the target";
}

FakeSweep& FakeSweep::chance(double level) {
  chance_ = level;
  return *this;
}

FakeSweep& FakeSweep::add(std::vector<AxisValue> values, const std::vector<double>& losses) {
  for (std::size_t replicate = 0; replicate < losses.size(); ++replicate) {
    const double loss = losses[replicate];
    RunRecord run;
    run.state = loss == kDivergedRun ? RunState::kDiverged
                : loss == kFailedRun ? RunState::kFailed
                : std::isnan(loss)   ? RunState::kMissing
                                     : RunState::kDone;
    if (run.state == RunState::kDone || run.state == RunState::kDiverged) {
      run.epochs = 2;
      run[Metric::kParams] = {1000.0};
      run[Metric::kWallSeconds] = {0.25};
      if (!std::isnan(chance_)) run[Metric::kChanceValid] = run[Metric::kChanceTest] = {chance_};
    }
    if (run.state == RunState::kDone) {
      run[Metric::kValidLoss] = {2.0 * loss, loss};
      run[Metric::kTestLoss] = {loss + 1.0};
      run[Metric::kValidAccuracy] = {0.5, 1.0 - loss};
      run[Metric::kGradNorm] = {1.0, 2.0};
    } else if (run.state == RunState::kDiverged) {
      run[Metric::kValidLoss] = {0.001};  // the finite prefix, which says nothing about how it ended
    }
    results_.runs.push_back(std::move(run));
    results_.manifest.run_ids.push_back(std::to_string(results_.runs.size()));
    results_.manifest.replicate.push_back(static_cast<std::uint32_t>(replicate));
    values_.push_back(values);
  }
  return *this;
}

Results FakeSweep::results() const {
  Results results = results_;
  for (std::size_t s = 0; s < settings_.size(); ++s) {
    SettingColumn column;
    column.name = settings_[s];
    column.key = (settings_[s] == "seq_len" || settings_[s] == "fold" ? "task." : "model.") + settings_[s];
    for (const auto& values : values_) {
      std::visit(
          [&](const auto& value) {
            using Value = std::decay_t<decltype(value)>;
            using Column = std::vector<std::conditional_t<std::is_same_v<Value, Unset>, double, Value>>;
            if (!std::holds_alternative<Column>(column.values)) column.values = Column();
            if constexpr (std::is_same_v<Value, Unset>) {
              std::get<Column>(column.values).push_back(std::nan(""));
            } else {
              std::get<Column>(column.values).push_back(value);
            }
          },
          values[s]);
    }
    results.manifest.settings.push_back(std::move(column));
  }
  return results;
}

Results quickstart_results() {
  FakeSweep sweep({"cell", "seq_len"});
  sweep.add({"rnn", 30}, {0.0112, 0.0150, 0.0098, 0.0210, 0.0131})
      .add({"rnn", 100}, {0.1671, 0.1659, 0.1702, 0.1664, 0.1680})
      .add({"lstm", 30}, {0.0021, 0.0018, 0.0030, 0.0025, 0.0019})
      .add({"lstm", 100}, {0.0048, 0.0102, 0.0039, 0.0051, 0.0066})
      .add({"gru", 30}, {0.0015, 0.0022, 0.0017, 0.0029, 0.0016})
      .add({"gru", 100}, {0.0035, 0.0049, 0.0041, 0.0030, 0.0062});
  Results results = sweep.results();
  results.manifest.experiment = "quickstart";
  return results;
}

Results with_gradients(Results results, std::uint32_t lags) {
  for (std::size_t i = 0; i < results.runs.size(); ++i) {
    RunRecord& run = results.runs[i];
    if (run.state != RunState::kDone) continue;
    run.set_length(Dim::kProbe, 3);
    run.set_length(Dim::kLayer, 1);
    run.set_length(Dim::kLag, lags);
    for (std::size_t k = 0; k < std::size_t{3} * lags; ++k) {
      run[Metric::kGradHidden].push_back(std::pow(0.5 + 0.1 * static_cast<double>(i % 5), k % lags));
    }
    for (int probe = 0; probe < 3; ++probe) {
      const double decay = 0.5 + 0.1 * static_cast<double>(i % 5);
      run[Metric::kGradDecay].push_back(decay);
      run[Metric::kGradHalfLife].push_back(std::log(0.5) / std::log(decay));
    }
    run[Metric::kGradFlow] = {0.0};
    run.blocks = {"l0.recurrent", "l0.bias"};
    for (std::uint32_t k = 0; k < run.epochs * 2; ++k) run[Metric::kUpdateRatio].push_back(0.001 * (k + 1));
    run[Metric::kWallSeconds] = {0.1 + 0.01 * static_cast<double>(i)};
    run[Metric::kParams] = {100.0 * static_cast<double>(1 + i / 5)};
  }
  return results;
}

Results with_gates_at(const std::vector<std::size_t>& rnn, const std::vector<std::size_t>& gru) {
  constexpr std::uint32_t kGates = 2;
  constexpr std::uint32_t kBins = 20;
  Results results =
      with_gradients(FakeSweep({"cell"}).add({"rnn"}, {0.1, 0.2}).add({"gru"}, {0.2, 0.1}).results());
  for (std::size_t i = 0; i < results.runs.size(); ++i) {
    RunRecord& run = results.runs[i];
    run.set_length(Dim::kGate, kGates);
    run.set_length(Dim::kBin, kBins);
    std::vector<double>& histogram = run[Metric::kGateHistogram];
    histogram.assign(std::size_t{3} * kGates * kBins, std::nan(""));
    for (const std::size_t probe : (i < 2 ? rnn : gru)) {
      for (std::size_t bin = 0; bin < kBins; ++bin) histogram[(probe * kGates + 1) * kBins + bin] = 0.05;
    }
  }
  return results;
}

}  // namespace unroll
