#include "sweep/read_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <string_view>
#include <vector>

#include "base/suggest.h"
#include "data/text_file.h"

namespace unroll {
namespace {

// What a scalar is as a number, or why it is none.
struct Number {
  std::optional<double> value;
  std::string problem;  // "" = it simply is not a number
  std::string help;
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string_view take_digits(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  const std::string_view digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  return digits;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text[0]) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// [+-] digits [. digits] [e [+-] digits], with a digit before or after the point. No other form of YAML's
// many: octal, hexadecimal, underscores, sexagesimal, infinity and NaN are refused.
Number parse_number(const YamlNode& node) {
  if (node.quoted) return {{}, "", "remove the quotes: quoted values are text"};
  std::string_view rest = node.text;
  take(rest, "+-");
  const std::string_view whole = take_digits(rest);
  const std::string_view fraction = take(rest, ".") ? take_digits(rest) : std::string_view{};
  bool good = !whole.empty() || !fraction.empty();
  if (good && take(rest, "eE")) {
    take(rest, "+-");
    good = !take_digits(rest).empty();
  }
  if (!good || !rest.empty()) {
    std::string lower = node.text;
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (lower.find("inf") != std::string::npos || lower.find("nan") != std::string::npos) {
      return {{}, "must be finite", ""};
    }
    const bool list = !node.text.empty() && node.text.find(',') != std::string::npos;
    return {{}, "", list ? fmt::format("a list needs brackets: [{}]", node.text) : ""};
  }
  if (whole.size() > 1 && whole[0] == '0') {
    return {{}, "has a leading zero, which some readers take for octal", "remove the leading zero"};
  }
  std::string_view text = node.text;
  if (text[0] == '+') text.remove_prefix(1);
  double value = 0.0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec == std::errc::result_out_of_range) return {{}, "is beyond what a double can hold", ""};
  return {value == 0.0 ? 0.0 : value, "", ""};  // -0 is 0
}

// The scalar as a finite number; reports why not.
std::optional<double> number(Diagnostics& diagnostics, const std::string& what, const std::string& expected,
                             const YamlNode& node) {
  Number n;
  if (node.is_scalar()) n = parse_number(node);
  if (node.is_list()) n.help = "only keys under sweep.parameters take several values";
  if (n.value) return n.value;
  diagnostics.error(node.mark,
                    n.problem.empty() ? fmt::format("{} expects {}, found {}", what, expected, describe(node))
                                      : fmt::format("{}: {} {}", what, describe(node), n.problem),
                    n.help);
  return std::nullopt;
}

// Of a key of the type and the range of `like`.
std::optional<double> number_in(Diagnostics& diagnostics, const std::string& what, const KeyInfo& like,
                                const YamlNode& node) {
  const std::optional<double> x = number(diagnostics, what, type_text(like), node);
  if (!x) return x;
  const bool whole = like.type == KeyType::kInteger;
  // Beyond 2^53 not every integer is a double.
  if (like.range.contains(*x) && (!whole || (*x == std::floor(*x) && std::abs(*x) <= 9007199254740992.0))) {
    return x;
  }
  diagnostics.error(node.mark, fmt::format("{} expects {}, found {}", what,
                                           type_text(like, *x > like.range.max), describe(node)));
  return std::nullopt;
}

std::optional<SettingValue> read_bool(Diagnostics& diagnostics, const KeyInfo& key, const YamlNode& node) {
  if (node.is_scalar() && !node.quoted && (node.text == "true" || node.text == "false")) {
    return node.text == "true";
  }
  diagnostics.error(node.mark, fmt::format("{} expects true or false, found {}", key.key, describe(node)),
                    "yes, no, on, off and other spellings are not read as true or false");
  return std::nullopt;
}

std::optional<SettingValue> read_word(Diagnostics& diagnostics, const KeyInfo& key, const YamlNode& node) {
  const std::vector<std::string> words = key.choices();
  const std::string choices = fmt::format("choose one of: {}", fmt::join(words, ", "));
  if (!node.is_scalar()) {
    diagnostics.error(node.mark, fmt::format("{} expects a word, found {}", key.key, describe(node)),
                      choices);
    return std::nullopt;
  }
  if (std::find(words.begin(), words.end(), node.text) != words.end()) return node.text;
  const std::string near = nearest_name(node.text, words);
  std::string help = near.empty() ? choices : fmt::format("did you mean '{}'?", near);
  if (key.key.starts_with("sweep.") && (node.text == "hyperband" || node.text == "asha")) {
    help = "halving is one bracket of it: the settings that are best after some epochs go on";
  } else if (key.key == "sweep.method" && node.text == "bayes") {
    help = "this version does not have it; " + choices;
  }
  diagnostics.error(node.mark, fmt::format("{} has no choice {}", key.key, describe(node)), help);
  return std::nullopt;
}

// Text may be written without quotes, also where it looks like a number.
std::optional<std::string> read_text(Diagnostics& diagnostics, const std::string& what, const YamlNode& node,
                                     bool lines) {
  if (!node.is_scalar()) {
    diagnostics.error(node.mark, fmt::format("{} expects a text, found {}", what, describe(node)));
    return std::nullopt;
  }
  const auto control = [&](char c) {
    return (static_cast<unsigned char>(c) < 0x20U || c == 0x7F) && !(lines && (c == '\n' || c == '\t'));
  };
  if (std::any_of(node.text.begin(), node.text.end(), control)) {
    diagnostics.error(node.mark, fmt::format("{}: control characters are not allowed", what));
    return std::nullopt;
  }
  return node.text;
}

std::optional<SettingValue> read_name(Diagnostics& diagnostics, const KeyInfo& key, const YamlNode& node) {
  const auto allowed = [](unsigned char c) {
    return c < 0x80U && (std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-');
  };
  const std::optional<std::string> text = read_text(diagnostics, std::string(key.key), node, false);
  if (!text) return std::nullopt;
  if (!text->empty() && text->size() <= kMaxNameLength && std::all_of(text->begin(), text->end(), allowed) &&
      std::isalnum(static_cast<unsigned char>(text->front())) != 0) {
    return *text;
  }
  diagnostics.error(node.mark, fmt::format("{}: {} cannot name a file", key.key, describe(node)),
                    "use letters, digits, '.', '_' and '-', beginning with a letter or digit, at most 100");
  return std::nullopt;
}

std::optional<SettingValue> read_texts(Diagnostics& diagnostics, const KeyInfo& key, const YamlNode& node) {
  if (!node.is_list() || node.items.empty()) {
    diagnostics.error(node.mark,
                      fmt::format("{} expects a list of texts, found {}", key.key,
                                  node.is_list() ? "an empty list" : describe(node)),
                      node.is_scalar() ? fmt::format("a list needs brackets: [{}]", node.text) : "");
    return std::nullopt;
  }
  std::vector<std::string> texts;
  for (const YamlNode& item : node.items) {
    std::optional<std::string> text;
    if (key.choices == nullptr) {
      text = read_text(diagnostics, std::string(key.key), item, false);
    } else if (const auto word = read_word(diagnostics, key, item)) {
      text = std::get<std::string>(*word);
    }
    if (!text) return std::nullopt;
    if (std::find(texts.begin(), texts.end(), *text) != texts.end()) {
      diagnostics.error(item.mark, fmt::format("{}: {} is given twice", key.key, describe(item)));
      return std::nullopt;
    }
    texts.push_back(*text);
  }
  return texts;
}

}  // namespace

std::optional<double> read_number(Diagnostics& diagnostics, const std::string& what, const YamlNode& node) {
  return number(diagnostics, what, "a number", node);
}

std::optional<std::int64_t> read_integer(Diagnostics& diagnostics, const std::string& what,
                                         const YamlNode& node, const Range& range) {
  KeyInfo like;
  like.type = KeyType::kInteger;
  like.range = range;
  const std::optional<double> x = number_in(diagnostics, what, like, node);
  if (!x) return std::nullopt;
  return static_cast<std::int64_t>(*x);
}

std::optional<SettingValue> read_value(Diagnostics& diagnostics, const KeyInfo& key, const YamlNode& node,
                                       const std::filesystem::path& folder) {
  switch (key.type) {
    case KeyType::kBool:
      return read_bool(diagnostics, key, node);
    case KeyType::kInteger: {
      const auto x = read_integer(diagnostics, std::string(key.key), node, key.range);
      return x ? std::optional<SettingValue>(*x) : std::nullopt;
    }
    case KeyType::kNumber: {
      const auto x = number_in(diagnostics, std::string(key.key), key, node);
      return x ? std::optional<SettingValue>(*x) : std::nullopt;
    }
    case KeyType::kWord:
      return read_word(diagnostics, key, node);
    case KeyType::kName:
      return read_name(diagnostics, key, node);
    case KeyType::kText:
    case KeyType::kFile: {
      const auto text = read_text(diagnostics, std::string(key.key), node, key.type == KeyType::kText);
      if (!text) return std::nullopt;
      if (key.type == KeyType::kText) return *text;
      return normal_path((folder / *text).string());
    }
    case KeyType::kTexts:
      return read_texts(diagnostics, key, node);
    case KeyType::kBlock:
      break;
  }
  return std::nullopt;
}

}  // namespace unroll
