#include "data/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/hash.h"
#include "base/suggest.h"
#include "data/csv_scanner.h"
#include "data/text_file.h"

namespace unroll {
namespace {

// The first names of a table, fit to be shown.
std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 12;
  std::string out;
  for (std::size_t i = 0; i < std::min(names.size(), kMost); ++i)
    out += (i == 0 ? "" : ", ") + shown(names[i]);
  return names.size() > kMost ? out + ", ..." : out;
}

CsvKind kind(const CsvCell& cell) {
  double ignored = 0.0;
  return classify(cell.raw, ignored);
}

// Whether a cell of the first row is a name where the second row has a number: numbers are not quoted, and a
// name may be left out, as that of the index is by pandas.
bool is_name_above(const CsvCell& first, const CsvCell& second) {
  if (kind(second) != CsvKind::kNumber) return false;
  const bool marked = first.quoted || first.raw.empty();
  return kind(first) == CsvKind::kText || (marked && !second.quoted);
}

bool is_header(const std::vector<CsvCell>& first, const std::vector<CsvCell>& second) {
  bool any_number = false;
  bool any_text = false;
  for (std::size_t i = 0; i < first.size(); ++i) {
    const CsvKind here = kind(first[i]);
    if (i < second.size() && is_name_above(first[i], second[i])) return true;
    any_number |= here == CsvKind::kNumber;
    any_text |= here == CsvKind::kText;
  }
  return any_text && !any_number;
}

// Why a cell that should be a number is not one, and what to do.
[[noreturn]] void fail_number(const CsvScanner& scanner, const CsvCell& cell, const std::string& column) {
  if (kind(cell) == CsvKind::kMissing) {
    scanner.fail(cell.offset, fmt::format("a missing value in column '{}'", column),
                 "fill it in or remove the row; columns that are not used may have gaps");
  }
  const bool other_separator = cell.raw.find_first_of(";\t") != std::string_view::npos;
  const bool decimal_comma = cell.raw.find(',') != std::string_view::npos;
  scanner.fail(cell.offset, fmt::format("'{}' in column '{}' is not a number", shown(cell.raw), column),
               other_separator ? "separate the columns with commas"
               : decimal_comma ? "write decimals with a point and thousands without a separator"
                               : "numbers are finite and written like 12, -0.5 or 1e-3");
}

}  // namespace

CsvTable CsvTable::read(const std::string& path) {
  return {read_file(path), path};
}

CsvTable::CsvTable(std::string text, std::string where) : text_(std::move(text)), where_(std::move(where)) {
  check_is_text(text_, where_);
  const std::size_t begin = text_begin(text_);
  CsvScanner scanner(text_, where_, kMaxColumns, begin);
  std::vector<CsvCell> first;
  if (!scanner.next(first)) scanner.fail(begin, "there are no rows");
  const std::size_t after_first = scanner.offset();
  std::vector<CsvCell> record;
  bool more = scanner.next(record);
  const bool header = is_header(first, record);
  if (header && !more) scanner.fail(text_.size(), "there are names but no rows of values");

  std::set<std::string> seen;
  for (std::size_t i = 0; i < first.size(); ++i) {
    names_.push_back(header ? unquoted(first[i]) : std::to_string(i + 1));
    if (!names_.back().empty() && !seen.insert(names_.back()).second) {
      scanner.fail(first[i].offset, fmt::format("two columns are called '{}'", shown(names_.back())),
                   "give each column its own name");
    }
  }
  has_names_ = header;
  first_row_ = header ? after_first : begin;
  last_numeric_ = names_.size();
  const std::vector<CsvCell>& values = header ? record : first;
  for (std::size_t i = 0; i < std::min(values.size(), names_.size()); ++i) {
    // A gap may be a number: reading the column then says where it is.
    if (kind(values[i]) != CsvKind::kText && !names_[i].empty()) last_numeric_ = i;
  }
  for (rows_ = header ? 0 : 1; more; more = scanner.next(record), ++rows_) {
    if (record.size() == names_.size()) continue;
    const bool longer = record.size() > names_.size();
    scanner.fail(longer ? record[names_.size()].offset : record.back().offset,
                 fmt::format("{} cells in this row, {} in the first one", record.size(), names_.size()),
                 "quote a cell that holds a comma; write nothing between two commas for a missing value");
  }
}

std::string CsvTable::hash() const {
  return hash_hex(text_);
}

const std::string& CsvTable::last_numeric() const {
  if (last_numeric_ == names_.size()) {
    throw FileError(where_, "no column starts with a number",
                    "columns are separated by commas, decimals written with a point");
  }
  return names_[last_numeric_];
}

std::size_t CsvTable::index_of(const std::string& column, const std::string& key) const {
  const auto found = column.empty() ? names_.end() : std::find(names_.begin(), names_.end(), column);
  if (found != names_.end()) return static_cast<std::size_t>(found - names_.begin());
  const std::string near = nearest_name(column, names_);
  throw UsageError(
      key, fmt::format("{} has no column '{}'", where_, shown(column)),
      near.empty() ? fmt::format("{} columns are: {}",
                                 has_names_ ? "its" : "the file has no row of names, so its", listed(names_))
                   : fmt::format("did you mean '{}'?", near));
}

std::vector<std::string> CsvTable::texts(const std::string& column, const std::string& key) const {
  const std::size_t index = index_of(column, key);
  std::vector<std::string> out;
  out.reserve(rows_);
  CsvScanner scanner(text_, where_, kMaxColumns, first_row_);
  std::vector<CsvCell> record;
  while (scanner.next(record)) {
    const CsvCell& cell = record[index];
    out.push_back(unquoted(cell));
    const bool empty = out.back().empty();
    if (!empty && (cell.quoted || kind(cell) != CsvKind::kMissing)) continue;
    scanner.fail(cell.offset, fmt::format("a missing value in column '{}'", column),
                 empty
                     ? "fill it in or remove the row"
                     : fmt::format("fill it in or remove the row; if it is the name of a class, write \"{}\"",
                                   out.back()));
  }
  return out;
}

void CsvTable::fail(std::size_t row, const std::string& column, const std::string& what,
                    const std::string& hint) const {
  CsvScanner scanner(text_, where_, kMaxColumns, first_row_);
  std::vector<CsvCell> record;
  for (std::size_t i = 0; i <= row; ++i) scanner.next(record);
  scanner.fail(record[index_of(column, "")].offset, what, hint);
}

std::vector<std::vector<double>> CsvTable::numbers(const std::vector<std::string>& columns,
                                                   const std::string& key) const {
  std::vector<std::size_t> index;
  for (const std::string& name : columns) index.push_back(index_of(name, key));
  std::vector<std::vector<double>> out(columns.size());
  for (auto& column : out) column.reserve(rows_);
  CsvScanner scanner(text_, where_, kMaxColumns, first_row_);
  std::vector<CsvCell> record;
  while (scanner.next(record)) {
    for (std::size_t i = 0; i < index.size(); ++i) {
      const CsvCell& cell = record[index[i]];
      double value = 0.0;
      if (classify(cell.raw, value) != CsvKind::kNumber) fail_number(scanner, cell, columns[i]);
      if (std::abs(value) > std::numeric_limits<float>::max()) {
        scanner.fail(cell.offset, fmt::format("'{}' does not fit single precision", shown(cell.raw)),
                     "use a smaller unit");
      }
      out[i].push_back(value);
    }
  }
  return out;
}

}  // namespace unroll
