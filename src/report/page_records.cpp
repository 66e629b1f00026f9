// What runs leave behind that is no number of a curve: confusion matrices and texts, method beside method.
#include <fmt/format.h>

#include <algorithm>

#include "report/confusion.h"
#include "report/markup.h"
#include "report/page.h"
#include "report/text_table.h"
#include "report/verdict.h"

namespace unroll {

namespace {

constexpr std::size_t kMostPoints = 12;
constexpr std::size_t kMostClasses = 30;  // of a matrix; of more the worst mistakes are told
constexpr std::size_t kMistakes = 5;

// part(runs, method) for every method and point that has runs, under a heading for each point.
template <typename Part>
std::string by_point(const Results& results, const Comparison& c, const Part& part) {
  const Grid grid = make_grid(results, judged_metric(results, c.metric), c.by);
  std::string out;
  for (std::size_t point = 0; point < std::min(grid.points.size(), kMostPoints); ++point) {
    std::string row;
    for (std::size_t method = 0; method < grid.methods.size(); ++method) {
      std::vector<std::size_t> runs;
      for (const Score& score : grid.cells[method][point]) runs.push_back(score.run);
      row += part(runs, grid.methods[method]);
    }
    if (row.empty()) continue;
    if (!c.axes.empty()) out += fmt::format("<h3>{}</h3>\n", html(point_label(c, point)));
    out += "<div class=\"row\">\n" + row + "</div>\n";
  }
  if (!out.empty() && grid.points.size() > kMostPoints)
    out +=
        fmt::format("<p class=\"caption\">The first {} of {} points.</p>\n", kMostPoints, grid.points.size());
  return out;
}

std::string matrix(const Confusion& confusion, const std::string& method) {
  std::string out = "<div class=\"scroll\">";
  if (confusion.classes.size() > kMostClasses) {
    out += fmt::format("<h4>{}</h4>", html(method));
  } else {
    out += fmt::format("<table class=\"map dense\"><caption>{}</caption>\n<tr><th></th>", html(method));
    for (const std::string& name : confusion.classes)
      out += fmt::format("<th scope=\"col\">{}</th>", html(name));
    out += "</tr>\n";
    for (std::size_t truth = 0; truth < confusion.classes.size(); ++truth) {
      out += fmt::format("<tr><th scope=\"row\">{}</th>", html(confusion.classes[truth]));
      for (std::size_t predicted = 0; predicted < confusion.classes.size(); ++predicted) {
        const double n = confusion.count(truth, predicted);
        out += n == 0.0 ? "<td></td>"
                        : fmt::format("<td style=\"{}\">{:.0f}</td>",
                                      shade(1.0 - confusion.share(truth, predicted)), n);
      }
      out += "</tr>\n";
    }
    out += "</table>\n";
  }
  return out + fmt::format("<p class=\"caption\">{}</p></div>\n", html(mistakes(confusion, kMistakes)));
}

}  // namespace

std::string confusion_html(const Results& results, const Comparison& c) {
  const std::string out =
      by_point(results, c, [&](const std::vector<std::size_t>& runs, const std::string& method) {
        const Confusion confusion = sum_confusion(results, runs);
        return confusion.empty() ? std::string() : matrix(confusion, method);
      });
  if (out.empty()) return "";
  return out + fmt::format(
                   "<p class=\"caption\">Test sequences of each class (down) by the class that was predicted "
                   "(across), all {}s together; darker is a larger share of the class.</p>\n",
                   c.repeat);
}

std::string samples_html(const Results& results, const Comparison& c) {
  const std::string out =
      by_point(results, c, [&](const std::vector<std::size_t>& runs, const std::string& method) {
        const auto run = std::find_if(runs.begin(), runs.end(),
                                      [&](std::size_t r) { return !results.runs[r].sample.empty(); });
        if (run == runs.end()) return std::string();
        const std::vector<double>& bits = results.runs[*run][Metric::kTestBits];
        return fmt::format(
            "<div><h4>{}</h4><pre class=\"sample\">{}</pre><p class=\"caption\">run {}{}</p></div>\n",
            html(method), html(results.runs[*run].sample), *run,
            bits.empty() ? "" : fmt::format(", {} bits per character", number(bits[0])));
      });
  if (out.empty()) return "";
  return out +
         "<p class=\"caption\">Drawn from the net of the best epoch, one character after the other; the "
         "first run "
         "of each method.</p>\n";
}

}  // namespace unroll
