#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>
#include <system_error>

#include "data/cases.h"
#include "data/csv_scanner.h"
#include "data/text_file.h"

namespace unroll {
namespace {

constexpr std::string_view kBlanks = " \t\r";

bool is_blank(char c) {
  return kBlanks.find(c) != std::string_view::npos;
}

std::string lower(std::string_view word) {
  std::string out(word);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

class TsReader {
 public:
  TsReader(std::string_view text, const std::string& where)
      : text_(text), where_(where), at_(text_begin(text)) {}

  Cases read() {
    header();
    // A separator stands behind each value, a line end behind each sequence.
    const std::string_view data = text_.substr(at_);
    const auto separators =
        std::count_if(data.begin(), data.end(), [](char c) { return c == ',' || c == ':'; });
    const auto lines = static_cast<std::size_t>(std::count(data.begin(), data.end(), '\n')) + 1;
    cases_.values.reserve(static_cast<std::size_t>(separators));
    cases_.label.reserve(lines);
    cases_.first.reserve(lines + 1);
    cases_.first.push_back(0);
    while (next_line()) one_case();
    if (cases_.size() == 0) fail(at_, "there are no sequences after @data");
    return std::move(cases_);
  }

 private:
  // A piece of a line and its place in the text.
  struct Piece {
    std::string_view text;
    std::size_t offset;
  };

  [[noreturn]] void fail(std::size_t offset, const std::string& what, const std::string& hint = {}) const {
    fail_in_text(text_, where_, offset, what, hint);
  }

  Piece trimmed(std::size_t begin, std::size_t end) const {
    while (begin < end && is_blank(text_[begin])) ++begin;
    while (end > begin && is_blank(text_[end - 1])) --end;
    return {text_.substr(begin, end - begin), begin};
  }

  // Moves to the next line that is not empty and no comment.
  bool next_line() {
    while (at_ < text_.size()) {
      const std::size_t end = std::min(text_.find('\n', at_), text_.size());
      line_ = trimmed(at_, end);
      at_ = std::min(end + 1, text_.size());
      if (!line_.text.empty() && line_.text.front() != '#') return true;
    }
    return false;
  }

  std::vector<Piece> words() const {
    std::vector<Piece> out;
    std::size_t i = 0;
    while (i < line_.text.size()) {
      while (i < line_.text.size() && is_blank(line_.text[i])) ++i;
      const std::size_t begin = i;
      while (i < line_.text.size() && !is_blank(line_.text[i])) ++i;
      if (i > begin) out.push_back({line_.text.substr(begin, i - begin), line_.offset + begin});
    }
    return out;
  }

  void header() {
    while (next_line()) {
      if (line_.text.front() != '@') {
        fail(line_.offset, "a line of values before @data",
             "the header of a .ts file ends with the line @data");
      }
      const std::vector<Piece> parts = words();
      const std::string tag = lower(parts.front().text);
      if (tag == "@data") {
        if (cases_.labels.empty()) {
          fail(line_.offset, "no classes were named before @data", "a line like: @classLabel true cat dog");
        }
        return;
      }
      entry(tag, parts);
    }
    fail(text_.size(), "there is no line @data", "this is not a .ts file of sktime");
  }

  void entry(const std::string& tag, const std::vector<Piece>& parts) {
    const bool yes = parts.size() > 1 && lower(parts[1].text) == "true";
    if (tag == "@classlabel") {
      if (!yes) fail(line_.offset, "the sequences have no class labels", "classification needs labels");
      for (std::size_t i = 2; i < parts.size(); ++i) {
        const std::string name(parts[i].text);
        if (std::count(cases_.labels.begin(), cases_.labels.end(), name) != 0) {
          fail(parts[i].offset, fmt::format("the class '{}' is named twice", shown(name)));
        }
        cases_.labels.push_back(name);
      }
    } else if (tag == "@targetlabel" && yes) {
      fail(line_.offset, "the targets are numbers, not classes", "this task is classification");
    } else if (tag == "@timestamps" && yes) {
      fail(line_.offset, "time stamps are not read", "write the values alone, at equal steps");
    } else if (tag == "@dimension" || tag == "@dimensions") {
      dimensions(parts);
    }
  }

  void dimensions(const std::vector<Piece>& parts) {
    std::size_t value = 0;
    const std::string_view digits = parts.size() > 1 ? parts[1].text : std::string_view();
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || stop != digits.data() + digits.size() || value == 0 ||
        value > kMostDimensions) {
      fail(parts.back().offset, fmt::format("'{}' is no number of dimensions", shown(digits)));
    }
    cases_.inputs = value;
  }

  double number(Piece piece) const {
    double value = 0.0;
    const CsvKind kind = classify(piece.text, value);
    if (kind == CsvKind::kMissing) {
      fail(piece.offset, "a missing value", "fill it in or remove the sequence");
    }
    if (kind == CsvKind::kText || std::abs(value) > std::numeric_limits<float>::max()) {
      fail(piece.offset, fmt::format("'{}' is not a number", shown(piece.text)),
           "numbers are finite and written like 12, -0.5 or 1e-3");
    }
    return value;
  }

  void one_case() {
    std::vector<std::vector<double>> columns;
    std::size_t begin = line_.offset;
    const std::size_t end = line_.offset + line_.text.size();
    for (;;) {
      const std::size_t colon = text_.substr(0, end).find(':', begin);
      if (colon == std::string_view::npos) break;
      columns.push_back(dimension(begin, colon));
      if (columns.back().size() != columns.front().size()) {
        fail(begin,
             fmt::format("{} values in this dimension, {} in the first one", columns.back().size(),
                         columns.front().size()),
             "all dimensions of a sequence have the same number of steps");
      }
      begin = colon + 1;
    }
    if (columns.empty()) fail(line_.offset, "no ':' in this line", "values, a colon, and the label");
    if (cases_.inputs == 0) cases_.inputs = columns.size();
    if (columns.size() != cases_.inputs) {
      fail(line_.offset, fmt::format("{} dimensions in this line, not {}", columns.size(), cases_.inputs));
    }
    label(trimmed(begin, end));
    for (std::size_t t = 0; t < columns.front().size(); ++t) {
      for (const auto& column : columns) cases_.values.push_back(column[t]);
    }
    cases_.first.push_back(cases_.first.back() + columns.front().size());
  }

  std::vector<double> dimension(std::size_t begin, std::size_t end) const {
    std::vector<double> out;
    for (;;) {
      const std::size_t comma = std::min(text_.find(',', begin), end);
      out.push_back(number(trimmed(begin, comma)));
      if (comma == end) return out;
      begin = comma + 1;
    }
  }

  void label(Piece piece) {
    const auto found = std::find(cases_.labels.begin(), cases_.labels.end(), piece.text);
    if (found == cases_.labels.end()) {
      fail(piece.offset, fmt::format("there is no class '{}'", shown(piece.text)),
           fmt::format("@classLabel names: {}", shown(fmt::format("{}", fmt::join(cases_.labels, " ")))));
    }
    cases_.label.push_back(static_cast<std::int32_t>(found - cases_.labels.begin()));
  }

  static constexpr std::size_t kMostDimensions = 65536;
  std::string_view text_;
  const std::string& where_;
  std::size_t at_;
  Piece line_{};
  Cases cases_;
};

}  // namespace

Cases read_ts(const std::string& text, const std::string& where) {
  check_is_text(text, where);
  return TsReader(text, where).read();
}

}  // namespace unroll
