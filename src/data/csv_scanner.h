// Splits a CSV text into records and cells. Internal to the CSV reader.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace unroll {

// A cell as it stands in the text, without its outer quotes.
struct CsvCell {
  std::string_view raw;
  std::size_t offset = 0;  // of its first byte in the text, the quote included
  bool quoted = false;
};

enum class CsvKind { kNumber, kMissing, kText };

// What a cell holds; sets `value` for kNumber. Missing is the empty cell and the usual words for it (NA, NaN,
// null,
// ...). A number out of the range of double, or infinite, is kText.
CsvKind classify(std::string_view cell, double& value);

// The cell's text with doubled quotes made single and outer blanks removed.
std::string unquoted(const CsvCell& cell);

// Reads record after record of a text that outlives it.
class CsvScanner {
 public:
  CsvScanner(std::string_view text, const std::string& where, std::size_t max_columns,
             std::size_t offset = 0);

  // The next record; false at the end. Throws FileError if the text breaks the grammar.
  bool next(std::vector<CsvCell>& record);
  std::size_t offset() const { return pos_; }

  // Throws FileError with the line and the column of `offset`, both counted from 1, columns in characters.
  [[noreturn]] void fail(std::size_t offset, const std::string& what, const std::string& hint = {}) const;

 private:
  void skip_comments();
  CsvCell cell();
  bool end_of_record();

  std::string_view text_;
  const std::string& where_;
  std::size_t max_columns_;
  std::size_t pos_;
};

}  // namespace unroll
