// Feeds bytes to the readers of data files, the first byte choosing one: tables, sequences of classification,
// NumPy's arrays. What is refused must be refused as a mistake of the user.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/error.h"
#include "data/array.h"
#include "data/cases.h"
#include "data/csv.h"
#include "data/task.h"

namespace unroll {
namespace {

void check_cases(const Cases& cases) {
  const std::size_t steps = cases.first.empty() ? 0 : cases.first.back();
  if (cases.values.size() != steps * cases.inputs) std::abort();
  for (const std::int32_t label : cases.label) {
    if (label < 0 || static_cast<std::size_t>(label) >= cases.labels.size()) std::abort();
  }
  for (const double value : cases.values) {
    if (!std::isfinite(value)) std::abort();
  }
}

void read(std::uint8_t choice, const std::string& bytes) {
  switch (choice % 3) {
    case 0: {
      const CsvTable table(bytes, "fuzz.csv");
      const std::string column = table.last_numeric();
      if (table.numbers({column}, "task.columns")[0].size() != table.rows()) std::abort();
      check_cases(read_cases(table, TaskConfig{}));
      return;
    }
    case 1:
      return check_cases(read_ts(bytes, "fuzz.ts"));
    default: {
      const Array array = read_npy(bytes, "fuzz.npy");
      if (array.values.size() != array_size(array.shape, "fuzz.npy")) std::abort();
    }
  }
}

}  // namespace
}  // namespace unroll

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  try {
    unroll::read(data[0], std::string(reinterpret_cast<const char*>(data + 1), size - 1));
  } catch (const unroll::FileError&) {
  } catch (const unroll::UsageError&) {
  }
  return 0;
}
