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
#include "data/text_file.h"
#include "data/utf8.h"

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

// Whether a cell of the first row is a name where the second row has a number: numbers are not quoted, and
// the name of the first column may be left out, as pandas does with that of an index. Elsewhere a gap is a
// gap.
bool is_name_above(std::size_t column, const CsvCell& first, const CsvCell& second) {
  if (kind(second) != CsvKind::kNumber) return false;
  const bool marked = first.quoted ? kind(first) != CsvKind::kMissing : first.raw.empty() && column == 0;
  return kind(first) == CsvKind::kText || (marked && !second.quoted);
}

bool is_header(const std::vector<CsvCell>& first, const std::vector<CsvCell>& second) {
  bool any_number = false;
  bool any_text = false;
  for (std::size_t i = 0; i < first.size(); ++i) {
    const CsvKind here = kind(first[i]);
    if (i < second.size() && is_name_above(i, first[i], second[i])) return true;
    any_number |= here == CsvKind::kNumber;
    any_text |= here == CsvKind::kText;
  }
  return any_text && !any_number;
}

// What each column holds, by its first value; a gap is none.
void learn_kinds(const std::vector<CsvCell>& row, std::vector<CsvKind>& kinds) {
  for (std::size_t i = 0; i < std::min(row.size(), kinds.size()); ++i) {
    if (kinds[i] == CsvKind::kMissing) kinds[i] = kind(row[i]);
  }
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
  check_utf8(text_, where_);
  const std::size_t begin = text_begin(text_);
  CsvScanner scanner(text_, where_, kMaxColumns, begin);
  std::vector<CsvCell> first;
  if (!scanner.next(first))
    scanner.fail(begin, "there are no rows", "a row of values is a line with commas between them");
  const std::size_t after_first = scanner.offset();
  std::vector<CsvCell> record;
  bool more = scanner.next(record);
  const bool header = is_header(first, record);
  if (header && !more)
    scanner.fail(text_.size(), "there are names but no rows of values",
                 "a row of values is a line with commas between them");

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
  std::vector<CsvKind> kinds(names_.size(), CsvKind::kMissing);
  if (!header) learn_kinds(first, kinds);
  for (rows_ = header ? 0 : 1; more; more = scanner.next(record), ++rows_) {
    learn_kinds(record, kinds);
    if (record.size() == names_.size()) continue;
    const bool longer = record.size() > names_.size();
    scanner.fail(longer ? record[names_.size()].offset : record.back().offset,
                 fmt::format("{} cells in this row, {} in the first one", record.size(), names_.size()),
                 "quote a cell that holds a comma; write nothing between two commas for a missing value");
  }
  last_numeric_ = names_.size();
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (kinds[i] == CsvKind::kNumber && !names_[i].empty()) last_numeric_ = i;
  }
}

std::string CsvTable::hash() const {
  return hash_hex(text_);
}

const std::string& CsvTable::last_numeric() const {
  if (last_numeric_ == names_.size()) {
    throw FileError(where_, "no column begins with a number",
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

std::vector<std::vector<double>> CsvTable::numbers(const std::vector<std::string>& columns,
                                                   const std::string& key) const {
  std::vector<std::size_t> index;
  for (const std::string& name : columns) index.push_back(index_of(name, key));
  std::vector<std::vector<double>> out(columns.size());
  for (auto& column : out) column.reserve(rows_);
  CsvRows rows(*this);
  while (rows.next()) {
    for (std::size_t i = 0; i < index.size(); ++i) out[i].push_back(rows.number(index[i]));
  }
  return out;
}

CsvRows::CsvRows(const CsvTable& table)
    : table_(table), scanner_(table.text_, table.where_, CsvTable::kMaxColumns, table.first_row_) {}

double CsvRows::number(std::size_t column) const {
  const CsvCell& cell = record_[column];
  double value = 0.0;
  if (classify(cell.raw, value) != CsvKind::kNumber) fail_number(scanner_, cell, table_.names()[column]);
  if (std::abs(value) > std::numeric_limits<float>::max()) {
    fail(column, fmt::format("'{}' does not fit single precision", shown(cell.raw)), "use a smaller unit");
  }
  return value;
}

std::string CsvRows::text(std::size_t column) const {
  const CsvCell& cell = record_[column];
  std::string out = unquoted(cell);
  if (!out.empty() && (cell.quoted || kind(cell) != CsvKind::kMissing)) return out;
  fail(column, fmt::format("a missing value in column '{}'", table_.names()[column]),
       out.empty()
           ? "fill it in or remove the row"
           : fmt::format("fill it in or remove the row; if it is the name of a class, write \"{}\"", out));
}

void CsvRows::fail(std::size_t column, const std::string& what, const std::string& hint) const {
  scanner_.fail(record_[column].offset, what, hint);
}

}  // namespace unroll
