// The forms that the values of a swept key may have.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "base/suggest.h"
#include "sweep/spec.h"

namespace unroll {
namespace {

constexpr double kMaxValues = 1e6;  // of one axis

std::string distribution_choices() {
  std::vector<std::string_view> names;
  for (const DistributionInfo& d : distributions()) names.push_back(d.name);
  return fmt::format("choose one of: {}", fmt::join(names, ", "));
}

// {min, max, num, distribution, q}, or a part of it.
class RangeReader {
 public:
  RangeReader(Diagnostics& diagnostics, const KeyEntry& entry) : diagnostics_(diagnostics), entry_(entry) {}

  bool read() {
    const YamlNode& map = *entry_.value;
    for (std::size_t i = 0; i < map.keys.size(); ++i) read_key(map.keys[i], map.items[i]);
    return ok_ && check();
  }

  const Distribution& range() const { return range_; }
  std::optional<std::int64_t> num() const { return num_; }

 private:
  std::string what(std::string_view word) const { return fmt::format("{} of {}", word, entry_.key->key); }

  void fail(const Mark& mark, std::string message, std::string help = {}) {
    diagnostics_.error(mark, std::move(message), std::move(help));
    ok_ = false;
  }

  void read_key(const YamlKey& key, const YamlNode& value) {
    if (key.text == "min" || key.text == "max") {
      const bool is_min = key.text == "min";
      const auto x = read_value(diagnostics_, *entry_.key, value, {});
      if (!x) {
        ok_ = false;
        return;
      }
      const double number = std::holds_alternative<std::int64_t>(*x)
                                ? static_cast<double>(std::get<std::int64_t>(*x))
                                : std::get<double>(*x);
      (is_min ? range_.min : range_.max) = number;
      (is_min ? has_min_ : has_max_) = true;
      if (!is_min) max_mark_ = value.mark;
      if (is_min) min_mark_ = value.mark;
    } else if (key.text == "num") {
      num_ = read_integer(diagnostics_, what("num"), value, {2, kMaxValues});
      ok_ = ok_ && num_.has_value();
    } else if (key.text == "q") {
      const auto q = read_number(diagnostics_, what("q"), value);
      if (q && *q <= 0.0) fail(value.mark, fmt::format("{} must be above 0", what("q")));
      range_.step = q.value_or(0.0);
      q_mark_ = value.mark;
      ok_ = ok_ && q.has_value();
    } else if (key.text == "distribution") {
      read_distribution(value);
    } else {
      const std::vector<std::string> words = {"values", "value", "min", "max", "num", "distribution", "q"};
      const std::string near = nearest_name(key.text, words);
      fail(key.mark, fmt::format("unknown key '{}' in the values of {}", key.text, entry_.key->key),
           near.empty() ? fmt::format("choose among: {}", fmt::join(words, ", "))
                        : fmt::format("did you mean '{}'?", near));
    }
  }

  void read_distribution(const YamlNode& node) {
    range_.info = node.is_scalar() ? find_distribution(node.text) : nullptr;
    if (range_.info != nullptr) return;
    std::string help = distribution_choices();
    if (node.text == "log_uniform" || node.text == "q_log_uniform") {
      help = fmt::format(
          "'{}' takes exponents elsewhere; use {}_values, with the values themselves as min "
          "and max",
          node.text, node.text);
    } else if (node.text == "categorical" || node.text == "constant") {
      help = "write {values: [...]} or {value: ...}";
    }
    fail(node.mark, fmt::format("there is no distribution {}", describe(node)), help);
  }

  bool check() {
    const KeyInfo& key = *entry_.key;
    const Mark& mark = entry_.value->mark;
    if (!has_min_ || !has_max_) {
      fail(mark,
           fmt::format("{} needs {}", key.key,
                       has_min_   ? "max"
                       : has_max_ ? "min"
                                  : "values"),
           "write a list, {values: [...]} or {min: ..., max: ..., num: ...}");
      return false;
    }
    const bool integers = key.type == KeyType::kInteger;
    if (range_.info == nullptr) range_.info = find_distribution(integers ? "int_uniform" : "uniform");
    range_.whole = integers;
    if (!(range_.min < range_.max)) {
      fail(max_mark_, fmt::format("max of {} must be above min", key.key));
    } else if (range_.info->logarithmic && range_.min <= 0.0) {
      fail(min_mark_, fmt::format("min of {} must be above 0 for {}", key.key, range_.info->name));
    }
    if (range_.info->whole && !integers) {
      const auto is_whole = [](double x) { return x == std::floor(x); };
      if (!is_whole(range_.min)) fail(min_mark_, fmt::format("min of {} must be an integer", key.key));
      if (!is_whole(range_.max)) fail(max_mark_, fmt::format("max of {} must be an integer", key.key));
    }
    if (range_.info->stepped && integers && range_.step != std::floor(range_.step)) {
      fail(q_mark_.value_or(mark), fmt::format("q of {} must be an integer", key.key));
    } else if (range_.info->stepped && ok_ && range_.count() == 0.0) {
      fail(q_mark_.value_or(mark), fmt::format("no multiple of q lies between min and max of {}", key.key));
    }
    if (q_mark_ && !range_.info->stepped) {
      fail(*q_mark_, fmt::format("q has no use with {}", range_.info->name), "use q_uniform");
    }
    return ok_;
  }

  Diagnostics& diagnostics_;
  const KeyEntry& entry_;
  Distribution range_;
  std::optional<std::int64_t> num_;
  bool has_min_ = false;
  bool has_max_ = false;
  Mark min_mark_;
  Mark max_mark_;
  std::optional<Mark> q_mark_;
  bool ok_ = true;
};

std::optional<Axis> read_range(Diagnostics& diagnostics, const KeyEntry& entry, bool draws) {
  const KeyInfo& key = *entry.key;
  const YamlNode& node = *entry.value;
  if (key.type != KeyType::kInteger && key.type != KeyType::kNumber) {
    diagnostics.error(node.mark, fmt::format("{} is {}: it has no range", key.key, type_text(key)),
                      "write a list of values");
    return std::nullopt;
  }
  RangeReader reader(diagnostics, entry);
  if (!reader.read()) return std::nullopt;
  Axis axis;
  axis.keys.push_back({&key, entry.mark, {}});
  const Distribution& range = reader.range();
  if (draws && !reader.num()) {
    axis.range = range;
    return axis;
  }
  if (!reader.num() && range.count() > kMaxValues) {
    diagnostics.error(node.mark, fmt::format("the range of {} needs num: how many values", key.key),
                      "a grid takes `num` values from min to max, both included");
    return std::nullopt;
  }
  const std::vector<double> values =
      reader.num() ? range.spaced(static_cast<std::size_t>(*reader.num())) : range.all();
  for (std::size_t i = 1; i < values.size(); ++i) {
    if (values[i] > values[i - 1]) continue;
    diagnostics.error(node.mark,
                      fmt::format("the range of {} has no {} different values", key.key, values.size()),
                      "use a smaller num or a wider range");
    return std::nullopt;
  }
  for (const double x : values) axis.keys[0].values.push_back({number_value(key, x), node.mark});
  return axis;
}

}  // namespace

std::vector<Located> read_values(Diagnostics& diagnostics, const KeyInfo& key, const YamlNode& list,
                                 const std::filesystem::path& folder) {
  std::vector<Located> values;
  for (const YamlNode& item : list.items) {
    const auto value = read_value(diagnostics, key, item, folder);
    if (value) values.push_back({*value, item.mark});
  }
  return values;
}

std::optional<Axis> read_axis(Diagnostics& diagnostics, const KeyEntry& entry,
                              const std::filesystem::path& folder, bool draws) {
  const KeyInfo& key = *entry.key;
  const YamlNode* list = entry.value;
  Axis axis;
  axis.keys.push_back({&key, entry.mark, {}});
  if (list->is_map()) {
    const auto& words = list->keys;
    const auto at = std::find_if(words.begin(), words.end(),
                                 [](const YamlKey& k) { return k.text == "values" || k.text == "value"; });
    if (at == words.end()) return read_range(diagnostics, entry, draws);
    if (words.size() > 1) {
      const YamlKey& other = words[at == words.begin() ? 1 : 0];
      diagnostics.error(other.mark, fmt::format("'{}' cannot stand beside '{}'", other.text, at->text));
      return std::nullopt;
    }
    const YamlNode& inner = list->items[static_cast<std::size_t>(at - words.begin())];
    if (at->text == "value") {
      const auto value = read_value(diagnostics, key, inner, folder);
      if (!value) return std::nullopt;
      axis.keys[0].values.push_back({*value, inner.mark});
      return axis;
    }
    list = &inner;
  }
  if (!list->is_list()) {
    diagnostics.error(list->mark,
                      fmt::format("{} expects the values to sweep, found {}", key.key, describe(*list)),
                      list->is_scalar() ? fmt::format("a list needs brackets: [{}]", list->text) : "");
    return std::nullopt;
  }
  if (list->items.empty()) {
    diagnostics.error(list->mark, fmt::format("{} has no values: the sweep would be empty", key.key));
    return std::nullopt;
  }
  std::unordered_map<std::string, Mark> seen;
  for (Located& v : read_values(diagnostics, key, *list, folder)) {
    const auto [same, is_new] = seen.emplace(to_yaml(v.value), v.mark);
    if (is_new) {
      axis.keys[0].values.push_back(std::move(v));
    } else {
      diagnostics.error(v.mark, fmt::format("{} has this value twice", key.key), "remove one of the two",
                        Diagnostics::Note{same->second});
    }
  }
  if (axis.keys[0].values.empty()) return std::nullopt;
  return axis;
}

}  // namespace unroll
