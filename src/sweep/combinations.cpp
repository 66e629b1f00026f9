#include "sweep/combinations.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/hash.h"
#include "sweep/strategy.h"

namespace unroll {
namespace {

// A row of cells that a combination must have, as (column, value); built from an entry of exclude or include.
using Pattern = std::vector<std::pair<std::size_t, std::uint32_t>>;

bool matches(std::span<const std::uint32_t> row, const Pattern& pattern) {
  return std::all_of(pattern.begin(), pattern.end(),
                     [&](const auto& cell) { return row[cell.first] == cell.second; });
}

Mark place_of_sweep(const Spec& spec, const Combinations& table) {
  if (const GivenSetting* s = spec.find_fixed("sweep.run_cap")) return s->value.mark;
  if (const GivenSetting* s = spec.find_fixed("sweep.runs")) return s->value.mark;
  return table.columns.empty() ? Mark{} : table.columns.front().mark;
}

class Expander {
 public:
  Expander(Diagnostics& diagnostics, const Spec& spec)
      : diagnostics_(diagnostics), spec_(spec), strategy_(strategy(spec.base.method)) {}

  Combinations expand() {
    make_columns();
    make_exclude();
    if (too_many()) return {};
    if (strategy_.point == nullptr) {
      add_grid();
    } else {
      add_draws();
    }
    report_idle_excludes();
    add_includes();
    if (table_.size() == 0 && diagnostics_.count() == 0) {
      diagnostics_.error(place_of_sweep(spec_, table_), "nothing is left of the sweep", "exclude less");
    }
    return std::move(table_);
  }

 private:
  void make_columns() {
    for (const Axis& axis : spec_.axes) {
      first_column_.push_back(table_.columns.size());
      for (const AxisKey& k : axis.keys) table_.columns.push_back({k.key, k.mark, axis.zip, k.values});
    }
    axis_columns_ = table_.columns.size();
    for (const SpecEntry& entry : spec_.include) {
      for (const GivenSetting& s : entry.settings) {
        if (find_column(s.key) == table_.columns.size())
          table_.columns.push_back({s.key, s.key_mark, {}, {}});
      }
    }
  }

  std::size_t find_column(const KeyInfo* key) const {
    const auto found = std::find_if(table_.columns.begin(), table_.columns.end(),
                                    [&](const Column& c) { return c.key == key; });
    return static_cast<std::size_t>(found - table_.columns.begin());
  }

  std::uint32_t find_value(std::size_t column, const SettingValue& value) const {
    const std::vector<Located>& values = table_.columns[column].values;
    const auto found =
        std::find_if(values.begin(), values.end(), [&](const Located& v) { return v.value == value; });
    return found == values.end() ? kFixedValue : static_cast<std::uint32_t>(found - values.begin());
  }

  void make_exclude() {
    for (const SpecEntry& entry : spec_.exclude) {
      Pattern pattern;
      for (const GivenSetting& s : entry.settings) {
        const std::size_t column = find_column(s.key);
        if (column >= axis_columns_) {
          if (spec_.broken_sections.contains(s.key->section())) continue;
          diagnostics_.error(s.key_mark, fmt::format("sweep.exclude: {} is not swept", s.key->key),
                             "an entry names swept keys and one of their values each");
          continue;
        }
        const std::uint32_t value = find_value(column, s.value.value);
        if (value != kFixedValue) {
          pattern.emplace_back(column, value);
        } else {
          report_unknown_value(s, table_.columns[column]);
        }
      }
      if (pattern.size() == entry.settings.size()) excludes_.push_back({std::move(pattern), &entry, 0});
    }
  }

  void report_unknown_value(const GivenSetting& s, const Column& column) {
    if (column.values.empty()) {
      diagnostics_.error(s.value.mark, fmt::format("sweep.exclude: {} is drawn from a range", s.key->key),
                         "only values of a list can be excluded");
      return;
    }
    std::string values;
    for (const Located& v : column.values) {
      if (values.size() > 60) {
        values += ", ...";
        break;
      }
      values += (values.empty() ? "" : ", ") + to_text(v.value);
    }
    diagnostics_.error(
        s.value.mark,
        fmt::format("sweep.exclude: {} is not swept over {}", s.key->key, to_text(s.value.value)),
        fmt::format("its values are {}", values));
  }

  // Guards against a product that would take long to expand only to be refused. Combinations of a grid may be
  // the same run, so there may be far more of them than of runs.
  bool too_many() {
    const auto seeds = static_cast<double>(spec_.replicates.size());
    double product = 1.0;
    if (strategy_.point != nullptr) {
      product = static_cast<double>(spec_.base.points);
      table_.factors = fmt::format("{} settings x ", spec_.base.points);
    } else {
      for (const Axis& axis : spec_.axes) {
        product *= static_cast<double>(axis.size());
        table_.factors +=
            fmt::format("{} {} x ", axis.size(), axis.zip.empty() ? axis.keys[0].key->name : axis.zip);
      }
    }
    table_.factors +=
        fmt::format("{} seed{}", spec_.replicates.size(), spec_.replicates.size() == 1 ? "" : "s");
    const auto cap = static_cast<double>(spec_.base.run_cap);
    const double most = strategy_.point == nullptr ? std::min(kMaxCombinations, 100.0 * cap) : cap;
    if (product * seeds <= most) return false;
    report_too_many(diagnostics_, spec_, table_, product * seeds);
    return true;
  }

  void add_row(const std::vector<std::uint32_t>& cells) {
    bool keep = true;
    for (Exclude& exclude : excludes_) {
      if (!matches(cells, exclude.pattern)) continue;
      ++exclude.hits;
      keep = false;
    }
    if (keep) table_.add(cells);
  }

  void set_axis(std::vector<std::uint32_t>& cells, std::size_t axis, std::uint32_t value) const {
    for (std::size_t k = 0; k < spec_.axes[axis].keys.size(); ++k) cells[first_column_[axis] + k] = value;
  }

  // Counts through the product, the last axis fastest.
  void add_grid() {
    if (spec_.axes.empty() && !spec_.include.empty()) return;  // the entries of include are the runs
    std::vector<std::uint32_t> cells(table_.columns.size(), kFixedValue);
    for (std::size_t a = 0; a < spec_.axes.size(); ++a) set_axis(cells, a, 0);
    std::vector<std::uint32_t> index(spec_.axes.size(), 0);
    while (true) {
      add_row(cells);
      std::size_t a = spec_.axes.size();
      while (a > 0 && index[a - 1] + 1 == spec_.axes[a - 1].size()) {
        --a;
        index[a] = 0;
        set_axis(cells, a, 0);
      }
      if (a == 0) return;
      set_axis(cells, a - 1, ++index[a - 1]);
    }
  }

  // Takes points until there are enough different settings.
  void add_draws() {
    if (spec_.axes.empty()) {
      diagnostics_.error(place_of_sweep(spec_, table_),
                         fmt::format("the method {} has nothing to draw", strategy_.name),
                         "put keys under sweep.parameters");
      return;
    }
    const std::size_t wanted = spec_.base.points;
    const std::size_t most_misses = 1000 + 100 * wanted;
    std::unordered_set<std::string> seen;
    std::size_t misses = 0;
    for (std::uint32_t index = 0; table_.size() < wanted; ++index) {
      const std::size_t before = table_.size();
      if (seen.insert(draw(index)).second) {
        add_row(drawn_);
      }
      if (table_.size() > before) continue;
      if (++misses > most_misses) {
        diagnostics_.error(
            place_of_sweep(spec_, table_),
            fmt::format("sweep.runs is {}, but only {} different settings were found", wanted, table_.size()),
            "draw fewer, or use the method grid");
        return;
      }
    }
  }

  // Makes `drawn_` the cells of a point. Returns what tells settings apart.
  std::string draw(std::uint32_t index) {
    const std::vector<double> point = strategy_.point(spec_, index);
    drawn_.assign(table_.columns.size(), kFixedValue);
    Experiment experiment = spec_.base;
    for (std::size_t a = 0; a < spec_.axes.size(); ++a) {
      const Axis& axis = spec_.axes[a];
      if (axis.range) {
        std::vector<Located>& values = table_.columns[first_column_[a]].values;
        const AxisKey& k = axis.keys[0];
        values.push_back({number_value(*k.key, axis.range->quantile(point[a])), k.mark});
        set_axis(drawn_, a, static_cast<std::uint32_t>(values.size() - 1));
      } else {
        const auto value = static_cast<std::uint32_t>(point[a] * static_cast<double>(axis.size()));
        set_axis(drawn_, a, std::min(value, static_cast<std::uint32_t>(axis.size() - 1)));
      }
    }
    for (std::size_t c = 0; c < axis_columns_; ++c) {
      const Column& column = table_.columns[c];
      column.key->set(experiment, column.values[drawn_[c]].value);
    }
    reset_unused(experiment);
    // All that was drawn and is read: also what is no part of a run's identity, as model.params is not.
    std::string text;
    for (std::size_t c = 0; c < axis_columns_; ++c) {
      text.append(to_yaml(table_.columns[c].key->get(experiment))).append("\n");
    }
    return hash_hex(text);
  }

  void report_idle_excludes() {
    for (const Exclude& exclude : excludes_) {
      if (exclude.hits > 0 || strategy_.point != nullptr) continue;
      diagnostics_.error(exclude.entry->mark, "this entry of sweep.exclude matches no combination");
    }
  }

  // An entry is added to the combinations of the axes that it agrees with; if there are none it is a new one.
  void add_includes() {
    const std::size_t originals = table_.size();
    for (const SpecEntry& entry : spec_.include) {
      Pattern given;
      Pattern wanted;
      bool extra = false;
      bool possible = true;
      for (const GivenSetting& s : entry.settings) {
        const std::size_t column = find_column(s.key);
        std::uint32_t value = find_value(column, s.value.value);
        if (value == kFixedValue) {
          table_.columns[column].values.push_back(s.value);
          value = static_cast<std::uint32_t>(table_.columns[column].values.size() - 1);
          possible = possible && column >= axis_columns_;
        }
        given.emplace_back(column, value);
        if (column < axis_columns_) wanted.emplace_back(column, value);
        extra = extra || column >= axis_columns_;
      }
      std::size_t hits = 0;
      for (std::size_t i = 0; possible && i < originals; ++i) {
        if (!matches(table_.row(i), wanted)) continue;
        ++hits;
        for (const auto& [column, value] : given) table_.row(i)[column] = value;
      }
      if (hits == 0) {
        std::vector<std::uint32_t> cells(table_.columns.size(), kFixedValue);
        for (const auto& [column, value] : given) cells[column] = value;
        table_.add(cells);
      } else if (!extra) {
        diagnostics_.error(entry.mark, "this entry of sweep.include is in the sweep already",
                           "add a key that is not swept, or remove the entry");
      }
    }
  }

  struct Exclude {
    Pattern pattern;
    const SpecEntry* entry;
    std::size_t hits;
  };

  Diagnostics& diagnostics_;
  const Spec& spec_;
  const StrategyInfo& strategy_;
  Combinations table_;
  std::vector<std::size_t> first_column_;  // of each axis
  std::size_t axis_columns_ = 0;           // columns of axes; those of include follow
  std::vector<Exclude> excludes_;
  std::vector<std::uint32_t> drawn_;
};

}  // namespace

void Combinations::filter(const std::vector<bool>& keep) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < rows_; ++i) {
    if (!keep[i]) continue;
    std::copy_n(row(i).begin(), columns.size(), row(kept).begin());
    ++kept;
  }
  rows_ = kept;
  cells_.resize(kept * columns.size());
}

void Combinations::apply(std::size_t i, Experiment& experiment) const {
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (const Located* v = value(i, c)) columns[c].key->set(experiment, v->value);
  }
  reset_unused(experiment);
}

Combinations expand(Diagnostics& diagnostics, const Spec& spec) {
  return Expander(diagnostics, spec).expand();
}

void report_too_many(Diagnostics& diagnostics, const Spec& spec, const Combinations& table, double most) {
  diagnostics.error(
      place_of_sweep(spec, table),
      fmt::format("the sweep has up to {:.15g} runs ({}), more than sweep.run_cap {}", most, table.factors,
                  spec.base.run_cap),
      fmt::format("if that is meant, raise sweep.run_cap, to {:.0f} at most", kMaxCombinations));
}

}  // namespace unroll
