// YAML text as a tree with positions. Stricter than YAML, so that what a reader sees is what is meant:
// one document, no tags, no duplicate keys, plain words as keys, bounded size, depth and number of nodes.
// Scalars stay text: the key table types them, not YAML.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "sweep/diagnostics.h"

namespace unroll {

inline constexpr std::size_t kMaxYamlBytes = 1U << 20U;
inline constexpr std::size_t kMaxYamlDepth = 32;
inline constexpr std::size_t kMaxYamlNodes = 100'000;  // after every alias is expanded

struct YamlKey {
  std::string text;
  Mark mark;
};

struct YamlNode {
  enum class Kind { kNull, kScalar, kList, kMap };

  Kind kind = Kind::kNull;
  Mark mark;
  std::string text;             // of a scalar
  bool quoted = false;          // the scalar is quoted, or a block of text: never a number
  std::vector<YamlKey> keys;    // of a map, in the order of the text
  std::vector<YamlNode> items;  // of a list, or the values of a map

  bool is_null() const { return kind == Kind::kNull; }
  bool is_scalar() const { return kind == Kind::kScalar; }
  bool is_list() const { return kind == Kind::kList; }
  bool is_map() const { return kind == Kind::kMap; }
};

// "a list", "a block of keys", "nothing", "'text'": what a message says was found.
std::string describe(const YamlNode& node);

// Parses text `source` of `diagnostics` from byte `begin` on. Nothing, after reporting why, if the text
// is not YAML or breaks a limit. An empty text gives a null node.
std::optional<YamlNode> parse_yaml(Diagnostics& diagnostics, std::uint32_t source, std::size_t begin = 0);

}  // namespace unroll
