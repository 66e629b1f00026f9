// Labelled sequences of unequal length, as files of sequence classification hold them, and their readers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "data/csv.h"
#include "data/task.h"

namespace unroll {

// The columns of a table of cases, by their names.
struct CaseColumns {
  std::string id;
  std::string label;
  std::vector<std::string> inputs;
};

struct Cases {
  std::size_t inputs = 0;           // D
  std::vector<double> values;       // [steps of all sequences, D], as the file has them
  std::vector<std::size_t> first;   // [N + 1] first step of each sequence, and the end
  std::vector<std::int32_t> label;  // [N] index into `labels`
  std::vector<std::string> labels;  // names of the classes
  CaseColumns columns;              // where all this was found in a table; else empty
  std::size_t reading_bytes = 0;    // held besides the text and all this while it was read

  std::size_t size() const { return label.size(); }
  std::size_t steps(std::size_t n) const { return first[n + 1] - first[n]; }
  std::size_t longest() const;
  std::size_t bytes() const;  // held at most, without the text
};

// A `.ts` file of sktime and aeon: '#' comments, '@' header, then a line for each sequence: the values of a
// dimension separated by commas, the dimensions and the label by colons. Classes in the order of @classLabel.
// Throws FileError with file:line:column for whatever is not so: values that are missing or no numbers,
// dimensions of unequal length within a sequence, labels that the header does not name, time stamps.
// Source: the format's specification in the documentation of sktime, "TS file format".
Cases read_ts(const std::string& text, const std::string& where);

// A table with a row for each step. Consecutive rows with the same value in the column `task.id_column` (if
// left out, the first) are a sequence; the single column of `task.targets` (if left out, the last) is its
// label, `task.columns` (if left out, all others) are the inputs. Classes are sorted by name, or by number if
// all are. Throws UsageError for an unknown column, FileError for a cell that is no number or a label that
// changes within a sequence.
Cases read_cases(const CsvTable& table, const TaskConfig& config);

bool is_ts(const std::string& path);

// By the name of the file: ".ts", else a CSV table.
Cases read_cases(std::string text, const std::string& path, const TaskConfig& config);

}  // namespace unroll
