// The row of a table by its name.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/suggest.h"

namespace unroll {

// key: the key of the experiment file that holds `name`. Throws UsageError for an unknown name.
template <class Row>
const Row& lookup(std::span<const Row> table, const std::string& key, const std::string& name) {
  std::vector<std::string> known;
  std::string list;
  for (const Row& row : table) {
    if (row.name == name) return row;
    known.emplace_back(row.name);
    list += (list.empty() ? "" : ", ") + known.back();
  }
  const std::string near = nearest_name(name, known);
  throw UsageError(key, "'" + name + "' is not known",
                   near.empty() ? "one of: " + list : "did you mean '" + near + "'? one of: " + list);
}

}  // namespace unroll
