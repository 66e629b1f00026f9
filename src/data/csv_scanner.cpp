#include "data/csv_scanner.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <system_error>

#include "data/text_file.h"

namespace unroll {
namespace {

constexpr std::array<std::string_view, 8> kMissingWords = {"na", "n/a", "nan", "null", "none", "?", "-", "."};

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// ASCII only: what a locale calls lower case must not decide what a number is.
bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

}  // namespace

CsvKind classify(std::string_view cell, double& value) {
  const std::string_view text = trimmed(cell);
  if (text.empty()) return CsvKind::kMissing;
  for (const std::string_view word : kMissingWords) {
    if (equals_ignoring_case(text, word)) return CsvKind::kMissing;
  }
  // from_chars knows no leading plus.
  const bool plus = text.size() > 1 && text[0] == '+' && text[1] != '-';
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + (plus ? 1 : 0), end, value);
  const bool number = error == std::errc{} && stop == end && std::isfinite(value);
  return number ? CsvKind::kNumber : CsvKind::kText;
}

std::string unquoted(const CsvCell& cell) {
  std::string out(trimmed(cell.raw));
  if (!cell.quoted) return out;
  for (std::size_t i = out.find("\"\""); i != std::string::npos; i = out.find("\"\"", i + 1)) out.erase(i, 1);
  return out;
}

CsvScanner::CsvScanner(std::string_view text, const std::string& where, std::size_t max_columns,
                       std::size_t offset)
    : text_(text), where_(where), max_columns_(max_columns), pos_(offset) {}

void CsvScanner::fail(std::size_t offset, const std::string& what, const std::string& hint) const {
  fail_in_text(text_, where_, offset, what, hint);
}

void CsvScanner::skip_comments() {
  while (pos_ < text_.size() && text_[pos_] == '#') {
    const std::size_t newline = text_.find('\n', pos_);
    pos_ = newline == std::string_view::npos ? text_.size() : newline + 1;
  }
}

CsvCell CsvScanner::cell() {
  const std::size_t start = pos_;
  if (pos_ < text_.size() && text_[pos_] == '"') {
    for (++pos_;; pos_ += 2) {
      pos_ = text_.find('"', pos_);
      if (pos_ == std::string_view::npos) {
        fail(start, "this quote is never closed", "close it, or double a quote that belongs to the text");
      }
      if (text_.substr(pos_ + 1, 1) != "\"") break;
    }
    ++pos_;
    if (pos_ < text_.size() && std::string_view(",\r\n").find(text_[pos_]) == std::string_view::npos) {
      fail(pos_, "text after a closing quote", "quote the whole cell, and double the quotes inside");
    }
    return {text_.substr(start + 1, pos_ - start - 2), start, true};
  }
  pos_ = std::min(text_.find_first_of(",\r\n\"", pos_), text_.size());
  if (pos_ < text_.size() && text_[pos_] == '"') {
    fail(pos_, "a quote inside a cell without quotes",
         "quote the whole cell, with no blank before it, and double the quotes inside");
  }
  return {text_.substr(start, pos_ - start), start, false};
}

// Steps over what follows a cell; false if it is a comma and the record goes on.
bool CsvScanner::end_of_record() {
  if (pos_ == text_.size()) return true;
  if (text_[pos_] == '\r' && text_.substr(pos_ + 1, 1) != "\n") {
    fail(pos_, "a carriage return without a line feed", "save the file with Unix or Windows line ends");
  }
  const bool comma = text_[pos_] == ',';
  pos_ += text_[pos_] == '\r' ? 2 : 1;
  return !comma;
}

bool CsvScanner::next(std::vector<CsvCell>& record) {
  record.clear();
  skip_comments();
  if (pos_ == text_.size()) return false;
  if (text_[pos_] == '\n' || text_.substr(pos_, 2) == "\r\n") {
    if (text_.find_first_not_of("\r\n", pos_) == std::string_view::npos) return false;
    fail(pos_, "an empty line", "remove it; a row needs a value in every column that is used");
  }
  do {
    if (record.size() == max_columns_) {
      fail(pos_, fmt::format("more than {} columns", max_columns_), "keep the columns that are needed");
    }
    record.push_back(cell());
  } while (!end_of_record());
  return true;
}

}  // namespace unroll
