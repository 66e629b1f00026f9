#include "report/confusion.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "report/text_table.h"

namespace unroll {

double Confusion::share(std::size_t truth, std::size_t predicted) const {
  double all = 0.0;
  for (std::size_t c = 0; c < classes.size(); ++c) all += count(truth, c);
  return all == 0.0 ? 0.0 : count(truth, predicted) / all;
}

Confusion sum_confusion(const Results& results, const std::vector<std::size_t>& runs) {
  Confusion sum;
  for (const std::size_t run : runs) {
    const RunRecord& record = results.runs[run];
    if (record[Metric::kConfusion].empty()) continue;
    for (const std::string& name : record.classes) {
      if (std::find(sum.classes.begin(), sum.classes.end(), name) == sum.classes.end())
        sum.classes.push_back(name);
    }
  }
  const std::size_t n = sum.classes.size();
  sum.counts.resize(n * n);
  for (const std::size_t run : runs) {
    const RunRecord& record = results.runs[run];
    const std::vector<double>& counts = record[Metric::kConfusion];
    if (counts.empty()) continue;
    std::vector<std::size_t> place;
    for (const std::string& name : record.classes) {
      const auto at = std::find(sum.classes.begin(), sum.classes.end(), name);
      place.push_back(static_cast<std::size_t>(at - sum.classes.begin()));
    }
    for (std::size_t i = 0; i < counts.size(); ++i)
      sum.counts[place[i / place.size()] * n + place[i % place.size()]] += counts[i];
  }
  return sum;
}

std::string mistakes(const Confusion& confusion, std::size_t most) {
  std::vector<std::tuple<double, std::size_t, std::size_t>> found;
  for (std::size_t truth = 0; truth < confusion.classes.size(); ++truth) {
    for (std::size_t predicted = 0; predicted < confusion.classes.size(); ++predicted) {
      if (truth != predicted && confusion.count(truth, predicted) > 0.0)
        found.emplace_back(-confusion.share(truth, predicted), truth, predicted);
    }
  }
  if (found.empty()) return "";
  std::sort(found.begin(), found.end());
  found.resize(std::min(found.size(), most));
  std::vector<std::string> words;
  for (const auto& [share, truth, predicted] : found) {
    words.push_back(fmt::format("{} taken for {} ({} %)", confusion.classes[truth],
                                confusion.classes[predicted], percent_text(-share)));
  }
  return fmt::format("Most confused: {}.", fmt::join(words, ", "));
}

}  // namespace unroll
