#include "sweep/diagnostics.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

namespace unroll {
namespace {

constexpr std::size_t kMaxLineShown = 120;

std::string join(const std::vector<Diagnostic>& diagnostics, std::size_t total) {
  std::string text;
  for (const Diagnostic& d : diagnostics) text += d.text;
  if (total > diagnostics.size()) text += fmt::format("... and {} more errors\n", total - diagnostics.size());
  if (!text.empty()) text.pop_back();
  return text;
}

std::string_view line_of(std::string_view text, std::size_t line) {
  for (; line > 0; --line) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  text = text.substr(0, text.find('\n'));
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

bool starts_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

// Characters, so that the caret stands right below text that is not ASCII.
std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_character));
}

// Text that is safe on a terminal: a tab is one space, control characters are '?'.
std::string printable(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c == '\t') c = ' ';
    if (static_cast<unsigned char>(c) < 0x20U || c == 0x7F) c = '?';
  }
  return out;
}

}  // namespace

SpecErrors::SpecErrors(std::vector<Diagnostic> diagnostics, std::size_t total)
    : UsageError("", join(diagnostics, total)), diagnostics_(std::move(diagnostics)), total_(total) {}

std::uint32_t Diagnostics::add_file(std::string name, std::string text) {
  sources_.push_back({std::move(name), std::move(text), false});
  return static_cast<std::uint32_t>(sources_.size() - 1);
}

std::uint32_t Diagnostics::add_override(std::string text) {
  sources_.push_back({"--set", std::move(text), true});
  return static_cast<std::uint32_t>(sources_.size() - 1);
}

void Diagnostics::error(const Mark& mark, std::string message, std::string help, std::optional<Note> note) {
  if (!seen_.emplace(mark.source, mark.line, mark.column, message).second) return;
  found_.push_back({mark, std::move(message), std::move(help), note});
}

void Diagnostics::throw_if_any() const {
  if (found_.empty()) return;
  std::vector<const Found*> sorted;
  for (const Found& found : found_) sorted.push_back(&found);
  // What was typed on the command line comes first.
  const auto place = [&](const Found* f) {
    return std::tuple(!sources_[f->mark.source].is_override, f->mark.source, f->mark.line, f->mark.column);
  };
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](const Found* a, const Found* b) { return place(a) < place(b); });
  if (sorted.size() > kMaxShown) sorted.resize(kMaxShown);
  std::vector<Diagnostic> shown;
  for (const Found* found : sorted) shown.push_back(render(*found));
  throw SpecErrors(std::move(shown), found_.size());
}

std::string Diagnostics::where(const Mark& mark) const {
  const Source& source = sources_[mark.source];
  if (source.is_override) return source.name;
  const std::string_view line = line_of(source.text, mark.line);
  const std::size_t column = characters(line.substr(0, mark.column));
  return fmt::format("{}:{}:{}", source.name, mark.line + 1, column + 1);
}

// The line and the caret below it; of a very long line only the part around the mark.
std::string Diagnostics::excerpt(const Mark& mark) const {
  const Source& source = sources_[mark.source];
  std::string_view line = line_of(source.text, mark.line);
  std::size_t column = std::min<std::size_t>(mark.column, line.size());
  if (line.size() > kMaxLineShown) {
    std::size_t begin = column > kMaxLineShown / 2 ? column - kMaxLineShown / 2 : 0;
    while (begin > 0 && !starts_character(line[begin])) --begin;
    std::size_t end = std::min(line.size(), begin + kMaxLineShown);
    while (end < line.size() && !starts_character(line[end])) ++end;
    line = line.substr(begin, end - begin);
    column -= begin;
  }
  const std::string before = printable(line.substr(0, column));
  const std::size_t width = characters(line.substr(column, mark.length));
  const std::string number = source.is_override ? "" : fmt::format("{}", mark.line + 1);
  const std::string tail(width > 1 ? width - 1 : 0, '~');
  return fmt::format("{:>5} | {}\n{:>5} | {}^{}\n", number, printable(line), "",
                     std::string(characters(before), ' '), tail);
}

Diagnostic Diagnostics::render(const Found& found) const {
  Diagnostic d{where(found.mark), found.message, found.help, {}};
  d.text = fmt::format("{}: error: {}\n{}", d.where, d.message, excerpt(found.mark));
  if (!d.help.empty()) d.text += fmt::format("      = help: {}\n", d.help);
  if (found.note) {
    const Mark& mark = found.note->mark;
    d.text += fmt::format("{}: note: {}\n{}", where(mark), found.note->text, excerpt(mark));
  }
  return d;
}

}  // namespace unroll
