// The report: one HTML page that opens offline. Style, scripts and data are in the page, and its content
// security policy forbids everything else. Verdict, tables and maps are plain HTML; the charts are drawn by
// Chart.js from the data of page_data.
#pragma once

#include <string>

#include "report/compare.h"

namespace unroll {

// Requires: `comparison` was made from `results`.
std::string to_html(const Results& results, const Comparison& comparison);

// The parts of the page, each an HTML fragment; "" if there is nothing to show.
std::string verdict_html(const Results& results, const Comparison& comparison);
std::string method_table_html(const Comparison& comparison);
std::string pair_table_html(const Comparison& comparison);
std::string maps_html(const Comparison& comparison);
std::string gradients_html(const Results& results, const Comparison& comparison);
std::string diagnostics_html(const Results& results, const Comparison& comparison);
std::string confusion_html(const Results& results, const Comparison& comparison);
std::string samples_html(const Results& results, const Comparison& comparison);
std::string ranks_html(const Comparison& comparison);
std::string shares_html(const Comparison& comparison);
std::string budgets_html(const Comparison& comparison);
std::string failures_html(const Results& results);
std::string provenance_html(const Results& results);

// What the charts draw, as JSON that may stand in a script element.
std::string page_data(const Results& results, const Comparison& comparison);
std::string fields_data(const Results& results, const Comparison& comparison);

// The style of a cell of a map: dark for 0, light for 1.
std::string shade(double share);

// Numbers of all curves together that a page carries at most; longer curves are thinned.
inline constexpr std::size_t kMostCurveNumbers = 400'000;

}  // namespace unroll
