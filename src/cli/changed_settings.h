// What the resolved YAML of a sweep says of its settings, and which are not those of an earlier one.
#pragma once

#include <string>
#include <vector>

namespace unroll {

struct ChangedSetting {
  std::string key;     // "train.lr"
  std::string before;  // "" = not used
  std::string now;
};

// Settings that neither sweep varies, and the sweep's seed. Axes may grow and shrink: they are no change.
std::vector<ChangedSetting> changed_settings(const std::string& before, const std::string& now);

// The value of a setting that the sweep does not vary; "" if it is varied or not used.
std::string fixed_setting(const std::string& yaml, const std::string& key);

// "train.lr (0.001, now 0.01), train.epochs (20, now 40)"
std::string changes_text(const std::vector<ChangedSetting>& changes);

}  // namespace unroll
