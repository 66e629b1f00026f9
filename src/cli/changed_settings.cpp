#include "cli/changed_settings.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <sstream>

namespace unroll {
namespace {

struct Resolved {
  std::map<std::string, std::string> fixed;  // the sections of settings
  std::set<std::string> axes;
};

// The form that sweep/resolved.cpp writes: sections, keys two columns in, axes four or six columns in.
Resolved parse(const std::string& yaml) {
  Resolved out;
  std::string section;
  std::istringstream lines(yaml);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t indent = line.find_first_not_of(' ');
    const std::size_t colon = line.find(':');
    if (indent == std::string::npos || colon == std::string::npos) continue;
    const std::string key = line.substr(indent, colon - indent);
    const std::string value = colon + 2 <= line.size() ? line.substr(colon + 2) : "";
    if (indent == 0) {
      section = value.empty() ? key : "";
    } else if (section == "sweep") {
      if (indent >= 4 && key.find('.') != std::string::npos) out.axes.insert(key);
      if (indent == 2 && key == "seed") out.fixed["sweep.seed"] = value;
    } else if (indent == 2 && !section.empty()) {
      out.fixed[section + "." + key] = value;
    }
  }
  return out;
}

std::string value_of(const Resolved& resolved, const std::string& key) {
  const auto found = resolved.fixed.find(key);
  return found == resolved.fixed.end() ? std::string() : found->second;
}

}  // namespace

std::string fixed_setting(const std::string& yaml, const std::string& key) {
  return value_of(parse(yaml), key);
}

std::vector<ChangedSetting> changed_settings(const std::string& before, const std::string& now) {
  const Resolved old = parse(before);
  const Resolved fresh = parse(now);
  std::vector<ChangedSetting> changes;
  std::set<std::string> keys;
  for (const Resolved* side : {&old, &fresh}) {
    for (const auto& [key, text] : side->fixed) keys.insert(key);
  }
  for (const std::string& key : keys) {
    if (old.axes.contains(key) || fresh.axes.contains(key)) continue;
    const std::string from = value_of(old, key);
    const std::string to = value_of(fresh, key);
    if (from != to) changes.push_back({key, from, to});
  }
  return changes;
}

std::string changes_text(const std::vector<ChangedSetting>& changes) {
  std::string text;
  for (const ChangedSetting& change : changes) {
    const auto shown = [](const std::string& value) { return value.empty() ? "not used" : value; };
    text += fmt::format("{}{} ({}, now {})", text.empty() ? "" : ", ", change.key, shown(change.before),
                        shown(change.now));
  }
  return text;
}

}  // namespace unroll
