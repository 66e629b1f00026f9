#include "sweep/key_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/suggest.h"

namespace unroll {
namespace {

using Place = KeyEntry::Place;

constexpr std::string_view kParameters = "sweep.parameters.";
constexpr std::string_view kZip = "sweep.zip.";

// A path within the tree: where it leads, and the key of the table at its end.
struct Path {
  Place place = Place::kFixed;
  std::string zip;
  std::string key;
};

Path split(const std::string& path) {
  if (path.starts_with(kParameters)) return {Place::kParameter, {}, path.substr(kParameters.size())};
  if (!path.starts_with(kZip)) return {Place::kFixed, {}, path};
  const std::string rest = path.substr(kZip.size());
  const std::size_t dot = rest.find('.');
  if (dot == std::string::npos) return {Place::kZip, rest, {}};
  return {Place::kZip, rest.substr(0, dot), rest.substr(dot + 1)};
}

std::string last_word(std::string_view key) {
  return std::string(key.substr(key.rfind('.') + 1));
}

}  // namespace

bool KeyReader::is_leaf(const KeyInfo& key, Place place) const {
  if (settings_only_ || place != Place::kFixed) return key.is_setting();
  return key.key != "sweep.parameters" && key.key != "sweep.zip";
}

bool KeyReader::is_section(std::string_view key) const {
  if (key.empty()) return true;  // the name of a zip
  if (key == "sweep.parameters" || key == "sweep.zip") return !settings_only_;
  return std::any_of(keys().begin(), keys().end(), [&](const KeyInfo& info) {
    return info.key.size() > key.size() && info.key.starts_with(key) && info.key[key.size()] == '.' &&
           (!settings_only_ || info.is_setting());
  });
}

void KeyReader::read(const YamlNode& map) {
  read_map(map, "");
}

void KeyReader::read_settings(const YamlNode& map) {
  settings_only_ = true;
  read_map(map, "");
}

void KeyReader::read_override(const std::string& text) {
  const std::uint32_t source = diagnostics_.add_override(text);
  const std::size_t equals = text.find('=');
  const Mark whole{source, 0, 0, static_cast<std::uint32_t>(std::max<std::size_t>(text.size(), 1))};
  if (equals == std::string::npos || equals == 0) {
    diagnostics_.error(whole, "an override is written key=value", "for example train.lr=1e-3");
    return;
  }
  std::optional<YamlNode> value = parse_yaml(diagnostics_, source, equals + 1);
  if (!value) return;
  if (value->is_null()) value->mark = {source, 0, static_cast<std::uint32_t>(equals + 1), 1};
  override_values_.push_back(std::move(*value));
  const std::string path = text.substr(0, equals);
  overriding_ = true;
  place(path, last_word(path), {source, 0, 0, static_cast<std::uint32_t>(equals)}, override_values_.back());
}

void KeyReader::read_map(const YamlNode& map, const std::string& prefix) {
  for (std::size_t i = 0; i < map.keys.size(); ++i) {
    const YamlKey& key = map.keys[i];
    place(prefix.empty() ? key.text : prefix + "." + key.text, key.text, key.mark, map.items[i]);
  }
}

void KeyReader::place(const std::string& path, const std::string& word, const Mark& mark,
                      const YamlNode& value) {
  Path target = split(path);
  if (target.place == Place::kZip && target.zip.empty()) {
    diagnostics_.error(mark, "a zip needs a name",
                       "for example {lengths: {train.epochs: [...], train.batch: [...]}}");
    return;
  }
  const KeyInfo* key = find_key(target.key);
  if (key != nullptr && is_leaf(*key, target.place)) {
    add({target.place, std::move(target.zip), key, mark, &value});
    return;
  }
  const bool section =
      is_section(target.key) && (target.place == Place::kFixed || !target.key.starts_with("sweep"));
  if (!section) {
    unknown(path, word, mark);
  } else if (value.is_map()) {
    read_map(value, path);
  } else if (!value.is_null()) {
    diagnostics_.error(value.mark,
                       fmt::format("'{}' expects a block of keys, found {}", path, describe(value)));
    broken_.insert(target.key.substr(0, target.key.find('.')));
  }
}

void KeyReader::add(KeyEntry entry) {
  for (KeyEntry& other : entries_) {
    if (other.key != entry.key || other.place != entry.place || other.zip != entry.zip) continue;
    if (!overriding_) {
      diagnostics_.error(entry.mark, fmt::format("key '{}' is given twice", entry.key->key),
                         "keep one of the two", Diagnostics::Note{other.mark});
      return;
    }
    other = std::move(entry);
    return;
  }
  // Each key once fixed and once swept: a file with more is nonsense, and costly to judge.
  if (entries_.size() < 2 * keys().size()) return entries_.push_back(std::move(entry));
  diagnostics_.error(entry.mark, "too many keys", "a key belongs to one axis or to one zip");
}

void KeyReader::unknown(const std::string& path, const std::string& word, const Mark& mark) {
  const Path target = split(path);
  const std::string inner = settings_only_ ? path : target.key;
  const std::size_t dot = inner.rfind('.');
  const std::string section = dot == std::string::npos ? "" : inner.substr(0, dot);
  broken_.insert(inner.substr(0, inner.find('.')));

  // Near names: those beside it, then whole keys, then the last word of any key.
  std::vector<std::string> beside;
  std::vector<std::string> whole;
  std::vector<std::string> words;
  const std::string prefix = section.empty() ? "" : section + ".";
  for (const KeyInfo& info : keys()) {
    const bool fixed = !settings_only_ && target.place == Place::kFixed;
    if (!fixed && !info.is_setting()) continue;
    whole.emplace_back(info.key);
    words.push_back(last_word(info.key));
    if (!info.key.starts_with(prefix)) continue;
    const std::string_view rest = info.key.substr(prefix.size());
    const std::string next(rest.substr(0, rest.find('.')));
    if (beside.empty() || beside.back() != next) beside.push_back(next);
  }
  const bool dotted = overriding_ || word.find('.') != std::string::npos;
  std::string near = nearest_name(last_word(inner), beside);
  if (!near.empty() && dotted) near.insert(0, prefix);
  if (near.empty()) near = nearest_name(inner, whole);
  if (near.empty()) {
    const std::string nearest = nearest_name(last_word(inner), words);
    for (std::size_t i = 0; i < words.size() && near.empty(); ++i) {
      if (!nearest.empty() && words[i] == nearest) near = whole[i];
    }
  }
  std::string help = fmt::format("did you mean '{}'?", near);
  if (near.empty() && !beside.empty()) help = fmt::format("the keys here are {}", fmt::join(beside, ", "));
  if (const std::size_t n = near.find('.'); n != std::string::npos) broken_.insert(near.substr(0, n));

  const std::size_t outer = path.rfind('.');
  diagnostics_.error(mark,
                     dotted || outer == std::string::npos
                         ? fmt::format("unknown key '{}'", path)
                         : fmt::format("unknown key '{}' in '{}'", word, path.substr(0, outer)),
                     std::move(help));
}

}  // namespace unroll
