// Whatever else was recorded at the probe points of training: one table for each metric with an axis `probe`
// that has no lags (those are charts). A metric that is added to the table of metrics appears here by itself.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/page.h"
#include "report/text_table.h"
#include "report/verdict.h"

namespace unroll {

namespace {

constexpr std::size_t kMostColumns = 24;  // of a probe; a histogram is no table

bool is_tabular(const MetricInfo& info) {
  // The table of gradients shows these.
  if (info.id == Metric::kGradDecay || info.id == Metric::kGradHalfLife) return false;
  return !info.dims.empty() && info.dims[0] == Dim::kProbe &&
         std::find(info.dims.begin(), info.dims.end(), Dim::kLag) == info.dims.end();
}

// "layer 1, gate f", of a place among the axes after the probe.
std::string place_name(const MetricInfo& info, const std::vector<std::size_t>& lengths, std::size_t place) {
  std::vector<std::string> parts;
  for (std::size_t axis = lengths.size(); axis-- > 0;) {
    if (lengths[axis] > 1) {
      const DimInfo& dim = dim_info(info.dims[axis + 1]);
      const std::size_t at = place % lengths[axis];
      const std::string label = at < dim.labels.size()
                                    ? std::string(dim.labels[at])
                                    : fmt::format("{}", static_cast<std::int64_t>(at) + dim.start);
      parts.insert(parts.begin(), fmt::format("{} {}", dim.name, label));
    }
    place /= lengths[axis];
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

class DiagnosticTable {
 public:
  DiagnosticTable(const Results& results, const MetricInfo& info) : results_(results), info_(info) {
    lengths_.assign(info.dims.size() - 1, 0);
    for (const RunRecord& run : results.runs) {
      if (run[info.id].empty()) continue;
      for (std::size_t axis = 0; axis < lengths_.size(); ++axis) {
        lengths_[axis] = std::max(lengths_[axis], run.length(info.dims[axis + 1]));
      }
    }
    for (const std::size_t length : lengths_) columns_ *= length;
  }

  bool good() const { return columns_ > 0 && columns_ <= kMostColumns; }

  std::string text(const Comparison& c, const Grid& grid) const {
    std::vector<std::vector<double>> rows;
    std::vector<std::pair<std::size_t, std::size_t>> places;  // method, point
    std::vector<bool> used(columns_ * std::size(kProbeNames), false);
    for (std::size_t point = 0; point < grid.points.size(); ++point) {
      for (std::size_t method = 0; method < grid.methods.size(); ++method) {
        std::vector<double> row = medians(grid.cells[method][point]);
        for (std::size_t i = 0; i < row.size(); ++i) used[i] = used[i] || !std::isnan(row[i]);
        rows.push_back(std::move(row));
        places.emplace_back(method, point);
      }
    }
    const auto width = static_cast<std::size_t>(std::count(used.begin(), used.end(), true));
    if (width == 0) return "";
    std::string out =
        fmt::format("<h3>{}</h3>\n<div class=\"scroll\"><table>\n<thead><tr><th></th>", html(info_.name));
    for (std::size_t i = 0; i < used.size(); ++i) {
      if (!used[i]) continue;
      out += fmt::format("<th scope=\"col\">{}<br>{}</th>", kProbeNames[i / columns_],
                         html(place_name(info_, lengths_, i % columns_)));
    }
    out += "</tr></thead>\n<tbody>\n";
    std::size_t last = grid.points.size();
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const auto [method, point] = places[r];
      if (std::all_of(rows[r].begin(), rows[r].end(), [](double v) { return std::isnan(v); })) continue;
      if (point != last && !c.axes.empty()) {
        out += fmt::format("<tr class=\"group\"><th colspan=\"{}\">{}</th></tr>\n", width + 1,
                           html(point_label(c, point)));
      }
      last = point;
      out += fmt::format("<tr><th scope=\"row\">{}</th>", html(grid.methods[method]));
      for (std::size_t i = 0; i < used.size(); ++i) {
        if (used[i])
          out += fmt::format("<td>{}</td>", std::isinf(rows[r][i]) ? "infinite" : number(rows[r][i]));
      }
      out += "</tr>\n";
    }
    const std::string unit = info_.unit == "1" ? "" : fmt::format(" ({})", info_.unit);
    return out +
           fmt::format("</tbody></table></div>\n<p class=\"caption\">{}{}. Medians over the runs.</p>\n",
                       html(info_.description), html(unit));
  }

 private:
  // [probe][place]; NaN where no run has a value.
  std::vector<double> medians(const std::vector<Score>& cell) const {
    std::vector<std::vector<double>> values(columns_ * std::size(kProbeNames));
    for (const Score& score : cell) {
      const RunRecord& run = results_.runs[score.run];
      const std::vector<double>& recorded = run[info_.id];
      for (std::size_t i = 0; i < values.size(); ++i) {
        const std::size_t at = place_in(run, i);
        if (at < recorded.size() && !std::isnan(recorded[at])) values[i].push_back(recorded[at]);
      }
    }
    std::vector<double> out;
    for (std::vector<double>& of_place : values) {
      std::sort(of_place.begin(), of_place.end());
      out.push_back(of_place.empty() ? kNoValue : median(of_place));
    }
    return out;
  }

  // Where a run has the value of a column; beyond its array if it has none.
  std::size_t place_in(const RunRecord& run, std::size_t i) const {
    std::size_t rest = i % columns_;
    std::size_t at = 0;
    std::size_t step = 1;
    for (std::size_t axis = lengths_.size(); axis-- > 0;) {
      const std::size_t mine = run.length(info_.dims[axis + 1]);
      const std::size_t index = rest % lengths_[axis];
      if (index >= mine) return run[info_.id].size();
      at += index * step;
      step *= mine;
      rest /= lengths_[axis];
    }
    return i / columns_ * step + at;
  }

  const Results& results_;
  const MetricInfo& info_;
  std::vector<std::size_t> lengths_;  // the longest of all runs, of the axes after the probe
  std::size_t columns_ = 1;
};

}  // namespace

std::string diagnostics_html(const Results& results, const Comparison& c) {
  const Grid grid = make_grid(results, judged_metric(results, c.metric), c.by);
  std::string out;
  for (const MetricInfo& info : metrics()) {
    if (!is_tabular(info)) continue;
    const DiagnosticTable table(results, info);
    if (table.good()) out += table.text(c, grid);
  }
  return out;
}

}  // namespace unroll
