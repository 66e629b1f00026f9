// The table of methods for a paper or a pull request.
#include <fmt/format.h>

#include <functional>

#include "report/compare.h"
#include "report/markup.h"
#include "report/statements.h"
#include "report/text_table.h"
#include "report/verdict.h"

namespace unroll {

namespace {

std::string escaped(std::string_view text, std::string_view special) {
  std::string out;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

// What stands for a character in LaTeX, "" if it stands for itself. '[' would begin an option of the line
// break before it; '<', '>' and '|' are other signs in TeX's own fonts.
std::string_view latex_sign(char c) {
  switch (c) {
    case '\\':
      return "\\textbackslash{}";
    case '~':
      return "\\textasciitilde{}";
    case '^':
      return "\\textasciicircum{}";
    case '<':
      return "\\textless{}";
    case '>':
      return "\\textgreater{}";
    case '|':
      return "\\textbar{}";
    case '[':
      return "{[}";
    case '\n':
      return " ";
    default:
      return "";
  }
}

std::string latex(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const std::string_view sign = latex_sign(c);
    out += sign.empty() ? escaped(std::string_view(&c, 1), "&%$#_{}") : std::string(sign);
  }
  return out;
}

// Cells of the rows of the table; the head first. A point comes in columns of its own.
std::vector<std::vector<std::string>> cells(const Comparison& c) {
  std::vector<std::vector<std::string>> out(1);
  out[0] = c.axes;
  out[0].push_back(c.by.empty() ? "experiment" : c.by);
  out[0].emplace_back("n");
  for (const StatisticInfo& s : statistics()) {
    if (s.id == Statistic::kMin || s.id == Statistic::kMax) continue;
    out[0].emplace_back(s.heading);
  }
  out[0].push_back(fmt::format("{:.4g} % interval", 100.0 * c.level));
  out[0].insert(out[0].end(), {"params", "s/run", "note"});
  for (const CompareRow& row : c.rows) {
    std::vector<std::string>& line = out.emplace_back();
    for (const AxisValue& value : c.points[row.point]) line.push_back(to_string(value));
    line.push_back(c.methods[row.method]);
    line.push_back(std::to_string(row.n));
    for (const StatisticInfo& s : statistics()) {
      if (s.id != Statistic::kMin && s.id != Statistic::kMax) line.push_back(number(row[s.id]));
    }
    line.insert(line.end(), {range(row.interval), whole(row.params), number(row.seconds), row_note(row)});
  }
  return out;
}

}  // namespace

std::string to_markdown(const Comparison& c) {
  std::string out = fmt::format("### {}: {}{}\n\n", markdown(c.experiment), markdown(c.metric),
                                c.by.empty() ? "" : " by " + markdown(c.by));
  for (const std::string& note : c.notes) out += fmt::format("{}\n", markdown(note));
  if (!c.notes.empty()) out += "\n";
  for (const std::string& sentence : c.verdict) out += fmt::format("- {}\n", markdown(sentence));
  out += "\n";
  bool head = true;
  for (const std::vector<std::string>& line : cells(c)) {
    out += "|";
    for (const std::string& cell : line) out += fmt::format(" {} |", markdown(cell));
    out += "\n";
    if (head) {
      out += "|";
      for (std::size_t i = 0; i < line.size(); ++i) out += "---|";
      out += "\n";
    }
    head = false;
  }
  return out;
}

std::string to_latex(const Comparison& c) {
  const std::vector<std::vector<std::string>> table = cells(c);
  std::string out =
      fmt::format("% {}: {}; needs \\usepackage{{booktabs}}\n\\begin{{tabular}}{{{}l{}l}}\n\\toprule\n",
                  escaped(c.experiment, ""), c.metric, std::string(c.axes.size(), 'r'),
                  std::string(table[0].size() - c.axes.size() - 2, 'r'));
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (i > 1 && !c.axes.empty() && c.rows[i - 1].point != c.rows[i - 2].point) out += "\\addlinespace\n";
    std::string line;
    for (const std::string& cell : table[i]) line += (line.empty() ? "" : " & ") + latex(cell);
    out += line + " \\\\\n";
    if (i == 0) out += "\\midrule\n";
  }
  return out + "\\bottomrule\n\\end{tabular}\n";
}

}  // namespace unroll
