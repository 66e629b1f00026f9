// The key table: every key of an experiment file, one row each. From it come parsing, typing, errors,
// `--help`, the table in experiments/README.md and the JSON Schema. To add a key: one row in keys.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sweep/setting.h"
#include "sweep/stop_rule.h"
#include "train/run_config.h"

namespace unroll {

// What the scalar keys of a file set. The keys that hold lists and blocks (sweep.parameters, ...) are in
// Spec.
struct Experiment {
  Experiment() { run.seed.sweep = 1; }

  std::string name;
  std::string description;
  RunConfig run;
  std::string method = "grid";
  std::string metric = "valid_loss";
  std::string goal;        // "" = the goal of the metric
  std::size_t points = 0;  // sweep.runs: how many settings a strategy that draws them draws
  EarlyTerminate early_terminate;
  std::size_t run_cap = 100'000;
  std::size_t max_fails = 0;
};

inline constexpr std::size_t kMaxNameLength = 100;

enum class KeyType {
  kBool,
  kInteger,
  kNumber,
  kWord,   // one of KeyInfo::choices
  kText,   // any text
  kName,   // text that can name a file: letters, digits, '.', '_' and '-'
  kFile,   // path, relative to the folder of the experiment file
  kTexts,  // list of texts, out of KeyInfo::choices if there are any
  kBlock,  // has a form of its own, described in `help`
};

// Values that a number may take. An open end is not itself allowed.
struct Range {
  double min = 0.0;
  double max = 0.0;
  bool open_min = false;
  bool open_max = false;

  bool contains(double x) const { return (open_min ? x > min : x >= min) && (open_max ? x < max : x <= max); }
};

struct KeyInfo {
  std::string_view key = {};   // "model.hidden"
  std::string_view name = {};  // short name in HDF5, tables and plots: "hidden"; unique
  KeyType type = KeyType::kBlock;
  std::string_view unit = {};  // "" if it has none
  Range range = {};            // of kInteger and kNumber
  // The words of kWord and kTexts, from the table that defines them.
  std::vector<std::string> (*choices)() = nullptr;
  SettingValue (*get)(const Experiment&) = nullptr;  // nullptr for kBlock
  void (*set)(Experiment&, const SettingValue&) = nullptr;
  // Whether a run reads the key, given its other settings; nullptr = always. May look at rows above alone.
  bool (*applies)(const Experiment&) = nullptr;
  std::string used_by = {};  // the same in words: "the cell rnn"; "" = every run
  std::string_view help = {};
  bool optional = false;  // kNumber without a default: NaN = not set
  // Of a key that decides another one, and of the one that is decided: a run is what was decided.
  enum class Identity { kIfUsed, kAlways, kNever } identity = Identity::kIfUsed;

  // The tasks that read a key task.*, as bits in the order of the task table; filled by keys().
  std::uint64_t task_bits = 0;
  bool setting = false;  // filled by keys()

  // Part of a run's settings: the keys that can be swept.
  bool is_setting() const { return setting; }
  // Whether the run reads the key: `applies`, and for task.* what the task table says.
  bool used_in(const Experiment& experiment) const;
  // For task.* the tasks that read it, and `used_by`: "the tasks series, text; task.folds above 0"; "" =
  // every run.
  std::string user_text() const;
  // "task", "model", "train", "record", "sweep", or "" for a key of the top level.
  std::string_view section() const { return key.substr(0, key.find('.') == key.npos ? 0 : key.find('.')); }
};

std::span<const KeyInfo> keys();
// nullptr if there is none.
const KeyInfo* find_key(std::string_view key);
// Sets every setting that the run does not read to its default, so that equal runs are equal.
void reset_unused(Experiment& experiment);

// A number as the value of a key. Requires: kInteger and x is whole, or kNumber.
SettingValue number_value(const KeyInfo& key, double x);

// What a value must be: "an integer of at least 1", "one of rnn, lstm"; for messages and tables.
// `every_limit`: also an upper one that is not worth telling unless a value is above it.
std::string type_text(const KeyInfo& key, bool every_limit = false);
// The default as YAML; "" if there is none.
std::string default_text(const KeyInfo& key);
// What `--help` says about a key, in a few lines. Throws UsageError for an unknown one.
std::string key_help(std::string_view key);
// The table as Markdown, for experiments/README.md.
std::string key_table_markdown();

}  // namespace unroll
