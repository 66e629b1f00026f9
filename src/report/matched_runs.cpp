#include "report/matched_runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "report/grid.h"
#include "report/text_table.h"
#include "sweep/keys.h"
#include "sweep/yaml.h"

namespace unroll {

namespace {

using Settings = std::map<std::string, std::string>;  // key and value, "train.lr" and "0.01"

void flatten(const YamlNode& node, const std::string& key, Settings& out) {
  if (node.is_map()) {
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      flatten(node.items[i], key.empty() ? node.keys[i].text : key + "." + node.keys[i].text, out);
    }
  } else if (node.is_list()) {
    std::vector<std::string> items;
    for (const YamlNode& item : node.items) items.push_back(item.text);
    out[key] = fmt::format("[{}]", fmt::join(items, ", "));
  } else {
    out[key] = node.text;
  }
}

// What decides a run apart from the swept settings.
bool decides(const std::string& key) {
  if (key == "sweep.seed") return true;
  return key.find('.') != std::string::npos && key.rfind("sweep.", 0) != 0;
}

std::vector<std::string> keys_of(const Manifest& manifest) {
  std::vector<std::string> keys;
  for (const SettingColumn& column : manifest.settings) keys.push_back(column.key);
  return keys;
}

// The checksums of the data of a sweep; none if it does not say.
std::set<std::string> data_of(const Manifest& manifest) {
  std::set<std::string> found;
  for (const auto& [name, text] : manifest.provenance) {
    if (name != kDataProvenance) continue;
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find(", ", begin), text.size());
      found.insert(text.substr(begin, end - begin));
      begin = end + 2;
    }
  }
  return found;
}

}  // namespace

Settings fixed_settings(const Manifest& manifest) {
  Diagnostics diagnostics;
  const std::optional<YamlNode> root =
      parse_yaml(diagnostics, diagnostics.add_file("resolved", manifest.resolved_yaml));
  Settings all;
  if (root) flatten(*root, "", all);
  std::erase_if(all, [](const auto& item) { return !decides(item.first); });
  // What the base of the experiment says of a swept setting is read by no run.
  for (const SettingColumn& column : manifest.settings) all.erase(column.key);
  return all;
}

bool is_data_file(const std::string& key) {
  const KeyInfo* known = find_key(key);
  return known != nullptr && known->type == KeyType::kFile;
}

std::vector<std::string> comparable_texts(SettingColumn column) {
  auto* words = std::get_if<std::vector<std::string>>(&column.values);
  if (words != nullptr && is_data_file(column.key)) *words = without_shared_folder(*words);
  std::vector<std::string> texts(std::visit([](const auto& values) { return values.size(); }, column.values));
  for (std::size_t run = 0; run < texts.size(); ++run) texts[run] = to_string(setting_value(column, run));
  return texts;
}

std::string data_difference(const Manifest& results, const Manifest& baseline) {
  const std::set<std::string> mine = data_of(results);
  const std::set<std::string> theirs = data_of(baseline);
  // The files of a swept setting may come and go: what both learnt can be compared.
  if (std::includes(mine.begin(), mine.end(), theirs.begin(), theirs.end()) ||
      std::includes(theirs.begin(), theirs.end(), mine.begin(), mine.end()))
    return "";
  std::vector<std::string> files;
  for (const auto& [key, value] : fixed_settings(results)) {
    if (is_data_file(key)) files.push_back(key);
  }
  for (const std::string& key : keys_of(results)) {
    if (is_data_file(key)) files.push_back(key);
  }
  return fmt::format("their data (the content of {})", list(files));
}

std::vector<RunGroup> matched_runs(const Results& results, const Results& baseline,
                                   const std::vector<std::size_t>& by) {
  const std::vector<std::string> keys = keys_of(results.manifest);
  std::map<std::vector<std::string>, std::size_t> index;  // of the groups
  std::map<std::vector<std::string>, std::pair<std::size_t, std::size_t>> places;
  std::vector<RunGroup> groups;
  const auto add = [&](const Results& from, bool is_base) {
    std::vector<std::vector<std::string>> texts;  // [setting][run]
    for (const std::string& key : keys) {
      const auto column = std::find_if(from.manifest.settings.begin(), from.manifest.settings.end(),
                                       [&](const SettingColumn& c) { return c.key == key; });
      texts.push_back(comparable_texts(*column));
    }
    for (std::size_t run = 0; run < from.runs.size(); ++run) {
      std::vector<std::string> identity;
      for (const std::vector<std::string>& of_setting : texts) identity.push_back(of_setting[run]);
      std::vector<std::string> group_key;
      std::vector<std::string> words;
      for (const std::size_t setting : by) {
        group_key.push_back(identity[setting]);
        words.push_back(fmt::format("{} {}", results.manifest.settings[setting].name, identity[setting]));
      }
      const std::uint32_t seed = from.manifest.replicate.at(run);
      identity.push_back(std::to_string(seed));
      const auto [place, is_new] = places.try_emplace(identity);
      if (is_new) {
        const auto [group, new_group] = index.try_emplace(group_key, groups.size());
        if (new_group) {
          groups.push_back({words.empty() ? "all runs" : fmt::format("{}", fmt::join(words, ", ")), {}});
        }
        place->second = {group->second, groups[group->second].runs.size()};
        groups[group->second].runs.push_back({{}, {}, seed});
      }
      MatchedRun& matched = groups[place->second.first].runs[place->second.second];
      (is_base ? matched.base : matched.run) = run;
    }
  };
  add(results, false);
  add(baseline, true);
  return groups;
}

std::string mismatch(const Results& results, const Results& baseline) {
  std::vector<std::string> mine = keys_of(results.manifest);
  std::vector<std::string> theirs = keys_of(baseline.manifest);
  std::sort(mine.begin(), mine.end());
  std::sort(theirs.begin(), theirs.end());
  if (mine != theirs) {
    return fmt::format("the sweeps have different axes: {}; the baseline: {}", fmt::join(mine, ", "),
                       fmt::join(theirs, ", "));
  }
  std::vector<std::string> differ;
  const Settings base = fixed_settings(baseline.manifest);
  for (const auto& [key, value] : fixed_settings(results.manifest)) {
    const auto other = base.find(key);
    if (other != base.end() && other->second != value && !is_data_file(key)) {
      differ.push_back(fmt::format("{} ({}, baseline {})", key, value, other->second));
    }
  }
  const std::string data = data_difference(results.manifest, baseline.manifest);
  if (!data.empty()) differ.push_back(data);
  return differ.empty() ? "" : fmt::format("the sweeps differ in {}", fmt::join(differ, ", "));
}

std::vector<std::string> provenance_differences(const Manifest& results, const Manifest& baseline,
                                                const std::vector<std::string>& names) {
  std::vector<std::string> out;
  for (const auto& [name, value] : results.provenance) {
    if (!names.empty() && std::find(names.begin(), names.end(), name) == names.end()) continue;
    const auto other = std::find_if(baseline.provenance.begin(), baseline.provenance.end(),
                                    [&, &wanted = name](const auto& item) { return item.first == wanted; });
    if (names.empty() && other == baseline.provenance.end()) continue;
    const std::string before = other == baseline.provenance.end() ? "not stated" : other->second;
    if (before != value) out.push_back(fmt::format("{} ({}, baseline {})", name, value, before));
  }
  return out;
}

}  // namespace unroll
