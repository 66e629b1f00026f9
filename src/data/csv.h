// A strict reader of comma-separated tables (RFC 4180). What it takes: UTF-8, LF or CRLF, an optional byte
// order mark, quoted cells, lines that start with '#' as comments, empty lines at the end, and a first row of
// names. Everything else is an error with file:line:column, so a value is never guessed.
// The first row is a header if one of its cells is text where the second row has a number, or is quoted, or
// in the first column empty, where that has a number without quotes, or if it holds text and no number at
// all. Without a header the columns are called "1", "2", ...
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "data/csv_scanner.h"

namespace unroll {

class CsvTable {
 public:
  // Widest row that is read.
  static constexpr std::size_t kMaxColumns = 16384;

  // Reads a file. Throws FileError if it cannot be read, is too large, or is not a table.
  static CsvTable read(const std::string& path);

  // Of a text; `where` is what messages call it. Throws FileError if it is not a table.
  CsvTable(std::string text, std::string where);

  const std::vector<std::string>& names() const { return names_; }  // one for each column
  std::size_t rows() const { return rows_; }                        // without the header
  std::size_t bytes() const { return text_.size(); }                // of the text, which is held
  std::string hash() const;                                         // of the text

  // The last column whose first value, gaps left out, is a number. Throws FileError if there is none.
  const std::string& last_numeric() const;

  // The values of some columns, [column][row]. Throws UsageError for an unknown name (where: `key`),
  // FileError at the first cell that is missing, is not a number, or does not fit single precision.
  std::vector<std::vector<double>> numbers(const std::vector<std::string>& columns,
                                           const std::string& key) const;
  // The place of a column in a row. Throws UsageError for an unknown name (where: `key`).
  std::size_t index_of(const std::string& column, const std::string& key) const;

 private:
  friend class CsvRows;

  std::string text_;
  std::string where_;
  std::vector<std::string> names_;
  bool has_names_ = false;     // the first row is a header
  std::size_t first_row_ = 0;  // offset of the first row of values
  std::size_t rows_ = 0;
  std::size_t last_numeric_ = 0;  // index of the column, or the number of columns if there is none
};

// The rows of values of a table, one after the other: nothing but the row is held.
class CsvRows {
 public:
  // Requires: the table outlives it.
  explicit CsvRows(const CsvTable& table);

  // Moves to the next row, at first to the first one; false at the end.
  bool next() { return scanner_.next(record_); }

  // What a cell of the row holds. Throws FileError if it is missing, is not a number, or does not fit single
  // precision.
  double number(std::size_t column) const;
  // Unquoted: what is quoted is a text, "NA" too. Throws FileError if it is missing: an empty cell, or a word
  // for it without quotes.
  std::string text(std::size_t column) const;

  // Throws FileError at a cell of the row.
  [[noreturn]] void fail(std::size_t column, const std::string& what, const std::string& hint) const;

 private:
  const CsvTable& table_;
  CsvScanner scanner_;
  std::vector<CsvCell> record_;
};

}  // namespace unroll
