#include "store/results_pass.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/error.h"
#include "store/results_format.h"

namespace unroll {
namespace {

constexpr std::size_t kStates = static_cast<std::size_t>(RunState::kPruned) + 1;

constexpr const char* kWeightAxis = "weight";

using Texts = std::vector<std::pair<std::string, std::string>>;

class Pass {
 public:
  Pass(H5File& file, const Manifest& manifest, const Layout& layout, const std::string& made_from,
       PassMode mode)
      : file_(file), manifest_(manifest), layout_(layout), made_from_(made_from), mode_(mode) {}

  void run(const RecordSource& source) {
    const Manifest& manifest = manifest_;
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
    H5Group shape = group(names::kShape);
    H5Group measured = group(names::kMeasured);
    for (const MetricInfo* metric : layout_.recorded) {
      metric_array(metric->group == Group::kMeasured ? measured : file_, *metric);
    }
    shapes(shape);
    std::optional<H5Group> weights;
    if (layout_.weights > 0) weights_in(weights.emplace(group(names::kWeights)));
    for (std::size_t run = 0; run < layout_.runs; ++run) {
      const RunRecord& record = source(run);
      for (const auto& array : over_runs_) array(run, &record);
    }
    for (const auto& array : over_runs_) array(layout_.runs, nullptr);
    over_runs_.clear();
    finish(shape);
    finish(measured);
    if (weights) finish(*weights);
    H5Group provenance = group(names::kProvenance);
    for (const auto& [name, value] : manifest.provenance) scalar(provenance, name, value);
    scalar(provenance, names::kResolved, manifest.resolved_yaml);
    text(provenance, names::kMadeFrom, made_from_);
    finish(provenance);
    for (auto& [name, scale] : scales_) scale.close();
    text(file_, names::kContentHash, group_hash(file_));
  }

 private:
  bool writing() const { return mode_ == PassMode::kWrite; }

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

  // An array, ready for its rows. `axes` are the names of the dimensions, empty for an array that is a
  // dimension itself.
  template <typename T>
  SlabStream<T> open(H5Group& group, const std::string& name, const Shape& shape,
                     const std::vector<std::string>& axes, const Texts& texts) {
    constexpr H5Type kType = h5_type<T>();
    const std::string first = axes.empty() ? name : axes[0];
    const bool grows = !shape.empty() && (first == names::kRun || first == kWeightAxis);
    const Shape chunk = grows ? chunk_of(shape, sizeof(T)) : Shape();
    H5Dataset dataset =
        writing() ? group.create_dataset(name, kType, shape, chunk) : group.open_dataset(name);
    if (!writing() && dataset.dims() != shape) differs(dataset);
    for (const auto& [key, value] : texts) text(dataset, key, clean_text(value));
    if (writing() && kType == H5Type::kFloat64) {
      constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
      dataset.set_attribute("_FillValue", kType, &kNan, 1);
    }
    return {std::move(dataset), shape, mode_};
  }

  // After the last row.
  template <typename T>
  void close(SlabStream<T>& stream, const std::vector<std::string>& axes) {
    H5Dataset& dataset = stream.dataset();
    text(dataset, names::kChecksum, stream.finish());
    if (!writing()) return;
    for (std::size_t axis = 0; axis < axes.size(); ++axis) {
      dataset.attach_scale(scales_.at(axes[axis]), axis);
    }
    dataset.close();
  }

  // An array whose rows are known: fill(row, values of the row).
  template <typename T, typename Fill>
  void array(H5Group& group, const std::string& name, const Shape& shape,
             const std::vector<std::string>& axes, const Texts& texts, const Fill& fill) {
    SlabStream<T> stream = open<T>(group, name, shape, axes, texts);
    const std::size_t rows = shape.empty() ? 1 : static_cast<std::size_t>(shape[0]);
    for (std::size_t row = 0; row < rows; ++row) fill(row, stream.next());
    if (!shape.empty() && axes.empty()) {
      text(stream.dataset(), names::kChecksum, stream.finish());
      if (!writing()) return;
      stream.dataset().make_scale();
      scales_.emplace(name, std::move(stream.dataset()));
    } else {
      close(stream, axes);
    }
  }

  // An array whose rows come from the records: fill(run, record, next) takes next() for each of its rows.
  template <typename T, typename Fill>
  void growing(H5Group& group, const std::string& name, const Shape& shape,
               const std::vector<std::string>& axes, const Texts& texts, const Fill& fill) {
    auto stream = std::make_shared<SlabStream<T>>(open<T>(group, name, shape, axes, texts));
    over_runs_.push_back([this, stream, axes, fill](std::size_t run, const RunRecord* record) {
      if (record == nullptr) return close(*stream, axes);
      fill(run, *record, [&stream] { return stream->next(); });
    });
  }

  // An array over runs alone, of what is known: value(run) for each.
  template <typename T, typename Value>
  void column(H5Group& group, const std::string& name, const Texts& texts, const Value& value) {
    array<T>(group, name, {layout_.runs}, {names::kRun}, texts,
             [&](std::size_t run, T* row) { *row = value(run); });
  }

  // The same of what the records have: value(record).
  template <typename T, typename Value>
  void record_column(H5Group& group, const std::string& name, const Texts& texts, const Value& value) {
    growing<T>(group, name, {layout_.runs}, {names::kRun}, texts,
               [value](std::size_t, const RunRecord& record, const auto& next) { *next() = value(record); });
  }

  void scalar(H5Group& group, const std::string& name, const std::string& value) {
    array<std::string>(group, name, {}, {}, {},
                       [&](std::size_t, std::string* row) { *row = clean_text(value); });
  }

  void axes() {
    count_axis(names::kRun, layout_.runs, 0, "index of the run in the plan");
    for (const DimInfo& dim : dims()) {
      if (layout_.uses(dim.id)) axis(dim);
    }
  }

  void axis(const DimInfo& dim) {
    const std::string name(dim.name);
    const std::string meaning(dim.meaning);
    const std::uint64_t length = layout_.length(dim.id);
    if (dim.own_names) {
      text_axis(name, length, meaning, [&](std::size_t i) { return layout_.names(*dim.own_names).all[i]; });
    } else if (dim.labels.empty()) {
      count_axis(name, length, dim.start, meaning);
    } else {
      text_axis(name, length, meaning, [&](std::size_t i) {
        return i < dim.labels.size() ? std::string(dim.labels[i]) : fmt::format("{}_{}", name, i);
      });
    }
  }

  void count_axis(const std::string& name, std::uint64_t length, std::int64_t start,
                  const std::string& meaning) {
    array<std::int64_t>(
        file_, name, {length}, {}, {{"long_name", meaning}},
        [&](std::size_t i, std::int64_t* row) { *row = start + static_cast<std::int64_t>(i); });
  }

  template <typename Name>
  void text_axis(const std::string& name, std::uint64_t length, const std::string& meaning,
                 const Name& name_of) {
    array<std::string>(file_, name, {length}, {}, {{"long_name", meaning}},
                       [&](std::size_t i, std::string* row) { *row = name_of(i); });
  }

  void settings() {
    const Manifest& manifest = manifest_;
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
    record_column<std::int8_t>(file_, names::kState,
                               {{"long_name", "how the run ended"}, {"flag_meanings", state_names()}},
                               [](const RunRecord& r) { return static_cast<std::int8_t>(r.state); });
    if (writing()) {
      std::vector<std::int8_t> values(kStates);
      std::iota(values.begin(), values.end(), std::int8_t{0});
      file_.open_dataset(names::kState).set_attribute("flag_values", H5Type::kInt8, values.data(), kStates);
    }
    if (layout_.messages) {
      record_column<std::string>(file_, names::kMessage,
                                 {{"long_name", "why the run failed, diverged or was stopped"}},
                                 [](const RunRecord& r) { return clean_text(r.message); });
    }
    if (!layout_.samples) return;
    record_column<std::string>(file_, names::kSample,
                               {{"long_name", "text that the net wrote after training"}},
                               [](const RunRecord& r) { return clean_text(r.sample); });
  }

  void metric_array(H5Group& group, const MetricInfo& metric) {
    std::vector<std::string> axes = {names::kRun};
    for (Dim dim : metric.dims) axes.emplace_back(dim_name(dim));
    const std::string unit(metric.unit == "loss" ? manifest_.loss : metric.unit);
    Texts texts = {{"long_name", std::string(metric.description)}, {"units", unit}};
    if (metric.group == Group::kResult) texts.emplace_back("coordinates", coordinates());
    const Shape shape = layout_.shape(metric);
    const std::size_t size = static_cast<std::size_t>(
        std::accumulate(shape.begin() + 1, shape.end(), std::uint64_t{1}, std::multiplies<>()));
    growing<double>(group, std::string(metric.name), shape, axes, texts,
                    [this, &metric, size](std::size_t run, const RunRecord& record, const auto& next) {
                      constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
                      double* row = next();
                      std::fill_n(row, size, kNan);
                      const std::vector<double>& values = record[metric.id];
                      if (values.empty()) return;
                      for_each_place(layout_, metric, record, run, [&](std::size_t from, std::size_t to) {
                        // One NaN only, whatever computed it: equal results are equal bytes.
                        row[to] = std::isnan(values[from]) ? kNan : values[from];
                      });
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
    for (const DimInfo& dim : dims()) {
      if (dim.own_names || (dim.id != Dim::kEpoch && layout_.length(dim.id) == 0)) continue;
      record_column<std::int32_t>(shape, lengths_name(dim), {}, [id = dim.id](const RunRecord& r) {
        return static_cast<std::int32_t>(r.length(id));
      });
    }
    for (std::size_t i = 0; i < layout_.axis_names.size(); ++i) {
      const AxisNames& names = layout_.axis_names[i];
      const std::string name = list_name(static_cast<NameList>(i));
      if (names.all.empty() && static_cast<NameList>(i) != NameList::kBlocks) continue;
      column<std::int32_t>(shape, name, {}, [&](std::size_t run) { return names.list[run]; });
      std::string lists;
      for (const std::vector<std::string>& list : names.lists) {
        for (const std::string& entry : list) lists += entry + "\n";
        lists += "\n";
      }
      scalar(shape, name + "s", lists);
    }
  }

  // Parameters differ in number from run to run, so they lie one run after the other.
  void weights_in(H5Group& group) {
    H5Dataset axis = writing() ? group.create_dataset(kWeightAxis, H5Type::kFloat32, {layout_.weights}, {})
                               : group.open_dataset(kWeightAxis);
    if (writing()) {
      axis.make_bare_scale();
      scales_.emplace(kWeightAxis, std::move(axis));
    } else if (axis.dims() != Shape{layout_.weights}) {
      differs(axis);
    }
    column<std::int64_t>(
        group, "offset", {{"long_name", "where the run starts in `value`"}},
        [&](std::size_t run) { return static_cast<std::int64_t>(layout_.weight_offset[run]); });
    column<std::int32_t>(group, "form", {{"long_name", "index of the run's list of parameters in `forms`"}},
                         [&](std::size_t run) { return layout_.weight_list[run]; });
    std::string forms;
    for (const auto& list : layout_.weight_lists) forms += weight_form(list);
    scalar(group, "forms", forms);
    growing<float>(group, "value", {layout_.weights}, {kWeightAxis},
                   {{"long_name", "parameters of each run, those of `forms` one after the other, row-major"}},
                   [](std::size_t, const RunRecord& record, const auto& next) {
                     for (const KeptParameter& parameter : record.weights) {
                       for (const float value : parameter.values) *next() = value;
                     }
                   });
  }

  static std::string state_names() {
    std::string all;
    for (std::size_t state = 0; state < kStates; ++state) {
      all += std::string(all.empty() ? "" : " ") + std::string(state_name(static_cast<RunState>(state)));
    }
    return all;
  }

  H5File& file_;
  const Manifest& manifest_;
  const Layout& layout_;
  const std::string& made_from_;
  PassMode mode_;
  std::map<std::string, H5Dataset> scales_;
  // The arrays over runs that are under way; called with each record, then with none.
  std::vector<std::function<void(std::size_t run, const RunRecord* record)>> over_runs_;
};

}  // namespace

void differs(const H5Object& object) {
  throw FileError(object.where(),
                  fmt::format("what was read back of '{}' is not what was written", object.name()),
                  "the disk or the file system is not sound");
}

void pass_over(H5File& file, const Manifest& manifest, const RecordSource& source, const Layout& layout,
               const std::string& made_from, PassMode mode) {
  Pass(file, manifest, layout, made_from, mode).run(source);
}

}  // namespace unroll
