// Two settings against each other, one map for each method, and one that says who wins by how much.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>

#include "report/leaders.h"
#include "report/markup.h"
#include "report/page.h"
#include "report/text_table.h"

namespace unroll {

namespace {

constexpr std::size_t kMostMaps = 12;  // combinations of the settings beside the two

// Which axes are the rows and the columns of the maps; the others go one by one.
struct MapAxes {
  std::size_t rows = 0;
  std::size_t columns = 0;
  bool good = false;
};

std::vector<std::string> values_of(const Comparison& c, std::size_t axis) {
  std::vector<AxisValue> values;
  for (const auto& point : c.points) {
    if (std::find(values.begin(), values.end(), point[axis]) == values.end()) values.push_back(point[axis]);
  }
  if (std::none_of(values.begin(), values.end(),
                   [](const AxisValue& v) { return std::holds_alternative<std::string>(v); })) {
    std::sort(values.begin(), values.end());
  }
  std::vector<std::string> out;
  for (const AxisValue& value : values) out.push_back(to_string(value));
  return out;
}

// hidden down and seq_len across, if they are swept; else the first two.
MapAxes map_axes(const Comparison& c) {
  if (c.axes.size() < 2) return {};
  const auto find = [&](const char* name, std::size_t otherwise) {
    const auto at = std::find(c.axes.begin(), c.axes.end(), name);
    return at == c.axes.end() ? otherwise : static_cast<std::size_t>(at - c.axes.begin());
  };
  MapAxes axes{find("hidden", 0), 0, true};
  axes.columns = find("seq_len", axes.rows == 0 ? 1 : 0);
  if (axes.rows == axes.columns) axes.rows = axes.columns == 0 ? 1 : 0;
  return axes;
}

const CompareRow* row_of(const Comparison& c, std::size_t method, std::size_t point) {
  const auto found = std::find_if(c.rows.begin(), c.rows.end(), [&](const CompareRow& row) {
    return row.method == method && row.point == point;
  });
  return found == c.rows.end() ? nullptr : &*found;
}

class Maps {
 public:
  explicit Maps(const Comparison& c) : c_(c), axes_(map_axes(c)) {
    if (!axes_.good) return;
    rows_ = values_of(c, axes_.rows);
    columns_ = values_of(c, axes_.columns);
    for (std::size_t point = 0; point < c.points.size(); ++point) {
      std::string rest;
      for (std::size_t axis = 0; axis < c.axes.size(); ++axis) {
        if (axis == axes_.rows || axis == axes_.columns) continue;
        rest +=
            fmt::format("{}{} {}", rest.empty() ? "" : ", ", c.axes[axis], to_string(c.points[point][axis]));
      }
      if (std::find(rests_.begin(), rests_.end(), rest) == rests_.end()) rests_.push_back(rest);
      points_[{rest, to_string(c.points[point][axes_.rows]), to_string(c.points[point][axes_.columns])}] =
          point;
    }
    for (const CompareRow& row : c.rows) {
      const double value = scale(row[Statistic::kIqm]);
      if (!std::isfinite(value)) continue;
      low_ = std::min(low_, value);
      high_ = std::max(high_, value);
    }
  }

  std::string text() const {
    if (!axes_.good || c_.methods.size() > 12) return "";
    std::string out;
    for (std::size_t i = 0; i < rests_.size() && i < kMostMaps; ++i) {
      if (!rests_[i].empty()) out += fmt::format("<h3>{}</h3>\n", html(rests_[i]));
      out += "<div class=\"row maps\">\n";
      for (std::size_t method = 0; method < c_.methods.size(); ++method) {
        out +=
            map(rests_[i], c_.methods[method], [&](std::size_t point) { return value_cell(method, point); });
      }
      if (c_.has_goal && c_.methods.size() > 1) {
        out += map(rests_[i], "who wins, by how much", [&](std::size_t point) { return winner_cell(point); });
      }
      out += "</div>\n";
    }
    if (rests_.size() > kMostMaps)
      out += fmt::format("<p class=\"caption\">The first {} of {} maps.</p>\n", kMostMaps, rests_.size());
    const std::string shades = !c_.has_goal ? (c_.minimize ? "lower" : "higher") : "better";
    const std::string winners =
        c_.has_goal && c_.methods.size() > 1
            ? fmt::format(
                  " Who wins: the best method and how many times the runner-up's {} is {}; in bold if the "
                  "difference to the runner-up is shown; none if the best are equal or all diverged.",
                  c_.metric, c_.minimize ? "higher" : "lower")
            : "";
    return out +
           fmt::format(
               "<p class=\"caption\">{} (IQM over the {}s), {} down and {} across; darker is {}, one scale "
               "for all maps.{}</p>\n",
               html(c_.metric), c_.repeat, html(c_.axes[axes_.rows]), html(c_.axes[axes_.columns]), shades,
               html(winners));
  }

 private:
  double scale(double value) const { return log_ ? std::log10(value) : value; }

  template <typename Cell>
  std::string map(const std::string& rest, const std::string& title, const Cell& cell_of) const {
    std::string out = fmt::format("<table class=\"map\"><caption>{}</caption>\n<tr><th></th>", html(title));
    for (const std::string& column : columns_) out += fmt::format("<th scope=\"col\">{}</th>", html(column));
    out += "</tr>\n";
    for (const std::string& row : rows_) {
      out += fmt::format("<tr><th scope=\"row\">{}</th>", html(row));
      for (const std::string& column : columns_) {
        const auto point = points_.find({rest, row, column});
        out += point == points_.end() ? "<td></td>" : cell_of(point->second);
      }
      out += "</tr>\n";
    }
    return out + "</table>\n";
  }

  std::string value_cell(std::size_t method, std::size_t point) const {
    const CompareRow* row = row_of(c_, method, point);
    if (row == nullptr || row->n == 0) return "<td></td>";
    const double value = (*row)[Statistic::kIqm];
    const double span = high_ - low_;
    double share = std::isfinite(value) && span > 0.0 ? (scale(value) - low_) / span : 1.0;
    if (!c_.minimize && std::isfinite(value)) share = 1.0 - share;
    return fmt::format("<td style=\"{}\">{}</td>", shade(share), number(value));
  }

  std::string winner_cell(std::size_t point) const {
    if (results_at(c_, point) < 2) return "<td></td>";
    const std::optional<Lead> lead = lead_at(c_, point);
    if (!lead) return "<td>none</td>";
    const std::string margin = lead->next_diverged            ? "others diverged"
                               : !std::isfinite(lead->factor) ? ""
                               : lead->factor < 10.0          ? fmt::format("{:.2f} x", lead->factor)
                                                              : fmt::format("{:.0f} x", lead->factor);
    return fmt::format("<td class=\"winner m{}{}\">{}<br>{}</td>", lead->method % 8,
                       lead->shown ? " shown" : "", html(c_.methods[lead->method]), margin);
  }

  const Comparison& c_;
  MapAxes axes_;
  std::vector<std::string> rows_;
  std::vector<std::string> columns_;
  std::vector<std::string> rests_;
  std::map<std::array<std::string, 3>, std::size_t> points_;
  bool log_ = all_positive();
  double low_ = std::numeric_limits<double>::infinity();
  double high_ = -std::numeric_limits<double>::infinity();

  bool all_positive() const {
    return std::all_of(c_.rows.begin(), c_.rows.end(),
                       [](const CompareRow& row) { return row.n == 0 || row[Statistic::kIqm] > 0.0; });
  }
};

}  // namespace

// From dark (good) to light: the middle of the map's own scale is never black on black, since the text takes
// its colour from the background's lightness.
std::string shade(double share) {
  const double lightness = 30.0 + 62.0 * std::clamp(share, 0.0, 1.0);
  return fmt::format("background:hsl(205 55% {:.0f}%);color:{}", lightness,
                     lightness < 60.0 ? "#fff" : "#111");
}

std::string maps_html(const Comparison& comparison) {
  return Maps(comparison).text();
}

}  // namespace unroll
