#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/markup.h"
#include "report/page.h"
#include "report/ranks.h"

namespace unroll {

namespace {

bool is_in(const std::vector<std::size_t>& group, std::size_t method) {
  return std::find(group.begin(), group.end(), method) != group.end();
}

constexpr double kCharacter = 7.5;  // pixels that a character of the diagram's text takes, most often less
constexpr double kTick = 22.0;      // from one rank to the next, at least
constexpr double kShortestAxis = 300.0;
constexpr std::size_t kLongestName = 44;  // characters; of longer names the middle is left out

std::vector<std::string> characters(const std::string& text) {
  std::vector<std::string> out;
  for (const char c : text) {
    const bool goes_on = (static_cast<unsigned char>(c) & 0xc0U) == 0x80U;  // of a code point of UTF-8
    if (out.empty() || !goes_on) out.emplace_back();
    out.back() += c;
  }
  return out;
}

// A method as the diagram writes it: its end tells names apart as often as its beginning.
struct Label {
  explicit Label(const std::string& name) : text(name) {
    const std::vector<std::string> all = characters(name);
    length = std::min(all.size(), kLongestName);
    if (all.size() <= kLongestName) return;
    const std::size_t end = kLongestName / 2;
    const std::size_t begin = kLongestName - 1 - end;
    const auto at = all.begin();
    text = fmt::format("{}\u2026{}", fmt::join(at, at + static_cast<std::ptrdiff_t>(begin), ""),
                       fmt::join(all.end() - static_cast<std::ptrdiff_t>(end), all.end(), ""));
    title = fmt::format("<title>{}</title>", html(name));
  }

  std::string text;
  std::string title;
  std::size_t length = 0;
};

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
  const std::size_t half = (order.size() + 1) / 2;
  std::vector<Label> labels;  // in that order
  std::size_t longest[2] = {0, 0};
  for (std::size_t i = 0; i < order.size(); ++i) {
    labels.emplace_back(methods[order[i]]);
    std::size_t& side = longest[i < half ? 0 : 1];
    side = std::max(side, labels.back().length);
  }
  const auto margin = [](std::size_t characters_of_name) {
    constexpr std::size_t kRankText = 6;  // " 12.34"
    return 20.0 + kCharacter * static_cast<double>(characters_of_name + kRankText);
  };
  const double left = margin(longest[0]);
  const double right = left + std::max(kShortestAxis, kTick * (k - 1.0));
  const double width = right + margin(longest[1]);
  const auto x = [&](double rank) { return left + (rank - 1.0) / (k - 1.0) * (right - left); };
  const double bars = 62.0 + 9.0 * static_cast<double>(ranks.groups.size());
  const double height = bars + 22.0 * static_cast<double>(half) + 8.0;
  std::string out = fmt::format(
      "<svg viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" height=\"{1:.0f}\" role=\"img\" "
      "aria-label=\"Critical-difference diagram\">\n<line x1=\"{2:.1f}\" x2=\"{3:.1f}\" y1=\"46\" "
      "y2=\"46\"/>\n",
      width, height, left, right);
  for (std::size_t rank = 1; rank <= methods.size(); ++rank) {
    const double at = x(static_cast<double>(rank));
    out += fmt::format(
        "<line x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"40\" y2=\"46\"/><text x=\"{0:.1f}\" y=\"35\" "
        "text-anchor=\"middle\">{1}</text>\n",
        at, rank);
  }
  if (!std::isnan(ranks.critical_difference)) {
    const double cd = std::min(ranks.critical_difference / (k - 1.0) * (right - left), width - left);
    out += fmt::format(
        "<text x=\"{0:.1f}\" y=\"12\">critical difference {2:.2f}</text><line x1=\"{0:.1f}\" x2=\"{1:.1f}\" "
        "y1=\"19\" y2=\"19\" stroke-width=\"2\"/>\n",
        left, left + cd, ranks.critical_difference);
  }
  for (std::size_t i = 0; i < order.size(); ++i) {
    const bool is_left = i < half;
    const double y = bars + 22.0 * static_cast<double>(is_left ? i : order.size() - 1 - i) + 4.0;
    const double at = x(ranks.mean_rank[order[i]]);
    const double end = is_left ? left - 12.0 : right + 12.0;
    out += fmt::format(
        "<line x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"46\" y2=\"{1:.1f}\"/><line x1=\"{0:.1f}\" x2=\"{2:.1f}\" "
        "y1=\"{1:.1f}\" y2=\"{1:.1f}\"/><text x=\"{3:.1f}\" y=\"{4:.1f}\" text-anchor=\"{5}\">{6}{7} "
        "{8:.2f}</text>\n",
        at, y, end, is_left ? end - 4.0 : end + 4.0, y + 4.0, is_left ? "end" : "start", labels[i].title,
        html(labels[i].text), ranks.mean_rank[order[i]]);
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
