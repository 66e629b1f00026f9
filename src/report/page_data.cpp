// The numbers of the charts: medians over the seeds of each method and point, with the interval of the median
// that the order statistics give without any assumption: the k-th lowest and k-th highest value enclose the
// median with a probability that follows from the binomial distribution alone.
#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "report/chance_level.h"
#include "report/markup.h"
#include "report/matched_runs.h"
#include "report/page.h"

namespace unroll {

namespace {

using Json = nlohmann::ordered_json;

// Four digits are more than a screen shows.
Json short_number(double value) {
  if (!std::isfinite(value)) return nullptr;
  return std::stod(fmt::format("{:.4g}", value));
}

struct Band {
  double middle = kNoValue;
  double low = kNoValue;
  double high = kNoValue;
};

// How many values from each end the interval of the median leaves out, at 95 % if n allows that much: 0 for 5
// values, whose range holds the median in 94 of 100 cases, 1 for 9.
std::size_t left_out(std::size_t n) {
  const boost::math::binomial_distribution<> flips(static_cast<double>(n), 0.5);
  std::size_t out = 0;
  while (2.0 * boost::math::cdf(flips, static_cast<double>(out + 1)) <= 0.05) ++out;
  return out;
}

Band band(std::vector<double> values) {
  std::erase_if(values, [](double v) { return !std::isfinite(v); });
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  Band b{median(values), kNoValue, kNoValue};
  if (values.size() < kFewestForInterval) return b;
  const std::size_t out = left_out(values.size());
  b.low = values[out];
  b.high = values[values.size() - 1 - out];
  return b;
}

using Cell = std::vector<Score>;

class PageData {
 public:
  PageData(const Results& results, const Comparison& c)
      : results_(results), c_(c), grid_(make_grid(results, judged_metric(results, c.metric), c.by)) {}

  Json json() const {
    Json out = {{"metric", c_.metric},     {"unit", c_.unit},      {"minimize", c_.minimize},
                {"has_goal", c_.has_goal}, {"by", c_.by},          {"repeat", c_.repeat},
                {"methods", c_.methods},   {"seeds", most_seeds()}};
    out["axes"] = axes();
    out["points"] = points();
    out["rows"] = rows();
    out["runs"] = runs();
    out["curves"] = curves();
    out["lags"] = lags();
    return out;
  }

 private:
  std::size_t most_seeds() const {
    std::size_t most = 0;
    for (const CompareRow& row : c_.rows) most = std::max(most, row.n);
    return most;
  }

  Json axes() const {
    Json list = Json::array();
    for (std::size_t axis = 0; axis < c_.axes.size(); ++axis) {
      std::vector<AxisValue> values;
      for (const auto& point : c_.points) {
        if (std::find(values.begin(), values.end(), point[axis]) == values.end())
          values.push_back(point[axis]);
      }
      Json names = Json::array();
      for (const AxisValue& value : values) names.push_back(to_string(value));
      const auto column = std::find_if(results_.manifest.settings.begin(), results_.manifest.settings.end(),
                                       [&](const SettingColumn& s) { return s.name == c_.axes[axis]; });
      const bool of_task = column != results_.manifest.settings.end() && column->key.rfind("task.", 0) == 0;
      list.push_back({{"name", c_.axes[axis]}, {"task", of_task}, {"values", names}});
    }
    return list;
  }

  Json points() const {
    Json list = Json::array();
    for (const auto& point : c_.points) {
      Json values = Json::array();
      for (const AxisValue& value : point) values.push_back(to_string(value));
      list.push_back(std::move(values));
    }
    return list;
  }

  // [method][point] of what f makes of a cell; null where the plan has none.
  template <typename F>
  Json by_cell(const F& f) const {
    Json methods = Json::array();
    for (std::size_t method = 0; method < grid_.methods.size(); ++method) {
      Json list = Json::array();
      for (std::size_t point = 0; point < grid_.points.size(); ++point) {
        const Cell& cell = grid_.cells[method][point];
        list.push_back(cell.empty() ? Json() : f(method, point, cell));
      }
      methods.push_back(std::move(list));
    }
    return methods;
  }

  Json rows() const {
    std::map<std::pair<std::size_t, std::size_t>, const CompareRow*> index;
    for (const CompareRow& row : c_.rows) index[{row.method, row.point}] = &row;
    return by_cell([&](std::size_t method, std::size_t point, const Cell&) {
      const CompareRow& row = *index.at({method, point});
      return Json{{"n", row.n},
                  {"iqm", short_number(row[Statistic::kIqm])},
                  {"low", short_number(row.interval.low)},
                  {"high", short_number(row.interval.high)},
                  {"chance", short_number(row.chance)},
                  {"params", short_number(row.params)},
                  {"seconds", short_number(row.seconds)},
                  {"diverged", row.diverged}};
    });
  }

  // Seed and value of every run; null = diverged.
  Json runs() const {
    return by_cell([&](std::size_t, std::size_t, const Cell& cell) {
      Json list = Json::array();
      for (const Score& score : cell) {
        if (score.counts()) list.push_back({score.replicate, short_number(score.value)});
      }
      return list;
    });
  }

  std::size_t cells() const {
    std::size_t n = 0;
    for (const auto& row : grid_.cells) {
      for (const Cell& cell : row) n += cell.empty() ? 0 : 1;
    }
    return std::max<std::size_t>(n, 1);
  }

  std::vector<const MetricInfo*> metrics_over(const std::vector<Dim>& dims) const {
    std::vector<const MetricInfo*> found;
    for (const MetricInfo& info : metrics()) {
      if (info.dims == dims && std::any_of(results_.runs.begin(), results_.runs.end(),
                                           [&](const RunRecord& run) { return !run[info.id].empty(); })) {
        found.push_back(&info);
      }
    }
    return found;
  }

  // Places of `length` values of which at most `most` are shown, first and last always.
  static std::vector<std::size_t> thinned(std::size_t length, std::size_t most) {
    std::vector<std::size_t> places;
    const std::size_t shown = std::min(length, std::max<std::size_t>(most, 2));
    for (std::size_t i = 0; i < shown; ++i) {
      places.push_back(shown == 1 ? 0 : i * (length - 1) / (shown - 1));
    }
    return places;
  }

  // The band of a metric at a place of each run's array.
  template <typename Place>
  void add_bands(Json& out, const Cell& cell, const std::vector<std::size_t>& places,
                 const Place& value_at) const {
    Json middle = Json::array();
    Json low = Json::array();
    Json high = Json::array();
    bool any = false;
    for (const std::size_t place : places) {
      std::vector<double> values;
      for (const Score& score : cell) values.push_back(value_at(results_.runs[score.run], place));
      const Band b = band(std::move(values));
      middle.push_back(short_number(b.middle));
      low.push_back(short_number(b.low));
      high.push_back(short_number(b.high));
      any = any || std::isfinite(b.low);
    }
    out["m"] = std::move(middle);
    if (!any) return;
    out["l"] = std::move(low);
    out["h"] = std::move(high);
  }

  Json curves() const {
    const std::vector<const MetricInfo*> shown = metrics_over({Dim::kEpoch});
    const std::size_t most = kMostCurveNumbers / 2 / (3 * cells() * std::max<std::size_t>(shown.size(), 1));
    Json metrics = Json::array();
    for (const MetricInfo* info : shown) {
      metrics.push_back({{"name", info->name},
                         {"unit", info->unit == "loss" ? results_.manifest.loss : info->unit},
                         {"description", info->description},
                         {"loss", info->unit == "loss"}});
    }
    const std::optional<double> samples = samples_per_epoch();
    Json data = by_cell([&](std::size_t, std::size_t, const Cell& cell) {
      std::size_t epochs = 0;
      std::vector<double> seconds;
      for (const Score& score : cell) {
        const RunRecord& run = results_.runs[score.run];
        epochs = std::max<std::size_t>(epochs, run.epochs);
        if (run.epochs > 0 && !run[Metric::kWallSeconds].empty())
          seconds.push_back(run[Metric::kWallSeconds][0] / run.epochs);
      }
      const std::vector<std::size_t> places = thinned(epochs, std::clamp<std::size_t>(most, 2, 100));
      Json x = Json::array();
      for (const std::size_t place : places) x.push_back(place + 1);
      Json out = {{"x", std::move(x)}, {"seconds", short_number(band(seconds).middle)}};
      for (const MetricInfo* info : shown) {
        Json bands = Json::object();
        add_bands(bands, cell, places, [&](const RunRecord& run, std::size_t place) {
          const std::vector<double>& values = run[info->id];
          return place < values.size() ? values[place] : kNoValue;
        });
        const double chance = chance_level(results_, cell, info->id);
        if (std::isfinite(chance)) bands["chance"] = short_number(chance);
        out[std::string(info->name)] = std::move(bands);
      }
      return out;
    });
    return {{"metrics", metrics}, {"samples", samples ? Json(*samples) : Json()}, {"data", data}};
  }

  // Training sequences in an epoch, if it is the same for all runs.
  std::optional<double> samples_per_epoch() const {
    const std::map<std::string, std::string> fixed = fixed_settings(results_.manifest);
    const auto found = fixed.find("task.train_size");
    if (found == fixed.end()) return std::nullopt;
    return std::stod(found->second);
  }

  // The layers to choose from, by name: nullopt is each net's own last one, which need not be the last of
  // all.
  std::vector<std::pair<std::string, std::optional<std::size_t>>> layers() const {
    std::size_t most = 1;
    for (const RunRecord& run : results_.runs) most = std::max(most, run.length(Dim::kLayer));
    std::vector<std::pair<std::string, std::optional<std::size_t>>> choices = {{"top", std::nullopt}};
    for (std::size_t layer = 0; most > 1 && layer < most; ++layer) {
      choices.emplace_back(std::to_string(layer), layer);
    }
    return choices;
  }

  static double value_at(const RunRecord& run, Metric metric, std::size_t probe,
                         std::optional<std::size_t> layer, std::size_t lag) {
    const std::size_t layers = run.length(Dim::kLayer);
    const std::size_t lags = run.length(Dim::kLag);
    if (layers == 0 || layer.value_or(0) >= layers || lag >= lags) return kNoValue;
    const std::size_t at = (probe * layers + layer.value_or(layers - 1)) * lags + lag;
    return at < run[metric].size() ? run[metric][at] : kNoValue;
  }

  Json lags() const {
    Json list = Json::array();
    const std::vector<const MetricInfo*> shown = metrics_over({Dim::kProbe, Dim::kLayer, Dim::kLag});
    const auto choices = layers();
    Json names = Json::array();
    for (const auto& choice : choices) names.push_back(choice.first);
    const std::size_t curves =
        3 * std::size(kProbeNames) * choices.size() * cells() * std::max<std::size_t>(shown.size(), 1);
    const std::size_t most = std::clamp<std::size_t>(kMostCurveNumbers / 2 / curves, 2, 50);
    for (const MetricInfo* info : shown) {
      Json data = by_cell([&](std::size_t, std::size_t, const Cell& cell) {
        std::size_t lags = 0;
        for (const Score& score : cell) lags = std::max(lags, results_.runs[score.run].length(Dim::kLag));
        const std::vector<std::size_t> places = thinned(lags, most);
        Json out = {{"x", places}};
        for (std::size_t probe = 0; probe < std::size(kProbeNames); ++probe) {
          Json of_layers = Json::array();
          for (const auto& choice : choices) {
            Json bands = Json::object();
            add_bands(bands, cell, places, [&](const RunRecord& run, std::size_t lag) {
              return value_at(run, info->id, probe, choice.second, lag);
            });
            of_layers.push_back(std::move(bands));
          }
          out[std::string(kProbeNames[probe])] = std::move(of_layers);
        }
        return out;
      });
      list.push_back(
          {{"name", info->name}, {"description", info->description}, {"layers", names}, {"data", data}});
    }
    return list;
  }

  const Results& results_;
  const Comparison& c_;
  Grid grid_;
};

}  // namespace

std::string page_data(const Results& results, const Comparison& comparison) {
  return script_json(
      PageData(results, comparison).json().dump(-1, ' ', true, Json::error_handler_t::replace));
}

}  // namespace unroll
