#include "sweep/spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sweep/strategy.h"
#include "train/metrics.h"

namespace unroll {
namespace {

constexpr double kMaxReplicate = 4294967295.0;
constexpr double kMaxSeeds = 1e6;

class SpecReader {
 public:
  SpecReader(Diagnostics& diagnostics, std::filesystem::path folder)
      : diagnostics_(diagnostics), folder_(std::move(folder)), keys_(diagnostics) {}

  Spec read(const YamlNode& root, const std::vector<std::string>& overrides) {
    keys_.read(root);
    for (const std::string& text : overrides) keys_.read_override(text);
    using Place = KeyEntry::Place;
    for (const KeyEntry& e : keys_.entries()) {
      if (e.place == Place::kFixed) read_fixed(e);
    }
    const bool draws =
        strategy(spec_.base.method).point != nullptr || spec_.broken_sections.contains("sweep");
    for (const KeyEntry& e : keys_.entries()) {
      if (e.place == Place::kParameter) read_parameter(e, draws);
      if (e.place == Place::kZip && !has_zip(e.zip)) read_zip(e.zip);
    }
    group_axes();
    check_swept_once();
    check_overrides();
    check_sweep_keys(draws);
    spec_.broken_sections.insert(keys_.broken_sections().begin(), keys_.broken_sections().end());
    return std::move(spec_);
  }

 private:
  void broken(const KeyInfo& key) { spec_.broken_sections.emplace(key.section()); }

  void read_fixed(const KeyEntry& e) {
    if (e.key->key == "sweep.seeds") return read_seeds(*e.value);
    if (e.key->key == "sweep.exclude") return read_entries(e, spec_.exclude);
    if (e.key->key == "sweep.include") return read_entries(e, spec_.include);
    const auto value = read_value(diagnostics_, *e.key, *e.value, folder_);
    if (!value) return broken(*e.key);
    e.key->set(spec_.base, *value);
    spec_.fixed.push_back({e.key, e.mark, {*value, e.value->mark}});
  }

  void read_seeds(const YamlNode& node) {
    if (!node.is_list()) {
      const auto count = read_integer(diagnostics_, "sweep.seeds", node, {1, kMaxSeeds});
      if (!count) return;
      spec_.replicates.clear();
      for (std::uint32_t r = 0; r < *count; ++r) spec_.replicates.push_back(r);
      return;
    }
    if (node.items.empty()) diagnostics_.error(node.mark, "sweep.seeds has no replicates");
    std::set<std::uint32_t> seen;
    spec_.replicates.clear();
    spec_.counted_seeds = false;
    for (const YamlNode& item : node.items) {
      const auto replicate = read_integer(diagnostics_, "sweep.seeds", item, {0, kMaxReplicate});
      if (!replicate) continue;
      spec_.replicates.push_back(static_cast<std::uint32_t>(*replicate));
      if (!seen.insert(spec_.replicates.back()).second) {
        diagnostics_.error(item.mark, fmt::format("replicate {} is given twice", *replicate));
      }
    }
  }

  void read_entries(const KeyEntry& e, std::vector<SpecEntry>& entries) {
    if (e.value->is_null()) return;
    if (!e.value->is_list()) {
      diagnostics_.error(e.value->mark, fmt::format("{} expects a list of blocks of keys, found {}",
                                                    e.key->key, describe(*e.value)));
      return broken(*e.key);
    }
    for (const YamlNode& item : e.value->items) {
      if (!item.is_map() || item.keys.empty()) {
        diagnostics_.error(item.mark,
                           fmt::format("an entry of {} is a block of keys, found {}", e.key->key,
                                       item.is_map() ? "an empty one" : describe(item)),
                           "for example {model.cell: rnn, task.seq_len: 200}");
        broken(*e.key);
        continue;
      }
      KeyReader reader(diagnostics_);
      reader.read_settings(item);
      SpecEntry entry{item.mark, {}};
      for (const KeyEntry& s : reader.entries()) {
        const auto value = read_value(diagnostics_, *s.key, *s.value, folder_);
        if (value) entry.settings.push_back({s.key, s.mark, {*value, s.value->mark}});
      }
      if (entry.settings.size() == reader.entries().size() && reader.broken_sections().empty()) {
        entries.push_back(std::move(entry));
      } else {
        broken(*e.key);
      }
    }
  }

  void read_parameter(const KeyEntry& e, bool draws) {
    std::optional<Axis> axis = read_axis(diagnostics_, e, folder_, draws);
    if (axis) {
      spec_.axes.push_back(std::move(*axis));
    } else {
      broken(*e.key);
    }
  }

  bool has_zip(const std::string& name) const {
    return std::any_of(spec_.axes.begin(), spec_.axes.end(), [&](const Axis& a) { return a.zip == name; });
  }

  void read_zip(const std::string& name) {
    Axis axis;
    axis.zip = name;
    bool good = true;
    for (const KeyEntry& e : keys_.entries()) {
      if (e.place != KeyEntry::Place::kZip || e.zip != name) continue;
      axis.keys.push_back({e.key, e.mark, {}});
      if (!e.value->is_list() || e.value->items.empty()) {
        diagnostics_.error(e.value->mark,
                           fmt::format("{} in a zip expects a list of values, found {}", e.key->key,
                                       e.value->is_list() ? "an empty list" : describe(*e.value)));
        good = false;
        continue;
      }
      axis.keys.back().values = read_values(diagnostics_, *e.key, *e.value, folder_);
      good = good && axis.keys.back().values.size() == e.value->items.size();
    }
    const AxisKey& first = axis.keys[0];
    if (axis.keys.size() == 1) {
      diagnostics_.error(first.mark, fmt::format("the zip '{}' has one key, it needs two or more", name),
                         "put a single key under sweep.parameters");
      good = false;
    }
    for (const AxisKey& k : axis.keys) {
      if (!good || k.values.size() == first.values.size()) continue;
      diagnostics_.error(k.mark,
                         fmt::format("{} has {} values, but {} has {}: a zip takes them in pairs", k.key->key,
                                     k.values.size(), first.key->key, first.values.size()),
                         "give all keys of a zip the same number of values", Diagnostics::Note{first.mark});
      good = false;
    }
    if (good) good = check_zip_rows(axis);
    if (!good) {
      for (const AxisKey& k : axis.keys) broken(*k.key);
    }
    // Kept even if it is wrong, so that it is reported once; expansion looks at whole axes only.
    if (!good) axis.keys.resize(0);
    spec_.axes.push_back(std::move(axis));
  }

  bool check_zip_rows(const Axis& axis) {
    std::set<std::string> seen;
    for (std::size_t i = 0; i < axis.size(); ++i) {
      std::string row;
      for (const AxisKey& k : axis.keys) row += to_yaml(k.values[i].value) + ", ";
      row.resize(row.size() - 2);
      if (seen.insert(row).second) continue;
      diagnostics_.error(axis.keys[0].values[i].mark,
                         fmt::format("the zip '{}' has ({}) twice", axis.zip, row), "remove one of the two");
      return false;
    }
    return true;
  }

  // All of sweep.parameters together and all of sweep.zip together, whichever comes first in the file.
  void group_axes() {
    // A range is read as drawn when the method itself could not be read.
    const bool draws = strategy(spec_.base.method).point != nullptr;
    std::erase_if(spec_.axes, [&](const Axis& a) {
      if (a.range && !draws) broken(*a.keys[0].key);
      return a.keys.empty() || (a.range && !draws);
    });
    const bool zip_first = !spec_.axes.empty() && !spec_.axes.front().zip.empty();
    std::stable_partition(spec_.axes.begin(), spec_.axes.end(),
                          [&](const Axis& a) { return a.zip.empty() != zip_first; });
  }

  void check_swept_once() {
    std::vector<const AxisKey*> seen;
    for (const Axis& axis : spec_.axes) {
      for (const AxisKey& k : axis.keys) {
        for (const AxisKey* other : seen) {
          if (other->key != k.key) continue;
          diagnostics_.error(k.mark, fmt::format("{} is swept twice", k.key->key),
                             "a key belongs to one axis or to one zip", Diagnostics::Note{other->mark});
          broken(*k.key);
        }
        seen.push_back(&k);
      }
    }
  }

  // A fixed value of a swept key is only a fallback; given by --set it would silently do nothing.
  void check_overrides() {
    for (const GivenSetting& given : spec_.fixed) {
      if (given.key_mark.source == 0) continue;
      for (const Axis& axis : spec_.axes) {
        for (const AxisKey& k : axis.keys) {
          if (k.key != given.key) continue;
          const std::string path = axis.zip.empty() ? "sweep.parameters" : "sweep.zip." + axis.zip;
          diagnostics_.error(
              given.key_mark, fmt::format("{} is swept: a fixed value has no effect", k.key->key),
              fmt::format("set its values: {}.{}=[{}]", path, k.key->key, to_yaml(given.value.value)),
              Diagnostics::Note{k.mark, "swept here"});
        }
      }
    }
  }

  void check_sweep_keys(bool draws) {
    resolve_early_terminate();
    for (const GivenSetting& given : spec_.fixed) {
      if (given.key->section() != "sweep" || given.key->used_in(spec_.base)) continue;
      // Switched off by name, the rest may stay as it was.
      if (given.key->key.starts_with("sweep.early_terminate.") &&
          spec_.find_fixed("sweep.early_terminate.type") != nullptr)
        continue;
      diagnostics_.error(given.key_mark, fmt::format("{} has no effect: it is only for {}", given.key->key,
                                                     given.key->user_text()));
    }
    const GivenSetting* method = spec_.find_fixed("sweep.method");
    if (draws && spec_.find_fixed("sweep.runs") == nullptr && !spec_.broken_sections.contains("sweep")) {
      diagnostics_.error(method->value.mark, fmt::format("the method {} needs sweep.runs", spec_.base.method),
                         "sweep.runs is how many settings to draw");
      broken(*method->key);
    }
    const MetricInfo* metric = find_metric(spec_.base.metric);
    const std::string natural = metric->goal == Goal::kMaximize ? "maximize" : "minimize";
    const GivenSetting* goal = spec_.find_fixed("sweep.metric.goal");
    if (goal != nullptr && spec_.base.goal != natural) {
      diagnostics_.error(goal->value.mark, fmt::format("the goal of {} is to {} it", metric->name, natural));
    }
    spec_.base.goal = natural;
  }

  // The method halving is random draws and this rule.
  void resolve_early_terminate() {
    std::string& type = spec_.base.early_terminate.type;
    const GivenSetting* given = spec_.find_fixed("sweep.early_terminate.type");
    if (spec_.base.method == "halving") {
      if (given != nullptr && type != "halving") {
        diagnostics_.error(given->value.mark, "the method halving stops runs by halving",
                           "remove this key, or use the method random",
                           Diagnostics::Note{spec_.find_fixed("sweep.method")->value.mark});
      }
      type = "halving";
    }
    const MetricInfo* metric = find_metric(spec_.base.metric);
    if (!spec_.base.early_terminate.active() || metric->dims == std::vector{Dim::kEpoch}) return;
    const GivenSetting* named = spec_.find_fixed("sweep.metric.name");
    diagnostics_.error(
        named != nullptr ? named->value.mark : given->value.mark,
        fmt::format("runs cannot be stopped early by {}: it is one number of a whole run", metric->name),
        "use a metric of each epoch, valid_loss for one");
  }

  Diagnostics& diagnostics_;
  std::filesystem::path folder_;
  KeyReader keys_;
  Spec spec_;
};

}  // namespace

const GivenSetting* Spec::find_fixed(std::string_view key) const {
  for (const GivenSetting& given : fixed) {
    if (given.key->key == key) return &given;
  }
  return nullptr;
}

Spec read_spec(Diagnostics& diagnostics, std::uint32_t source, const std::filesystem::path& folder,
               const std::vector<std::string>& overrides) {
  const std::optional<YamlNode> root = parse_yaml(diagnostics, source);
  if (!root) diagnostics.throw_if_any();
  if (!root->is_map() || root->keys.empty()) {
    const bool empty = root->is_null() || root->is_map();
    diagnostics.error(root->mark,
                      empty ? "the experiment is empty" : "expected keys, found " + describe(*root),
                      "an experiment begins like this: task: {type: adding}");
    diagnostics.throw_if_any();
  }
  return SpecReader(diagnostics, folder).read(*root, overrides);
}

}  // namespace unroll
