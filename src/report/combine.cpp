#include "report/combine.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <optional>
#include <set>

#include "base/error.h"
#include "report/grid.h"
#include "report/matched_runs.h"
#include "report/text_table.h"
#include "sweep/keys.h"

namespace unroll {
namespace {

constexpr std::size_t kMostNamed = 6;  // differing settings that a note names

using Settings = std::map<std::string, std::string>;
using Values = std::vector<std::string>;  // [run of all files], as text

// "before", or the whole path where two files have the same name.
std::vector<std::string> labels(const std::vector<ResultsFile>& files) {
  std::vector<std::string> out;
  std::set<std::string> stems;
  for (const ResultsFile& file : files) {
    out.push_back(std::filesystem::path(file.name).stem().string());
    stems.insert(out.back());
  }
  if (stems.size() < files.size()) {
    for (std::size_t f = 0; f < files.size(); ++f) out[f] = files[f].name;
  }
  return out;
}

const SettingColumn* column_of(const Results& results, const std::string& key) {
  const auto& settings = results.manifest.settings;
  const auto found =
      std::find_if(settings.begin(), settings.end(), [&](const SettingColumn& c) { return c.key == key; });
  return found == settings.end() ? nullptr : &*found;
}

template <typename Number>
bool parse_all(const Values& texts, std::vector<Number>& out) {
  for (const std::string& text : texts) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return false;
    out.push_back(value);
  }
  return true;
}

// Whole numbers if all are, else numbers that may be unset, else texts.
SettingColumn typed(SettingColumn column, const Values& texts) {
  std::vector<std::int64_t> whole;
  std::vector<double> numbers;
  Values with_nan = texts;
  std::replace(with_nan.begin(), with_nan.end(), to_string(Unset{}), std::string("nan"));
  if (parse_all(texts, whole)) {
    column.values = std::move(whole);
  } else if (parse_all(with_nan, numbers)) {
    column.values = std::move(numbers);
  } else {
    column.values = texts;
  }
  return column;
}

// One text for one value, however a file spells it: 1e-05 and 0.00001, true and 1.
std::string canonical(const std::string& text) {
  if (text == "true" || text == "false") return text == "true" ? "1" : "0";
  std::vector<std::int64_t> whole;
  std::vector<double> number;
  if (parse_all({text}, whole)) return fmt::format("{}", whole[0]);
  if (parse_all({text}, number)) return fmt::format("{}", number[0]);
  return text.empty() ? "''" : text;
}

// What a run has of a setting that its file does not tell, as none of its runs reads it or nobody set it.
// Nothing of a setting that every file tells.
std::optional<std::string> unread_value(const std::string& key) {
  const KeyInfo* known = find_key(key);
  if (known == nullptr || !known->is_setting()) return std::nullopt;
  const std::string text = to_text(known->get(Experiment()));
  const bool may_be_empty = known->optional || text.empty();
  if (known->user_text().empty() && !may_be_empty) return std::nullopt;
  return text;
}

// The short name of a key, or all of it where another setting has that name.
std::string short_name(const std::string& key, const std::vector<SettingColumn>& known) {
  const std::string last = key.substr(key.rfind('.') + 1);
  const bool taken =
      std::any_of(known.begin(), known.end(), [&](const SettingColumn& c) { return c.name == last; });
  return taken ? key : last;
}

// Equal in what both recorded, but for what may differ between equal runs.
bool same_numbers(const RunRecord& a, const RunRecord& b) {
  if (a.state != b.state || a.epochs != b.epochs) return false;
  return std::all_of(metrics().begin(), metrics().end(), [&](const MetricInfo& info) {
    if (info.group == Group::kMeasured || a[info.id].empty() || b[info.id].empty()) return true;
    return std::equal(a[info.id].begin(), a[info.id].end(), b[info.id].begin(), b[info.id].end(),
                      [](double x, double y) { return x == y || (x != x && y != y); });
  });
}

class Combiner {
 public:
  explicit Combiner(std::vector<ResultsFile> files) : files_(std::move(files)), labels_(labels(files_)) {
    for (const ResultsFile& file : files_) fixed_.push_back(fixed_settings(file.results.manifest));
  }

  CombinedResults combine(const std::string& metric) {
    check(metric);
    read_settings();
    const bool other_numbers = join_runs();
    if (other_numbers) {
      out_.by = kResultsSetting;
      out_.notes.push_back(
          fmt::format("{} hold other numbers of the same configurations, so the files are compared; --by "
                      "compares another setting.",
                      list(labels_)));
    }
    if (other_numbers || differences_.size() > 1) {
      const std::string name(kResultsSetting);
      SettingColumn file{name, name, "", "results file that the run is from", of_file_};
      out_.results.manifest.settings.insert(out_.results.manifest.settings.begin(), std::move(file));
    }
    describe();
    return std::move(out_);
  }

 private:
  void check(const std::string& metric) const {
    const Manifest& first = files_[0].results.manifest;
    for (std::size_t f = 1; f < files_.size(); ++f) {
      const Manifest& other = files_[f].results.manifest;
      if (metric.empty() && (other.metric != first.metric || other.minimize != first.minimize)) {
        throw UsageError(files_[f].name,
                         fmt::format("is judged by {}, {} by {}", other.metric, files_[0].name, first.metric),
                         "name what to compare with --metric");
      }
      const auto seed = [](const Settings& settings) {
        const auto found = settings.find("sweep.seed");
        return found == settings.end() ? std::string("0") : found->second;
      };
      if (seed(fixed_[f]) != seed(fixed_[0])) {
        throw UsageError(
            files_[f].name,
            fmt::format("draws its data from sweep.seed {}, {} from {}: no two runs can be paired",
                        seed(fixed_[f]), files_[0].name, seed(fixed_[0])),
            "train one of them with the seed of the other: --set sweep.seed=...");
      }
    }
  }

  // Which settings tell the runs apart, and their values.
  void read_settings() {
    std::vector<const SettingColumn*> swept;
    for (const ResultsFile& file : files_) {
      for (const SettingColumn& column : file.results.manifest.settings) {
        const bool known = std::any_of(swept.begin(), swept.end(),
                                       [&](const SettingColumn* c) { return c->key == column.key; });
        if (!known) swept.push_back(&column);
      }
    }
    for (const auto& [key, value] : fixed_[0]) {
      const bool everywhere = std::all_of(fixed_.begin(), fixed_.end(),
                                          [&, &name = key](const Settings& s) { return s.contains(name); });
      const bool is_swept = std::any_of(swept.begin(), swept.end(),
                                        [&, &name = key](const SettingColumn* c) { return c->key == name; });
      // What is recorded beside the losses does not change them.
      if (is_swept || !everywhere || is_data_file(key) || key.rfind("record.", 0) == 0) continue;
      Values values;
      for (const Settings& settings : fixed_) values.push_back(canonical(settings.at(key)));
      if (std::set<std::string>(values.begin(), values.end()).size() > 1)
        differences_.emplace_back(key, values);
    }
    std::vector<SettingColumn>& settings = out_.results.manifest.settings;
    for (const SettingColumn* column : swept) {
      Values values;
      for (std::size_t f = 0; f < files_.size(); ++f) {
        const Values of_file = values_of(f, *column);
        values.insert(values.end(), of_file.begin(), of_file.end());
      }
      settings.push_back({column->name, column->key, column->unit, column->description, values});
    }
    if (differences_.size() == 1) {
      const auto& [key, values] = differences_[0];
      Values all;
      for (std::size_t f = 0; f < files_.size(); ++f) all.insert(all.end(), runs(f), values[f]);
      settings.push_back({short_name(key, settings), key, "", "", all});
    }
  }

  std::size_t runs(std::size_t file) const { return files_[file].results.runs.size(); }

  Values values_of(std::size_t file, const SettingColumn& column) const {
    if (const SettingColumn* own = column_of(files_[file].results, column.key); own != nullptr) {
      Values values = comparable_texts(*own);
      std::transform(values.begin(), values.end(), values.begin(), canonical);
      return values;
    }
    const auto found = fixed_[file].find(column.key);
    if (found == fixed_[file].end()) {
      if (const std::optional<std::string> text = unread_value(column.key)) {
        return Values(runs(file), canonical(*text));
      }
      throw UsageError(files_[file].name, fmt::format("does not say what {} was", column.key),
                       "another file sweeps it; compare files of one version of unroll");
    }
    return Values(runs(file),
                  canonical(comparable_texts({"", column.key, "", "", Values{found->second}})[0]));
  }

  // Every run but repeated ones. Whether a configuration is there with different numbers.
  bool join_runs() {
    Manifest& manifest = out_.results.manifest;
    std::map<std::vector<std::string>, std::vector<std::size_t>> known;  // configuration: runs of the whole
    std::vector<Values> kept(manifest.settings.size());
    bool other_numbers = false;
    std::size_t row = 0;
    for (std::size_t f = 0; f < files_.size(); ++f) {
      Results& from = files_[f].results;
      for (std::size_t run = 0; run < runs(f); ++run, ++row) {
        std::vector<std::string> identity;
        for (const SettingColumn& column : manifest.settings) {
          identity.push_back(std::get<Values>(column.values)[row]);
        }
        const Values values = identity;
        // What the notes tell, but no setting: these files are not the same configuration.
        if (differences_.size() > 1) identity.push_back(labels_[f]);
        identity.push_back(std::to_string(from.manifest.replicate[run]));
        std::vector<std::size_t>& same = known[identity];
        const RunRecord& record = from.runs[run];
        const auto twin = std::find_if(same.begin(), same.end(), [&](std::size_t other) {
          return out_.results.runs[other].state == RunState::kMissing || record.state == RunState::kMissing ||
                 same_numbers(out_.results.runs[other], record);
        });
        if (twin != same.end()) {
          repeated_ += record.state != RunState::kMissing;
          if (out_.results.runs[*twin].state == RunState::kMissing) {
            out_.results.runs[*twin] = record;
            of_file_[*twin] = labels_[f];
          }
          continue;
        }
        other_numbers = other_numbers || !same.empty();
        same.push_back(out_.results.runs.size());
        for (std::size_t s = 0; s < kept.size(); ++s) kept[s].push_back(values[s]);
        of_file_.push_back(labels_[f]);
        manifest.run_ids.push_back(from.manifest.run_ids[run]);
        manifest.replicate.push_back(from.manifest.replicate[run]);
        out_.results.runs.push_back(record);
      }
    }
    if (other_numbers && repeated_ > 0) return keep_all();
    for (std::size_t s = 0; s < kept.size(); ++s) manifest.settings[s] = typed(manifest.settings[s], kept[s]);
    return other_numbers;
  }

  // The files are what is compared, so each keeps all of its runs.
  bool keep_all() {
    Manifest& manifest = out_.results.manifest;
    out_.results.runs.clear();
    manifest.run_ids.clear();
    manifest.replicate.clear();
    of_file_.clear();
    repeated_ = 0;
    for (std::size_t f = 0; f < files_.size(); ++f) {
      const Results& from = files_[f].results;
      out_.results.runs.insert(out_.results.runs.end(), from.runs.begin(), from.runs.end());
      manifest.run_ids.insert(manifest.run_ids.end(), from.manifest.run_ids.begin(),
                              from.manifest.run_ids.end());
      manifest.replicate.insert(manifest.replicate.end(), from.manifest.replicate.begin(),
                                from.manifest.replicate.end());
      of_file_.insert(of_file_.end(), runs(f), labels_[f]);
    }
    for (SettingColumn& column : manifest.settings)
      column = typed(column, Values(std::get<Values>(column.values)));
    return true;
  }

  // The words of the manifest, and the notes.
  void describe() {
    Manifest& manifest = out_.results.manifest;
    const Manifest& first = files_[0].results.manifest;
    manifest.metric = first.metric;
    manifest.minimize = first.minimize;
    manifest.experiment = joined([](const Manifest& m) { return m.experiment; }, " + ");
    manifest.description = joined([](const Manifest& m) { return m.description; }, " ");
    manifest.plan_hash = joined([](const Manifest& m) { return m.plan_hash; }, ", ");
    manifest.loss = joined([](const Manifest& m) { return m.loss; }, "; ");
    manifest.chance_rule = joined([](const Manifest& m) { return m.chance_rule; }, "; ");
    // Several documents: nobody may take the settings of the first for those of all.
    for (std::size_t f = 0; f < files_.size(); ++f) {
      manifest.resolved_yaml += fmt::format("{}# {}\n{}", f > 0 ? "---\n" : "", files_[f].name,
                                            files_[f].results.manifest.resolved_yaml);
    }
    for (const auto& [name, value] : first.provenance) {
      manifest.provenance.emplace_back(name, joined(
                                                 [&, &wanted = name](const Manifest& m) {
                                                   for (const auto& [other, text] : m.provenance) {
                                                     if (other == wanted) return text;
                                                   }
                                                   return std::string();
                                                 },
                                                 "; "));
    }
    std::vector<std::string> parts;
    for (std::size_t f = 0; f < files_.size(); ++f) {
      parts.push_back(fmt::format("{} ({})", files_[f].name, count(runs(f), "run")));
    }
    out_.notes.insert(out_.notes.begin(), fmt::format("From {}.", list(parts)));
    std::string data;
    for (const ResultsFile& file : files_) {
      if (data.empty()) data = data_difference(first, file.results.manifest);
    }
    if (!differences_.empty() || !data.empty()) {
      std::vector<std::string> words;
      for (const auto& [key, values] : differences_) {
        if (words.size() < kMostNamed) words.push_back(fmt::format("{} ({})", key, fmt::join(values, ", ")));
      }
      if (differences_.size() > kMostNamed) {
        words.push_back(fmt::format("{} more", differences_.size() - kMostNamed));
      }
      if (!data.empty()) words.push_back(data);
      out_.notes.push_back(fmt::format("They differ in {}.", list(words)));
    }
    if (repeated_ > 0) {
      out_.notes.push_back(fmt::format("{} of several files with the same numbers {} once.",
                                       count(repeated_, "run"), repeated_ == 1 ? "counts" : "count"));
    }
  }

  template <typename Field>
  std::string joined(Field field, std::string_view between) const {
    std::vector<std::string> texts;
    for (const ResultsFile& file : files_) {
      const std::string text = field(file.results.manifest);
      if (!text.empty() && std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(text);
    }
    return fmt::format("{}", fmt::join(texts, between));
  }

  std::vector<ResultsFile> files_;
  std::vector<std::string> labels_;
  std::vector<Settings> fixed_;                              // [file]
  std::vector<std::pair<std::string, Values>> differences_;  // key, value [file]
  Values of_file_;                                           // [run of the whole]
  std::size_t repeated_ = 0;
  CombinedResults out_;
};

}  // namespace

CombinedResults combine(std::vector<ResultsFile> files, const std::string& metric) {
  if (files.size() == 1) return {std::move(files[0].results), {}, ""};
  return Combiner(std::move(files)).combine(metric);
}

}  // namespace unroll
