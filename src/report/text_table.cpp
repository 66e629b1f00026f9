#include "report/text_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace unroll {

namespace {

// Characters of UTF-8 text.
std::size_t length(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

std::string number(double value) {
  if (std::isnan(value)) return "-";
  if (std::isinf(value)) return "diverged";
  if (value == 0.0) return "0";
  const std::string scientific = fmt::format("{:.2e}", value);
  const int exponent = std::stoi(scientific.substr(scientific.find('e') + 1));
  if (exponent < -4 || exponent > 5) return scientific;
  return fmt::format("{:.{}f}", value, std::max(0, 2 - exponent));
}

std::string whole(double value) {
  return std::isnan(value) ? "-" : fmt::format("{:.0f}", value);
}

std::string percent_text(double share) {
  const double percent = 100.0 * share;
  return std::abs(percent) < 10.0 ? fmt::format("{:.2g}", percent) : fmt::format("{:.0f}", percent);
}

std::string range(const Interval& i) {
  return std::isnan(i.low) || std::isnan(i.high) ? "-"
                                                 : fmt::format("{} .. {}", number(i.low), number(i.high));
}

std::string list(const std::vector<std::string>& words) {
  if (words.size() < 2) return words.empty() ? "" : words.front();
  return fmt::format("{} and {}", fmt::join(words.begin(), words.end() - 1, ", "), words.back());
}

std::string count(std::size_t n, std::string_view noun) {
  return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
}

std::string paragraph(std::string_view first, std::string_view text, std::size_t width) {
  const std::string indent(length(first), ' ');
  std::string out(first);
  std::size_t column = indent.size();
  bool starts_line = true;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (!starts_line && column + 1 + length(word) > width) {
      out += '\n' + indent;
      column = indent.size();
      starts_line = true;
    }
    if (!starts_line) {
      out += ' ';
      ++column;
    }
    out += word;
    column += length(word);
    starts_line = false;
  }
  return out + '\n';
}

void TextTable::add(std::vector<std::string> cells) {
  UNROLL_CHECK(cells.size() == columns_.size() && cells.size() > 1, "a row that does not fit its table");
  rows_.push_back(std::move(cells));
}

void TextTable::title(std::string text) {
  rows_.push_back({std::move(text)});
}

std::string TextTable::text(std::size_t width) const {
  std::vector<std::size_t> widths(columns_.size(), 0);  // 0 = left out
  for (const auto& row : rows_) {
    if (row.size() == 1) continue;
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], length(row[c]));
  }
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    if (widths[c] > 0) widths[c] = std::max(widths[c], length(columns_[c].heading));
  }
  const auto total = [&] {
    std::size_t sum = 0;
    for (std::size_t w : widths) sum += w > 0 ? w + 2 : 0;
    return sum;
  };
  while (total() > width) {
    std::size_t least = 0;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (widths[c] > 0) least = std::max(least, columns_[c].may_drop);
    }
    if (least == 0) break;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (columns_[c].may_drop == least) widths[c] = 0;
    }
  }

  const auto line = [&](const auto& cell_of) {
    std::string out;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (widths[c] == 0) continue;
      const std::string& cell = cell_of(c);
      const std::string gap(widths[c] - length(cell), ' ');
      out += "  " + (columns_[c].left ? cell + gap : gap + cell);
    }
    out.erase(out.find_last_not_of(' ') + 1);
    return out + '\n';
  };
  std::string out = line([&](std::size_t c) -> const std::string& { return columns_[c].heading; });
  for (const auto& row : rows_) {
    out +=
        row.size() == 1 ? row[0] + '\n' : line([&](std::size_t c) -> const std::string& { return row[c]; });
  }
  return out;
}

}  // namespace unroll
