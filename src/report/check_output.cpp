#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "report/check.h"
#include "report/markup.h"
#include "report/text_table.h"

namespace unroll {

namespace {

using Json = nlohmann::ordered_json;

constexpr Verdict kVerdicts[] = {Verdict::kRegressed, Verdict::kUnmeasured, Verdict::kImproved,
                                 Verdict::kPassed};
constexpr std::size_t kMostListed = 20;

std::string value_words(const CheckItem& item) {
  if (std::isnan(item.value) || std::isnan(item.baseline)) return "";
  return fmt::format("{} -> {}", number(item.baseline), number(item.value));
}

// The metrics in the order of the policy, each once.
std::vector<std::string> metrics_of(const CheckReport& report) {
  std::vector<std::string> names;
  for (const CheckItem& item : report.items) {
    if (std::find(names.begin(), names.end(), item.metric) == names.end()) names.push_back(item.metric);
  }
  return names;
}

std::string conclusion(const CheckReport& report) {
  std::vector<std::string> parts;
  for (const Verdict verdict : kVerdicts) {
    if (const std::size_t n = report.count(verdict); n > 0)
      parts.push_back(fmt::format("{} {}", n, verdict_name(verdict)));
  }
  return fmt::format("{}: {} ({})", report.experiment, verdict_name(report.verdict()),
                     parts.empty() ? "nothing was judged" : fmt::format("{}", fmt::join(parts, ", ")));
}

// XML 1.0 has no place for most control characters.
std::string xml(std::string_view text) {
  std::string out = html(text);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return out;
}

}  // namespace

std::string to_text(const CheckReport& report, std::size_t width) {
  width = std::clamp<std::size_t>(width, 60, 120);
  std::string out = conclusion(report) + "\n\n";
  TextTable table(
      {{"metric", true}, {"rule", true}, {"passed"}, {"improved"}, {"regressed"}, {"unmeasured"}});
  for (const std::string& metric : metrics_of(report)) {
    CheckReport part;
    for (const CheckItem& item : report.items) {
      if (item.metric == metric) part.items.push_back(item);
    }
    std::vector<std::string> cells = {metric, std::string(rule_name(part.items.front().rule))};
    for (const Verdict v :
         {Verdict::kPassed, Verdict::kImproved, Verdict::kRegressed, Verdict::kUnmeasured}) {
      cells.push_back(part.count(v) == 0 ? "" : std::to_string(part.count(v)));
    }
    table.add(std::move(cells));
  }
  out += table.text(width);
  for (const Verdict verdict : kVerdicts) {
    if (verdict == Verdict::kPassed || report.count(verdict) == 0) continue;
    out += fmt::format("\n{}\n", verdict_name(verdict));
    std::size_t listed = 0;
    for (const CheckItem& item : report.items) {
      if (item.verdict != verdict) continue;
      if (++listed > kMostListed) continue;
      const std::string values = value_words(item);
      out += paragraph("  ",
                       fmt::format("{}, {}: {}{}{}", item.metric, item.where, item.message,
                                   values.empty() ? "" : fmt::format(" (median {})", values),
                                   item.required ? "" : " (not required)"),
                       width);
    }
    if (listed > kMostListed) out += fmt::format("  and {} more, all with --json\n", listed - kMostListed);
  }
  for (const std::string& note : report.notes) out += "\n" + paragraph("note: ", note, width);
  return out;
}

std::string to_json(const CheckReport& report) {
  Json items = Json::array();
  for (const CheckItem& item : report.items) {
    items.push_back({{"metric", item.metric},
                     {"rule", rule_name(item.rule)},
                     {"where", item.where},
                     {"verdict", verdict_name(item.verdict)},
                     {"required", item.required},
                     {"runs", item.runs},
                     {"baseline", item.baseline},
                     {"value", item.value},
                     {"p_value", item.p_value},
                     {"message", item.message}});
  }
  Json document = {{"schema", kCheckSchema},
                   {"experiment", report.experiment},
                   {"verdict", verdict_name(report.verdict())}};
  for (const Verdict v : kVerdicts) document[std::string(verdict_name(v))] = report.count(v);
  document["notes"] = report.notes;
  document["items"] = std::move(items);
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string to_markdown(const CheckReport& report) {
  std::string out = fmt::format("### unroll check: {}\n\n", markdown(conclusion(report)));
  out += "| verdict | metric | where | rule | baseline -> now | |\n|---|---|---|---|---|---|\n";
  std::size_t listed = 0;
  for (const Verdict verdict : kVerdicts) {
    if (verdict == Verdict::kPassed) continue;
    for (const CheckItem& item : report.items) {
      if (item.verdict != verdict || ++listed > kMostListed) continue;
      out += fmt::format("| **{}** | {} | {} | {} | {} | {} |\n", verdict_name(verdict),
                         markdown(item.metric), markdown(item.where), rule_name(item.rule),
                         markdown(value_words(item)), markdown(item.message));
    }
  }
  if (listed > kMostListed) out += fmt::format("| | | and {} more | | | |\n", listed - kMostListed);
  for (const std::string& metric : metrics_of(report)) {
    std::size_t passed = 0;
    for (const CheckItem& item : report.items) {
      passed += item.metric == metric && item.verdict == Verdict::kPassed;
    }
    if (passed > 0)
      out += fmt::format("| passed | {} | {} | | | |\n", markdown(metric), count(passed, "group"));
  }
  for (const std::string& note : report.notes) out += fmt::format("\n{}\n", markdown(note));
  return out;
}

std::string to_junit(const CheckReport& report) {
  std::size_t errors = 0;
  std::size_t skipped = 0;
  for (const CheckItem& item : report.items) {
    if (item.verdict == Verdict::kUnmeasured) ++(item.required ? errors : skipped);
  }
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  out += fmt::format(
      "  <testsuite name=\"unroll check {}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n",
      xml(report.experiment), report.items.size(), report.count(Verdict::kRegressed), errors, skipped);
  for (const CheckItem& item : report.items) {
    const char* element = item.verdict == Verdict::kRegressed    ? "failure"
                          : item.verdict != Verdict::kUnmeasured ? ""
                          : item.required                        ? "error"
                                                                 : "skipped";
    out += fmt::format("    <testcase classname=\"{}.{}\" name=\"{}\"", xml(report.experiment),
                       xml(item.metric), xml(item.where));
    if (*element == '\0') {
      out += fmt::format("><system-out>{}: {}</system-out></testcase>\n", verdict_name(item.verdict),
                         xml(item.message));
    } else {
      out += fmt::format("><{} message=\"{}\"/></testcase>\n", element, xml(item.message));
    }
  }
  return out + "  </testsuite>\n</testsuites>\n";
}

}  // namespace unroll
