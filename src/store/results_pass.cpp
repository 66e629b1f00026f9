#include "store/results_pass.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <map>
#include <numeric>
#include <type_traits>
#include <utility>

#include "base/error.h"
#include "store/results_format.h"

namespace unroll {
namespace {

constexpr std::size_t kStates = static_cast<std::size_t>(RunState::kPruned) + 1;

using Texts = std::vector<std::pair<std::string, std::string>>;

class Pass {
 public:
  Pass(H5File& file, const Results& results, const Layout& layout, PassMode mode)
      : file_(file), results_(results), layout_(layout), mode_(mode) {}

  void run() {
    const Manifest& manifest = results_.manifest;
    if (writing()) {
      file_.set_attribute("Conventions", "CF-1.10");
      file_.set_attribute(names::kSchema, H5Type::kInt32, &kResultsSchema);
    }
    text(file_, "experiment", clean_text(manifest.experiment));
    text(file_, "description", clean_text(manifest.description));
    text(file_, "plan_hash", clean_text(manifest.plan_hash));
    text(file_, "metric", clean_text(manifest.metric));
    text(file_, "goal", manifest.minimize ? "minimize" : "maximize");
    text(file_, "loss", clean_text(manifest.loss));
    text(file_, "chance_rule", clean_text(manifest.chance_rule));
    axes();
    settings();
    states();
    for (const MetricInfo* metric : layout_.recorded) {
      if (metric->group == Group::kResult) metric_array(file_, *metric);
    }
    H5Group shape = group(names::kShape);
    shapes(shape);
    finish(shape);
    H5Group measured = group(names::kMeasured);
    for (const MetricInfo* metric : layout_.recorded) {
      if (metric->group == Group::kMeasured) metric_array(measured, *metric);
    }
    finish(measured);
    H5Group provenance = group(names::kProvenance);
    for (const auto& [name, value] : manifest.provenance) scalar(provenance, name, value);
    scalar(provenance, names::kResolved, manifest.resolved_yaml);
    finish(provenance);
    for (auto& [name, scale] : scales_) scale.close();
    text(file_, names::kContentHash, group_hash(file_));
  }

 private:
  bool writing() const { return mode_ == PassMode::kWrite; }

  [[noreturn]] static void differs(const H5Object& object) {
    throw FileError(object.where(),
                    fmt::format("what was read back of '{}' is not what was written", object.name()),
                    "the disk or the file system is not sound");
  }

  H5Group group(const std::string& name) {
    return writing() ? file_.create_group(name) : file_.open_group(name);
  }

  void finish(H5Group& group) {
    text(group, names::kContentHash, group_hash(group));
    group.close();
  }

  void text(H5Object& object, const std::string& name, const std::string& value) {
    if (writing()) {
      object.set_attribute(name, value);
    } else if (object.text_attribute(name) != value) {
      differs(object);
    }
  }

  // One array. `axes` are the names of the dimensions, empty for an array that is a dimension itself;
  // fill(first, rows) makes the rows from `first` on.
  template <typename T, typename Fill>
  void array(H5Group& group, const std::string& name, const Shape& shape,
             const std::vector<std::string>& axes, const Texts& texts, const Fill& fill) {
    constexpr H5Type kType = h5_type<T>();
    const bool over_runs = !shape.empty() && (axes.empty() ? name : axes[0]) == names::kRun;
    const Shape chunk = over_runs ? chunk_of(shape, sizeof(T)) : Shape();
    H5Dataset dataset =
        writing() ? group.create_dataset(name, kType, shape, chunk) : group.open_dataset(name);
    if (!writing() && dataset.dims() != shape) differs(dataset);
    for (const auto& [key, value] : texts) text(dataset, key, clean_text(value));
    if (writing() && kType == H5Type::kFloat64) {
      constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
      dataset.set_attribute("_FillValue", kType, &kNan, 1);
    }
    ContentHash hash;
    each_slab<T>(shape, [&](std::uint64_t first, std::uint64_t count, std::vector<T>& rows) {
      fill(first, rows);
      hash_rows(hash, rows);
      if (writing()) {
        dataset.write(kType, first, count, rows.data());
        return;
      }
      std::vector<T> stored(rows.size());
      dataset.read(kType, first, count, stored.data());
      if (!same_rows(rows, stored)) differs(dataset);
    });
    text(dataset, names::kChecksum, hash.hex());
    if (!writing()) return;
    for (std::size_t axis = 0; axis < axes.size(); ++axis) {
      dataset.attach_scale(scales_.at(axes[axis]), axis);
    }
    if (!shape.empty() && axes.empty()) {
      dataset.make_scale();
      scales_.emplace(name, std::move(dataset));
    } else {
      dataset.close();
    }
  }

  // An array over runs alone: value(run) for each.
  template <typename T, typename Value>
  void column(H5Group& group, const std::string& name, const Texts& texts, const Value& value) {
    array<T>(group, name, {layout_.runs}, {names::kRun}, texts,
             [&](std::uint64_t first, std::vector<T>& rows) {
               for (std::size_t i = 0; i < rows.size(); ++i)
                 rows[i] = value(static_cast<std::size_t>(first) + i);
             });
  }

  void scalar(H5Group& group, const std::string& name, const std::string& value) {
    array<std::string>(group, name, {}, {}, {},
                       [&](std::uint64_t, std::vector<std::string>& rows) { rows[0] = clean_text(value); });
  }

  void axes() {
    count_axis(names::kRun, layout_.runs, 0, "index of the run in the plan");
    for (Dim dim : kDims) {
      if (layout_.uses(dim)) axis(dim, std::string(dim_name(dim)), layout_.length(dim));
    }
  }

  void axis(Dim dim, const std::string& name, std::uint64_t length) {
    switch (dim) {
      case Dim::kEpoch:
        return count_axis(name, length, 1, "epoch of training, from 1");
      case Dim::kLag:
        return count_axis(name, length, 0, "time steps before the last");
      case Dim::kLayer:
        return count_axis(name, length, 0, "layer of the net, from the input");
      case Dim::kBlock:
        return text_axis(name, length, "block of parameters",
                         [&](std::size_t i) { return layout_.blocks[i]; });
      case Dim::kProbe:
        return text_axis(name, length, "point of training", [](std::size_t i) {
          return i < std::size(kProbeNames) ? std::string(kProbeNames[i]) : fmt::format("probe_{}", i);
        });
    }
  }

  void count_axis(const std::string& name, std::uint64_t length, std::int64_t start, const char* meaning) {
    array<std::int64_t>(file_, name, {length}, {}, {{"long_name", meaning}},
                        [&](std::uint64_t first, std::vector<std::int64_t>& rows) {
                          std::iota(rows.begin(), rows.end(), start + static_cast<std::int64_t>(first));
                        });
  }

  template <typename Name>
  void text_axis(const std::string& name, std::uint64_t length, const char* meaning, const Name& name_of) {
    array<std::string>(file_, name, {length}, {}, {{"long_name", meaning}},
                       [&](std::uint64_t first, std::vector<std::string>& rows) {
                         for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = name_of(first + i);
                       });
  }

  void settings() {
    const Manifest& manifest = results_.manifest;
    column<std::string>(file_, names::kRunId,
                        {{"long_name", "identity of the run: hash of its settings and seed"}},
                        [&](std::size_t run) { return clean_text(manifest.run_ids[run]); });
    column<std::int64_t>(file_, names::kReplicate,
                         {{"long_name", "replicate: the same data and order of data"}},
                         [&](std::size_t run) { return std::int64_t{manifest.replicate[run]}; });
    for (std::size_t i = 0; i < manifest.settings.size(); ++i) {
      const SettingColumn& setting = manifest.settings[i];
      const Texts texts = {{"long_name", setting.description},
                           {"units", setting.unit},
                           {names::kKey, setting.key},
                           {names::kShortName, setting.name}};
      std::visit(
          [&](const auto& values) {
            using T = typename std::decay_t<decltype(values)>::value_type;
            column<T>(file_, layout_.setting_names[i], texts, [&](std::size_t run) {
              if constexpr (std::is_same_v<T, std::string>) {
                return clean_text(values[run]);
              } else {
                return values[run];
              }
            });
          },
          setting.values);
    }
  }

  void states() {
    column<std::int8_t>(file_, names::kState,
                        {{"long_name", "how the run ended"}, {"flag_meanings", state_names()}},
                        [&](std::size_t run) { return static_cast<std::int8_t>(results_.runs[run].state); });
    if (writing()) {
      std::vector<std::int8_t> values(kStates);
      std::iota(values.begin(), values.end(), std::int8_t{0});
      file_.open_dataset(names::kState).set_attribute("flag_values", H5Type::kInt8, values.data(), kStates);
    }
    column<std::string>(file_, names::kMessage, {{"long_name", "why the run failed or diverged"}},
                        [&](std::size_t run) { return clean_text(results_.runs[run].message); });
  }

  void metric_array(H5Group& group, const MetricInfo& metric) {
    const Shape shape = layout_.shape(metric);
    const std::size_t row = static_cast<std::size_t>(
        std::accumulate(shape.begin() + 1, shape.end(), std::uint64_t{1}, std::multiplies<>()));
    std::vector<std::string> axes = {names::kRun};
    for (Dim dim : metric.dims) axes.emplace_back(dim_name(dim));
    const std::string unit(metric.unit == "loss" ? results_.manifest.loss : metric.unit);
    Texts texts = {{"long_name", std::string(metric.description)}, {"units", unit}};
    if (metric.group == Group::kResult) texts.emplace_back("coordinates", coordinates());
    array<double>(group, std::string(metric.name), shape, axes, texts,
                  [&](std::uint64_t first, std::vector<double>& rows) {
                    constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
                    std::fill(rows.begin(), rows.end(), kNan);
                    for (std::size_t i = 0; i < rows.size() / row; ++i) {
                      const std::size_t run = static_cast<std::size_t>(first) + i;
                      const std::vector<double>& values = results_.runs[run][metric.id];
                      if (values.empty()) continue;
                      double* out = rows.data() + i * row;
                      for_each_place(layout_, metric, results_.runs[run], run,
                                     [&](std::size_t from, std::size_t to) {
                                       // One NaN only, whatever computed it: equal results are equal bytes.
                                       out[to] = std::isnan(values[from]) ? kNan : values[from];
                                     });
                    }
                  });
  }

  // The arrays that say which run a number belongs to, the way CF does; xarray makes them coordinates.
  std::string coordinates() const {
    std::string list = std::string(names::kRunId) + " " + names::kReplicate;
    for (const std::string& name : layout_.setting_names) {
      if (name.find(' ') == std::string::npos) list += " " + name;
    }
    return list;
  }

  void shapes(H5Group& shape) {
    const auto lengths = [&](const char* name, auto length) {
      column<std::int32_t>(shape, name, {}, [&](std::size_t run) {
        return static_cast<std::int32_t>(length(results_.runs[run]));
      });
    };
    lengths("epochs", [](const RunRecord& r) { return r.epochs; });
    lengths("probes", [](const RunRecord& r) { return r.probes; });
    lengths("lags", [](const RunRecord& r) { return r.lags; });
    lengths("layers", [](const RunRecord& r) { return r.layers; });
    column<std::int32_t>(shape, names::kBlockList, {},
                         [&](std::size_t run) { return layout_.block_list[run]; });
    std::string lists;
    for (const std::vector<std::string>& list : layout_.block_lists) {
      for (const std::string& block : list) lists += block + "\n";
      lists += "\n";
    }
    scalar(shape, names::kBlockLists, lists);
  }

  static std::string state_names() {
    std::string all;
    for (std::size_t state = 0; state < kStates; ++state) {
      all += std::string(all.empty() ? "" : " ") + std::string(state_name(static_cast<RunState>(state)));
    }
    return all;
  }

  H5File& file_;
  const Results& results_;
  const Layout& layout_;
  PassMode mode_;
  std::map<std::string, H5Dataset> scales_;
};

}  // namespace

void pass_over(H5File& file, const Results& results, const Layout& layout, PassMode mode) {
  Pass(file, results, layout, mode).run();
}

}  // namespace unroll
