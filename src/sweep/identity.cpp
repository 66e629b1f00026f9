#include "sweep/identity.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/hash.h"
#include "sweep/plan.h"

namespace unroll {
namespace {

const std::vector<const KeyInfo*>& sorted_settings() {
  static const std::vector<const KeyInfo*> sorted = [] {
    std::vector<const KeyInfo*> list;
    for (const KeyInfo& key : keys()) {
      if (key.is_setting()) list.push_back(&key);
    }
    std::sort(list.begin(), list.end(), [](const KeyInfo* a, const KeyInfo* b) { return a->key < b->key; });
    return list;
  }();
  return sorted;
}

// Lines of the keys in [from, to).
std::string lines(const Experiment& experiment, std::string_view from, std::string_view to) {
  std::string text;
  for (const KeyInfo* key : sorted_settings()) {
    if (key->key < from || (!to.empty() && key->key >= to) || !key->used_in(experiment)) continue;
    const std::string& hash = experiment.run.task.file_hash;
    text.append(key->key).append("=");
    text += key->type == KeyType::kFile && !hash.empty() ? hash : to_yaml(key->get(experiment));
    text += '\n';
  }
  return text;
}

}  // namespace

std::string settings_text(const Experiment& experiment) {
  return lines(experiment, "", "");
}

RunIdentity::RunIdentity(const Experiment& experiment)
    : head_(lines(experiment, "", "replicate")),
      tail_(fmt::format("\nschema={}\nsweep.seed={}\n{}", kRunSchema, experiment.run.seed.sweep,
                        lines(experiment, "sweep.seed", ""))) {}

std::string RunIdentity::text(std::uint32_t replicate) const {
  return fmt::format("{}replicate={}{}", head_, replicate, tail_);
}

std::string RunIdentity::id(std::uint32_t replicate) const {
  return hash_hex(text(replicate));
}

}  // namespace unroll
