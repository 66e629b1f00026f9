// Methods at an equal budget: of the sizes that a sweep tries, each method's best that needs no more
// parameters, or no more seconds, than the budget. At equal hidden size an LSTM has four times the weights of
// a plain RNN; this is the comparison that is fair to the small ones.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/compare.h"

namespace unroll {

// The budgets of a task are the least at which every method has a size, and the least at which every method
// has its largest within it. Nothing if no setting of the net itself is swept besides the methods.
std::vector<BudgetRow> budget_rows(const Results& results, const Comparison& comparison);

}  // namespace unroll
