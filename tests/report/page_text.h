// The page of results as text, and pieces of it.
#pragma once

#include <string>

#include "report/page.h"

namespace unroll {

inline std::string page_of(const Results& results) {
  return to_html(results, compare(results));
}

// What stands between `begin` and the next `end`; "" if there is no `begin`.
inline std::string element(const std::string& page, const std::string& begin, const std::string& end) {
  const std::size_t at = page.find(begin);
  if (at == std::string::npos) return "";
  return page.substr(at + begin.size(), page.find(end, at) - at - begin.size());
}

}  // namespace unroll
