// What page.js draws as fields of colour: metrics over epoch x block of parameters, and histograms of gates.
// Medians over the runs of a method at a point.
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>

#include "report/markup.h"
#include "report/page.h"

namespace unroll {

namespace {

using Json = nlohmann::json;
using Cell = std::vector<Score>;

constexpr std::size_t kMostEpochs = 12;        // columns of a field
constexpr std::size_t kMostNumbers = 150'000;  // of all fields of a page
constexpr std::size_t kBlocksInFields = 60;    // rows; nets of more blocks show their first

double three_digits(double value) {
  if (value == 0.0 || !std::isfinite(value)) return value;
  const double scale = std::pow(10.0, 2.0 - std::floor(std::log10(std::abs(value))));
  return std::isfinite(scale) ? std::round(value * scale) / scale : value;
}

Json median_in(const Results& results, const Cell& cell, const std::function<double(const RunRecord&)>& of) {
  const double middle = median_over(results, cell, of);
  return std::isfinite(middle) ? Json(three_digits(middle)) : Json();
}

bool is_empty(const Json& line) {
  return std::all_of(line.begin(), line.end(), [](const Json& v) { return v.is_null(); });
}

bool is_field(const MetricInfo& info) {
  return info.dims.size() == 2 && info.dims[0] == Dim::kEpoch && info.dims[1] == Dim::kBlock;
}

// Sizes fit a logarithmic scale; what is negative somewhere, or zero everywhere, is left out.
bool has_sizes(const Results& results, Metric metric) {
  bool any = false;
  for (const RunRecord& run : results.runs) {
    for (const double value : run[metric]) {
      if (value < 0.0) return false;
      any = any || value > 0.0;
    }
  }
  return any;
}

class Fields {
 public:
  Fields(const Results& results, const Grid& grid) : results_(results), grid_(grid) {
    for (const MetricInfo& info : metrics()) {
      if (is_field(info) && has_sizes(results, info.id)) shown_.push_back(&info);
    }
  }

  Json json() const {
    Json names = Json::array();
    for (const MetricInfo* info : shown_) {
      names.push_back({{"name", info->name}, {"description", info->description}});
    }
    return {{"metrics", names},
            {"blocks", by_cell([&](const Cell& cell) { return blocks(cell); })},
            {"gates", by_cell([&](const Cell& cell) { return gates(cell); })}};
  }

 private:
  template <typename F>
  Json by_cell(F f) const {
    Json methods = Json::array();
    for (const auto& row : grid_.cells) {
      Json list = Json::array();
      for (const Cell& cell : row) list.push_back(f(cell));
      methods.push_back(std::move(list));
    }
    return methods;
  }

  std::size_t cells() const {
    std::size_t n = 0;
    for (const auto& row : grid_.cells) n += row.size();
    return std::max<std::size_t>(n, 1);
  }

  // The run of a cell that trained longest; nullptr if none has this metric.
  const RunRecord* longest(const Cell& cell, Metric metric) const {
    const RunRecord* found = nullptr;
    for (const Score& score : cell) {
      const RunRecord& run = results_.runs[score.run];
      if (!run[metric].empty() && (found == nullptr || run.epochs > found->epochs)) found = &run;
    }
    return found;
  }

  // Those at which a run of the blocks of `model` has a number: record.every leaves epochs out.
  std::vector<std::size_t> epochs_with_numbers(const Cell& cell, const RunRecord& model) const {
    const std::size_t blocks = model.blocks.size();
    std::vector<bool> has_number(model.epochs, false);
    for (const Score& score : cell) {
      const RunRecord& run = results_.runs[score.run];
      if (run.blocks != model.blocks) continue;
      for (const MetricInfo* info : shown_) {
        const std::vector<double>& values = run[info->id];
        const std::size_t end = std::min(values.size(), has_number.size() * blocks);
        for (std::size_t i = 0; i < end; ++i) {
          if (std::isfinite(values[i])) has_number[i / blocks] = true;
        }
      }
    }
    std::vector<std::size_t> epochs;
    for (std::size_t epoch = 0; epoch < has_number.size(); ++epoch) {
      if (has_number[epoch]) epochs.push_back(epoch);
    }
    return epochs;
  }

  Json blocks(const Cell& cell) const {
    const RunRecord* model = nullptr;
    for (const MetricInfo* info : shown_) {
      if (model == nullptr) model = longest(cell, info->id);
    }
    if (model == nullptr) return nullptr;
    const std::vector<std::size_t> recorded = epochs_with_numbers(cell, *model);
    if (recorded.empty()) return nullptr;
    const std::size_t rows = std::min(model->blocks.size(), kBlocksInFields);
    const std::size_t columns =
        std::clamp<std::size_t>(kMostNumbers / (cells() * std::max<std::size_t>(rows, 1) * shown_.size()), 1,
                                std::min(kMostEpochs, recorded.size()));
    const std::size_t last = recorded.size() - 1;
    std::vector<std::size_t> epochs;
    for (std::size_t i = 0; i < columns; ++i) {
      epochs.push_back(recorded[columns == 1 ? last : i * last / (columns - 1)]);
    }
    Json out = {
        {"names", std::vector<std::string>(model->blocks.begin(),
                                           model->blocks.begin() + static_cast<std::ptrdiff_t>(rows))},
        {"x", Json::array()}};
    for (const std::size_t epoch : epochs) out["x"].push_back(epoch + 1);
    for (const MetricInfo* info : shown_) {
      Json field = Json::array();
      for (std::size_t block = 0; block < rows; ++block) {
        Json line = Json::array();
        for (const std::size_t epoch : epochs) {
          line.push_back(median_in(results_, cell, [&](const RunRecord& run) {
            const std::size_t at = epoch * run.blocks.size() + block;
            const bool has = run.blocks == model->blocks && at < run[info->id].size();
            return has ? run[info->id][at] : kNoValue;
          }));
        }
        field.push_back(std::move(line));
      }
      out[std::string(info->name)] = std::move(field);
    }
    return out;
  }

  // [probe][row][bin], a row for each gate that the net has, of each layer; null for a probe without numbers:
  // a run that was stopped early or diverged has none at the end.
  Json gates(const Cell& cell) const {
    const RunRecord* model = longest(cell, Metric::kGateHistogram);
    if (model == nullptr || cells() * 1000 > kMostNumbers) return nullptr;
    const std::size_t gates = model->length(Dim::kGate);
    const std::size_t layers = model->length(Dim::kLayer);
    Json names = Json::array();
    std::array<Json, std::size(kProbeNames)> probes;
    for (std::size_t row = 0; row < layers * gates; ++row) {
      std::array<Json, std::size(kProbeNames)> lines;
      for (std::size_t probe = 0; probe < lines.size(); ++probe) {
        lines[probe] = gate_line(cell, *model, probe * layers * gates + row);
      }
      if (std::all_of(lines.begin(), lines.end(), is_empty)) continue;
      for (std::size_t probe = 0; probe < lines.size(); ++probe) {
        probes[probe].push_back(std::move(lines[probe]));
      }
      const std::string gate(dim_info(Dim::kGate).labels.at(row % gates));
      names.push_back(layers > 1 ? "layer " + std::to_string(row / gates) + ", " + gate : gate);
    }
    if (names.empty()) return nullptr;
    for (Json& rows : probes) {
      if (std::all_of(rows.begin(), rows.end(), is_empty)) rows = nullptr;
    }
    return {{"names", names}, {"probes", probes}};
  }

  // One histogram, `place` in the order of the record of `model`.
  Json gate_line(const Cell& cell, const RunRecord& model, std::size_t place) const {
    const std::size_t bins = model.length(Dim::kBin);
    Json line = Json::array();
    for (std::size_t bin = 0; bin < bins; ++bin) {
      line.push_back(median_in(results_, cell, [&](const RunRecord& run) {
        const std::vector<double>& values = run[Metric::kGateHistogram];
        const std::size_t at = place * bins + bin;
        return run.length(Dim::kLayer) == model.length(Dim::kLayer) && at < values.size() ? values[at]
                                                                                          : kNoValue;
      }));
    }
    return line;
  }

  const Results& results_;
  const Grid& grid_;
  std::vector<const MetricInfo*> shown_;
};

}  // namespace

std::string fields_data(const Results& results, const Comparison& c) {
  const Grid grid = make_grid(results, judged_metric(results, c.metric), c.by);
  return script_json(Fields(results, grid).json().dump(-1, ' ', true, Json::error_handler_t::replace));
}

}  // namespace unroll
