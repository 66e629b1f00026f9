// Finds the keys of the key table in a YAML tree, where they may be nested or dotted:
// `model: {hidden: 32}` and `model.hidden: 32` are the same.
#pragma once

#include <deque>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sweep/keys.h"
#include "sweep/yaml.h"

namespace unroll {

// A key that was found, and its value.
struct KeyEntry {
  enum class Place { kFixed, kParameter, kZip };

  Place place = Place::kFixed;
  std::string zip;  // name of the zip it belongs to
  const KeyInfo* key = nullptr;
  Mark mark;  // of the key
  const YamlNode* value = nullptr;
};

class KeyReader {
 public:
  explicit KeyReader(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  // Reads a whole experiment file. Unknown keys and keys given twice are reported. The tree must outlive
  // this.
  void read(const YamlNode& map);
  // Reads "key=value" of --set: replaces the value of a key, or adds the key.
  void read_override(const std::string& text);
  // Reads a block of settings, such as one entry of sweep.exclude.
  void read_settings(const YamlNode& map);

  // In the order of the file; overrides of keys that the file does not have come last.
  const std::vector<KeyEntry>& entries() const { return entries_; }
  // Sections in which some key could not be read: what seems to be missing there may be what it meant.
  const std::set<std::string, std::less<>>& broken_sections() const { return broken_; }

 private:
  void read_map(const YamlNode& map, const std::string& prefix);
  void place(const std::string& path, const std::string& word, const Mark& mark, const YamlNode& value);
  void add(KeyEntry entry);
  void unknown(const std::string& path, const std::string& word, const Mark& mark);
  bool is_section(std::string_view key) const;
  bool is_leaf(const KeyInfo& key, KeyEntry::Place place) const;

  Diagnostics& diagnostics_;
  bool settings_only_ = false;
  bool overriding_ = false;
  std::vector<KeyEntry> entries_;
  std::set<std::string, std::less<>> broken_;
  std::deque<YamlNode> override_values_;
};

}  // namespace unroll
