// Whatever else was recorded at the probe points of training: one table for each metric with an axis `probe`
// that has no lags (those are charts). A metric that is added to the table of metrics appears here by itself.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/markup.h"
#include "report/page.h"
#include "report/text_table.h"
#include "report/verdict.h"

namespace unroll {

namespace {

constexpr std::size_t kMostPlaces = 24;  // of a probe; a histogram is no table

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
    for (const std::size_t length : lengths_) places_ *= length;
  }

  bool good() const { return places_ > 0 && places_ <= kMostPlaces; }

  // A row for each method and place, a column for each probe.
  std::string text(const Comparison& c, const Grid& grid) const {
    std::string body;
    for (std::size_t point = 0; point < grid.points.size(); ++point) {
      std::string rows;
      for (std::size_t method = 0; method < grid.methods.size(); ++method) {
        const std::vector<double> values = medians(grid.cells[method][point]);
        bool first = true;
        for (std::size_t place = 0; place < places_; ++place) {
          std::string cells;
          bool any = false;
          for (std::size_t probe = 0; probe < std::size(kProbeNames); ++probe) {
            const double value = values[probe * places_ + place];
            any = any || !std::isnan(value);
            cells += fmt::format("<td>{}</td>", std::isinf(value) ? "infinite" : number(value));
          }
          if (!any) continue;
          rows += fmt::format(
              "<tr><th scope=\"row\">{}</th>{}{}</tr>\n", first ? html(grid.methods[method]) : "",
              places_ > 1 ? "<td class=\"note\">" + html(place_name(info_, lengths_, place)) + "</td>" : "",
              cells);
          first = false;
        }
      }
      if (!rows.empty() && !c.axes.empty()) {
        body += fmt::format("<tr class=\"group\"><th colspan=\"{}\">{}</th></tr>\n",
                            std::size(kProbeNames) + (places_ > 1 ? 2 : 1), html(point_label(c, point)));
      }
      body += rows;
    }
    if (body.empty()) return "";
    std::string out = fmt::format("<h3>{}</h3>\n<div class=\"scroll\"><table>\n<thead><tr><th></th>{}",
                                  html(info_.name), places_ > 1 ? "<th></th>" : "");
    for (const std::string_view probe : kProbeNames) out += fmt::format("<th scope=\"col\">{}</th>", probe);
    const std::string unit = info_.unit == "1" ? "" : fmt::format(" ({})", info_.unit);
    return out + fmt::format(
                     "</tr></thead>\n<tbody>\n{}</tbody></table></div>\n<p class=\"caption\">{}{}. Medians "
                     "over the runs.</p>\n",
                     body, html(info_.description), html(unit));
  }

 private:
  // [probe][place]; NaN where no run has a value.
  std::vector<double> medians(const std::vector<Score>& cell) const {
    std::vector<std::vector<double>> values(places_ * std::size(kProbeNames));
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
    std::size_t rest = i % places_;
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
    return i / places_ * step + at;
  }

  const Results& results_;
  const MetricInfo& info_;
  std::vector<std::size_t> lengths_;  // the longest of all runs, of the axes after the probe
  std::size_t places_ = 1;
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
