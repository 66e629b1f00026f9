#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/page.h"
#include "report/ranks.h"

namespace unroll {

namespace {

bool is_in(const std::vector<std::size_t>& group, std::size_t method) {
  return std::find(group.begin(), group.end(), method) != group.end();
}

}  // namespace

// A line for each method; methods under a common bar are not shown to differ:
//   gru   1.20  |--*---------------------------|  a
//   lstm  1.80  |-----------*------------------|  a
//   rnn   3.00  |------------------------------*
std::string rank_diagram_text(const RankTable& ranks, const std::vector<std::string>& methods) {
  constexpr std::size_t kWidth = 40;
  std::size_t longest = 0;
  for (const std::string& name : methods) longest = std::max(longest, name.size());
  std::string out;
  const auto most = static_cast<double>(methods.size());
  for (const std::size_t m : by_mean_rank(ranks)) {
    std::string line(kWidth, '-');
    line[static_cast<std::size_t>(std::lround((ranks.mean_rank[m] - 1.0) / (most - 1.0) * (kWidth - 1)))] =
        '*';
    std::string letters;
    for (std::size_t g = 0; g < ranks.groups.size(); ++g) {
      letters += is_in(ranks.groups[g], m) ? static_cast<char>('a' + g % 26) : ' ';
    }
    out += fmt::format("  {:<{}}  {:.2f}  |{}|  {}", methods[m], longest, ranks.mean_rank[m], line, letters);
    out.erase(out.find_last_not_of(' ') + 1);
    out += '\n';
  }
  return out;
}

std::string rank_diagram_svg(const RankTable& ranks, const std::vector<std::string>& methods) {
  if (ranks.mean_rank.empty()) return "";
  const std::vector<std::size_t> order = by_mean_rank(ranks);
  const auto k = static_cast<double>(methods.size());
  const double left = 150.0;
  const double right = 450.0;
  const auto x = [&](double rank) { return left + (rank - 1.0) / (k - 1.0) * (right - left); };
  const std::size_t half = (order.size() + 1) / 2;
  const double bars = 62.0 + 9.0 * static_cast<double>(ranks.groups.size());
  const double height = bars + 22.0 * static_cast<double>(half) + 8.0;
  std::string out = fmt::format(
      "<svg viewBox=\"0 0 600 {0:.0f}\" width=\"600\" height=\"{0:.0f}\" role=\"img\" "
      "aria-label=\"Critical-difference "
      "diagram\">\n<line x1=\"{1}\" x2=\"{2}\" y1=\"46\" y2=\"46\"/>\n",
      height, left, right);
  for (std::size_t rank = 1; rank <= methods.size(); ++rank) {
    const double at = x(static_cast<double>(rank));
    out += fmt::format(
        "<line x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"40\" y2=\"46\"/><text x=\"{0:.1f}\" y=\"35\" "
        "text-anchor=\"middle\">{1}</text>\n",
        at, rank);
  }
  if (!std::isnan(ranks.critical_difference)) {
    const double cd = std::min(ranks.critical_difference / (k - 1.0) * (right - left), 430.0);
    out += fmt::format(
        "<line x1=\"{0}\" x2=\"{1:.1f}\" y1=\"12\" y2=\"12\" stroke-width=\"2\"/><text x=\"{2:.1f}\" "
        "y=\"16\">critical difference {3:.2f}</text>\n",
        left, left + cd, left + cd + 8.0, ranks.critical_difference);
  }
  for (std::size_t i = 0; i < order.size(); ++i) {
    const bool is_left = i < half;
    const double y = bars + 22.0 * static_cast<double>(is_left ? i : order.size() - 1 - i) + 4.0;
    const double at = x(ranks.mean_rank[order[i]]);
    const double end = is_left ? left - 12.0 : right + 12.0;
    out += fmt::format(
        "<line x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"46\" y2=\"{1:.1f}\"/><line x1=\"{0:.1f}\" x2=\"{2:.1f}\" "
        "y1=\"{1:.1f}\" y2=\"{1:.1f}\"/><text x=\"{3:.1f}\" y=\"{4:.1f}\" text-anchor=\"{5}\">{6} "
        "{7:.2f}</text>\n",
        at, y, end, is_left ? end - 4.0 : end + 4.0, y + 4.0, is_left ? "end" : "start",
        html(methods[order[i]]), ranks.mean_rank[order[i]]);
  }
  for (std::size_t g = 0; g < ranks.groups.size(); ++g) {
    const double y = 55.0 + 9.0 * static_cast<double>(g);
    out += fmt::format(
        "<line x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{}\" y2=\"{}\" stroke-width=\"5\" "
        "stroke-linecap=\"round\"/>\n",
        x(ranks.mean_rank[ranks.groups[g].front()]) - 3.0, x(ranks.mean_rank[ranks.groups[g].back()]) + 3.0,
        y, y);
    // Under Wilcoxon's test a bar may pass a method that is none of its own.
    for (const std::size_t m : ranks.groups[g]) {
      out += fmt::format("<circle cx=\"{:.1f}\" cy=\"{}\" r=\"4\"/>\n", x(ranks.mean_rank[m]), y);
    }
  }
  return out + "</svg>\n";
}

}  // namespace unroll
