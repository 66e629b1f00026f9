// Character-level text: at every step the net reads a character and predicts the next one. A character is a
// Unicode code point. The text is cut into training, validation and test part in its order, each part into
// windows of T characters, one after the other; what is left at the end of a part (fewer than T) is not used.
// The symbols are the characters of the training part in the order of their code points. Characters that
// occur only later share one more symbol, which exists if there are any and is never seen in training.
// Carried state (`task.stateful`): windows are read in their order, and the state goes on from one to the
// next, while the gradient ends at the start of a window: truncated backpropagation through time with k1 = k2
// = T (Williams and Peng 1990).
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "base/hash.h"
#include "data/chance.h"
#include "data/generators.h"
#include "data/split.h"
#include "data/text_file.h"
#include "data/utf8.h"

namespace unroll {
namespace {

using Characters = std::vector<char32_t>;

// The characters of the training part, sorted, and kUnknownCharacter at the end if another part has more.
Characters alphabet_of(const Characters& text, std::size_t train_end) {
  Characters known(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(train_end));
  std::sort(known.begin(), known.end());
  known.erase(std::unique(known.begin(), known.end()), known.end());
  const bool more =
      std::any_of(text.begin() + static_cast<std::ptrdiff_t>(train_end), text.end(),
                  [&](char32_t c) { return !std::binary_search(known.begin(), known.end(), c); });
  if (more) known.push_back(kUnknownCharacter);
  return known;
}

std::int32_t code_of(const Characters& alphabet, char32_t character) {
  // The unknown one need not be in its place of the order.
  const auto end = alphabet.end() - (alphabet.back() == kUnknownCharacter ? 1 : 0);
  const auto found = std::lower_bound(alphabet.begin(), end, character);
  if (found == end || *found != character) return static_cast<std::int32_t>(alphabet.size()) - 1;
  return static_cast<std::int32_t>(found - alphabet.begin());
}

std::size_t windows(IndexRange part, std::size_t seq_len) {
  return part.size() == 0 ? 0 : (part.size() - 1) / seq_len;
}

Part make_part(const TaskConfig& config, const Characters& text, const Characters& alphabet,
               IndexRange range) {
  const std::size_t count = windows(range, config.seq_len);
  const std::size_t steps = count * config.seq_len;
  Part part;
  part.codes.resize(steps);
  part.classes.resize(steps);
  for (std::size_t i = 0; i < steps; ++i) {
    part.codes[i] = i == 0 ? code_of(alphabet, text[range.first]) : part.classes[i - 1];
    part.classes[i] = code_of(alphabet, text[range.first + i + 1]);
  }
  part.start.resize(count);
  for (std::size_t n = 0; n < count; ++n) part.start[n] = static_cast<std::uint32_t>(n * config.seq_len);
  part.target_start = part.start;
  return part;
}

void check_prompt(const TaskConfig& config, const Characters& alphabet) {
  const Characters prompt = decode_utf8(config.prompt, "task.prompt");
  if (prompt.empty() && !config.prompt.empty()) {
    throw UsageError("task.prompt", "a byte order mark and no characters",
                     "write what the net goes on from, or leave the key out");
  }
  for (const char32_t c : prompt) {
    if (c != kUnknownCharacter && std::find(alphabet.begin(), alphabet.end(), c) != alphabet.end()) continue;
    std::string character;
    append_utf8(character, c);
    throw UsageError(
        "task.prompt",
        fmt::format("'{}' is no character of the training part, so the net cannot read it", character),
        "use characters of the text");
  }
}

}  // namespace

void resolve_text(TaskConfig& config) {
  if (config.file.empty()) throw UsageError("task.file", "the task text needs a file");
  if (config.seq_len < 1) throw UsageError("task.seq_len", "must be at least 1");
  check_split_keys(config);
  config.file = normal_path(config.file);
  const std::string bytes = read_file(config.file);
  check_is_text(bytes, config.file);
  const Characters text = decode_utf8(bytes, config.file);
  config.file_hash = hash_hex(bytes);
  config.facts = {};
  config.facts.rows = text.size();
  config.facts.bytes = bytes.size();
  if (text.size() > std::numeric_limits<std::int32_t>::max()) {
    throw FileError(config.file, "the text has more than 2^31 characters", "use a shorter text");
  }
  check_cut(config, text.size(), "characters");
  const Cut parts = cut(config, text.size());
  for (const IndexRange part : {IndexRange{0, parts.valid.first}, parts.valid, parts.test}) {
    if (windows(part, config.seq_len) > 0) continue;
    throw UsageError(
        "task.seq_len",
        fmt::format("no window of {} characters and the next one fits a part; of the {} characters of "
                    "the file {} are for training, {} for valid, {} for test",
                    config.seq_len, text.size(), parts.valid.first, parts.valid.size(), parts.test.size()),
        "use shorter windows, other shares, or a longer text");
  }
  const Characters alphabet = alphabet_of(text, parts.valid.first);
  config.facts.symbols = alphabet.size();
  if (config.sample_length > 0) check_prompt(config, alphabet);
}

TaskShape text_shape(const TaskConfig& config) {
  const Cut parts = cut(config, config.facts.rows);
  TaskShape shape;
  shape.seq_len = config.seq_len;
  shape.symbols = config.facts.symbols;
  shape.input_size = shape.symbols;
  shape.output_size = shape.symbols;
  shape.loss = Loss::kSoftmax;
  shape.every_step = true;
  shape.carried = config.stateful;
  shape.train_size = windows({0, parts.valid.first}, config.seq_len);
  shape.valid_size = windows(parts.valid, config.seq_len);
  shape.test_size = windows(parts.test, config.seq_len);
  for (const std::size_t size : {shape.train_size, shape.valid_size, shape.test_size}) {
    shape.bytes += part_bytes(shape, size * config.seq_len, size, size * config.seq_len);
  }
  shape.make_bytes = config.facts.bytes * (1 + 2 * sizeof(char32_t));
  return shape;
}

Dataset make_text(const TaskConfig& config, Seed) {
  const std::string bytes = read_unchanged_file(config.file, config.file_hash);
  const Characters text = decode_utf8(bytes, config.file);
  const Cut parts = cut(config, text.size());
  Dataset data = empty_dataset(text_shape(config));
  data.alphabet = alphabet_of(text, parts.valid.first);
  data.train = make_part(config, text, data.alphabet, {0, parts.valid.first});
  data.valid = make_part(config, text, data.alphabet, parts.valid);
  data.test = make_part(config, text, data.alphabet, parts.test);
  data.chance = constant_chance(data);
  return data;
}

}  // namespace unroll
