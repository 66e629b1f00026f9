#include "sweep/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <sstream>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace unroll {
namespace {

// Thrown through the parser once going on makes no sense; the reason has been reported.
struct Stop {};

std::size_t height(const YamlNode& node) {
  std::size_t most = 0;
  for (const YamlNode& item : node.items) most = std::max(most, height(item));
  return most + 1;
}

std::size_t node_count(const YamlNode& node) {
  std::size_t count = 1;
  for (const YamlNode& item : node.items) count += node_count(item);
  return count;
}

// Builds the tree from the parser's events, so that limits hold while the text is read.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(Diagnostics& diagnostics, std::uint32_t source, std::size_t shift)
      : diagnostics_(diagnostics), source_(source), shift_(shift) {}

  YamlNode take_root() { return std::move(root_); }

  Mark at(const YAML::Mark& mark, std::size_t length = 1) const {
    if (mark.is_null()) return {source_, 0, static_cast<std::uint32_t>(shift_), 1};
    const int column = mark.column + (mark.line == 0 ? static_cast<int>(shift_) : 0);
    return {source_, static_cast<std::uint32_t>(mark.line), static_cast<std::uint32_t>(std::max(column, 0)),
            static_cast<std::uint32_t>(length)};
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 1) return;
    stop(at(mark), "a second document in one file",
         "an experiment is one document: remove '---' and what follows");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    YamlNode node;
    node.mark = at(mark);
    add(std::move(node), anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    YamlNode node;
    node.kind = YamlNode::Kind::kScalar;
    node.quoted = tag == "!";
    node.mark = at(mark, scalar_length(mark, value, node.quoted));
    node.text = value;
    refuse_tag(tag, node.mark);
    if (node.quoted && !mark.is_null() && !ends(static_cast<std::size_t>(mark.pos) + shift_)) {
      stop(node.mark, "this quote is never closed");
    }
    add(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) stop(at(mark), "an alias inside the value that it stands for");
    count(node_count(found->second) - 1, at(mark));
    check_depth(open_.size() + height(found->second), at(mark));
    add(YamlNode(found->second), 0);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(YamlNode::Kind::kList, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(YamlNode::Kind::kMap, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    YamlNode node;
    YAML::anchor_t anchor = 0;
    std::unordered_map<std::string, Mark> seen;  // keys of a map
    bool has_key = false;                        // the next node is the value of the last key
    bool skip_value = false;                     // the next node is the value of a refused key
  };

  [[noreturn]] void stop(const Mark& mark, std::string message, std::string help = {}) {
    diagnostics_.error(mark, std::move(message), std::move(help));
    throw Stop{};
  }

  void count(std::size_t nodes, const Mark& mark) {
    nodes_ += nodes;
    if (nodes_ > kMaxYamlNodes) {
      stop(mark, fmt::format("the file has more than {} values once aliases are expanded", kMaxYamlNodes));
    }
  }

  void check_depth(std::size_t depth, const Mark& mark) {
    if (depth > kMaxYamlDepth) stop(mark, fmt::format("nested deeper than {} levels", kMaxYamlDepth));
  }

  void refuse_tag(const std::string& tag, const Mark& mark) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    diagnostics_.error(mark, "tags such as !!int are not supported",
                       "leave the tag out: the key decides how its value is read");
  }

  // Bytes to underline: the scalar with its quotes, or one where it is not written as it is read.
  std::size_t scalar_length(const YAML::Mark& mark, const std::string& value, bool quoted) const {
    if (mark.is_null()) return 1;
    const std::string_view text = diagnostics_.text(source_);
    const std::size_t begin = std::min(shift_ + static_cast<std::size_t>(mark.pos), text.size());
    const std::string_view rest = text.substr(begin, quoted ? value.size() + 2 : value.size());
    return std::max<std::size_t>(1, rest.substr(quoted ? 1 : 0, value.size()) == value ? rest.size() : 1);
  }

  // Whether the quoted scalar at `begin` has its closing quote. The parser takes the end of the text for one
  // when a line end comes before it.
  bool ends(std::size_t begin) const {
    const std::string_view text = diagnostics_.text(source_);
    const std::size_t start = text.find_first_of("\"'|>", begin);
    if (start == std::string_view::npos || text[start] == '|' || text[start] == '>') return true;
    const char quote = text[start];
    for (std::size_t i = start + 1; i < text.size(); ++i) {
      if (quote == '"' && text[i] == '\\') {
        ++i;
      } else if (text[i] == quote) {
        if (quote == '"' || i + 1 == text.size() || text[i + 1] != quote) return true;
        ++i;
      }
    }
    return false;
  }

  void open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    Open next;
    next.node.kind = kind;
    next.node.mark = at(mark);
    next.anchor = anchor;
    refuse_tag(tag, next.node.mark);
    check_depth(open_.size() + 1, next.node.mark);
    open_.push_back(std::move(next));
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    add(std::move(done.node), done.anchor);
  }

  void add(YamlNode node, YAML::anchor_t anchor) {
    count(1, node.mark);
    if (anchor != 0) anchors_[anchor] = node;
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.skip_value) {
      parent.skip_value = false;
      return;
    }
    if (parent.node.kind == YamlNode::Kind::kList || parent.has_key) {
      parent.node.items.push_back(std::move(node));
      parent.has_key = false;
      return;
    }
    add_key(parent, std::move(node));
  }

  void add_key(Open& parent, YamlNode node) {
    if (!node.is_scalar()) stop(node.mark, fmt::format("expected a key, found {}", describe(node)));
    if (node.text == "<<") {
      diagnostics_.error(node.mark, "merge keys (<<) are not supported", "write the keys out");
      parent.skip_value = true;
      return;
    }
    const auto [first, is_new] = parent.seen.emplace(node.text, node.mark);
    if (!is_new) {
      diagnostics_.error(node.mark, fmt::format("key '{}' is given twice", node.text), "keep one of the two",
                         Diagnostics::Note{first->second});
      parent.skip_value = true;
      return;
    }
    parent.node.keys.push_back({std::move(node.text), node.mark});
    parent.has_key = true;
  }

  Diagnostics& diagnostics_;
  std::uint32_t source_;
  std::size_t shift_;
  YamlNode root_;
  int documents_ = 0;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, YamlNode> anchors_;
  std::size_t nodes_ = 0;
};

// Length of the UTF-8 character at the start of `text`, or 0 if there is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80U) return 1;
  const std::size_t length = first >= 0xF0U ? 4 : first >= 0xE0U ? 3 : 2;
  if (first < 0xC2U || first > 0xF4U || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
  }
  // Overlong forms, surrogates, and what lies beyond U+10FFFF.
  const unsigned char second = byte(1);
  if ((first == 0xE0U && second < 0xA0U) || (first == 0xEDU && second > 0x9FU)) return 0;
  if ((first == 0xF0U && second < 0x90U) || (first == 0xF4U && second > 0x8FU)) return 0;
  return length;
}

// Refuses bytes that no text file has. The parser would take some of them for the end of the text.
bool check_characters(Diagnostics& diagnostics, std::uint32_t source) {
  const std::string_view text = diagnostics.text(source);
  Mark mark{source, 0, 0, 1};
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text.substr(i));
    if (length == 0) {
      diagnostics.error(mark, "the text is not UTF-8");
      return false;
    }
    const auto c = static_cast<unsigned char>(text[i]);
    const bool line_end = c == '\n' || (c == '\r' && text.substr(i, 2) == "\r\n");
    if ((c < 0x20U && c != '\t' && !line_end) || c == 0x7FU) {
      diagnostics.error(mark, fmt::format("control character 0x{:02x} in the text", c));
      return false;
    }
    i += length;
    mark.column += static_cast<std::uint32_t>(length);
    if (c == '\n') {
      ++mark.line;
      mark.column = 0;
    }
  }
  return true;
}

// A tab in the white space before `mark` or at the start of its line is the usual cause of a syntax error.
bool tab_before(std::string_view text, const Mark& mark) {
  std::size_t begin = 0;
  for (std::uint32_t line = 0; line < mark.line && begin != std::string_view::npos; ++line) {
    const std::size_t end = text.find('\n', begin);
    begin = end == std::string_view::npos ? end : end + 1;
  }
  if (begin == std::string_view::npos) return false;
  const std::string_view line = text.substr(begin);
  return line.substr(0, line.find_first_not_of(" \t")).find('\t') != std::string_view::npos;
}

}  // namespace

std::string describe(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return "nothing";
    case YamlNode::Kind::kScalar:
      return node.quoted ? fmt::format("\"{}\"", node.text.substr(0, 60))
                         : fmt::format("'{}'", node.text.substr(0, 60));
    case YamlNode::Kind::kList:
      return "a list";
    case YamlNode::Kind::kMap:
      return "a block of keys";
  }
  return {};
}

std::optional<YamlNode> parse_yaml(Diagnostics& diagnostics, std::uint32_t source, std::size_t begin) {
  const std::string& text = diagnostics.text(source);
  if (text.size() > kMaxYamlBytes) {
    diagnostics.error({source, 0, 0, 1}, fmt::format("the file has {} bytes, more than the limit of {}",
                                                     text.size(), kMaxYamlBytes));
    return std::nullopt;
  }
  if (!check_characters(diagnostics, source)) return std::nullopt;
  TreeBuilder builder(diagnostics, source, begin);
  try {
    std::istringstream in(text.substr(begin));
    YAML::Parser parser(in);
    if (!parser.HandleNextDocument(builder)) return YamlNode{};
    parser.HandleNextDocument(builder);
    return builder.take_root();
  } catch (const YAML::Exception& e) {
    const Mark mark = builder.at(e.mark);
    diagnostics.error(mark, fmt::format("not valid YAML: {}", e.msg),
                      tab_before(text, mark) ? "indent with spaces: YAML does not allow tabs there" : "");
  } catch (const Stop&) {
  }
  return std::nullopt;
}

}  // namespace unroll
