#include "sweep/identity.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/hash.h"
#include "sweep/plan.h"

namespace unroll {
namespace {

using KeyList = std::vector<const KeyInfo*>;

// The settings before or after the lines that are not settings, in the order of their keys.
KeyList sorted_settings(bool before) {
  KeyList list;
  for (const KeyInfo& key : keys()) {
    if (key.is_setting() && (key.key < "replicate") == before) list.push_back(&key);
  }
  std::sort(list.begin(), list.end(), [](const KeyInfo* a, const KeyInfo* b) { return a->key < b->key; });
  return list;
}

const KeyList& head_settings() {
  static const KeyList list = sorted_settings(true);
  return list;
}
const KeyList& tail_settings() {
  static const KeyList list = sorted_settings(false);
  return list;
}

void add_lines(std::string& text, const KeyList& list, const Experiment& experiment) {
  for (const KeyInfo* key : list) {
    const bool always = key->identity == KeyInfo::Identity::kAlways;
    if (key->identity == KeyInfo::Identity::kNever || (!always && !key->used_in(experiment))) continue;
    const std::string& hash = experiment.run.task.file_hash;
    text.append(key->key).append("=");
    text += key->type == KeyType::kFile && !hash.empty() ? hash : to_yaml(key->get(experiment));
    text += '\n';
  }
}

}  // namespace

std::string settings_text(const Experiment& experiment) {
  std::string text;
  add_lines(text, head_settings(), experiment);
  add_lines(text, tail_settings(), experiment);
  return text;
}

RunIdentity::RunIdentity(const Experiment& experiment)
    : tail_(fmt::format("\nschema={}\nsweep.seed={}\n", kRunSchema, experiment.run.seed.sweep)) {
  add_lines(head_, head_settings(), experiment);
  add_lines(tail_, tail_settings(), experiment);
}

std::string RunIdentity::text(std::uint32_t replicate) const {
  std::string text;
  text.reserve(head_.size() + tail_.size() + 32);
  text.append(head_).append("replicate=").append(std::to_string(replicate)).append(tail_);
  return text;
}

std::string RunIdentity::id(std::uint32_t replicate) const {
  return hash_hex(text(replicate));
}

}  // namespace unroll
