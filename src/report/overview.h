// What looks at a sweep as a whole, in words: ranks, factor shares, equal budgets.
#pragma once

#include <string>
#include <vector>

#include "report/compare.h"

namespace unroll {

std::string overview_text(const Comparison& comparison, std::size_t width);
std::string ranks_words(const Comparison& comparison);
std::string shares_words(const Shares& shares);
std::string budget_words(const BudgetRow& row);  // "1185 parameters", "0.430 seconds"

}  // namespace unroll
