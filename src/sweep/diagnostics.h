// What is wrong with an experiment, told the way a compiler tells it: file:line:column, the offending
// line with a caret, and what to do. All mistakes of a file are collected and thrown together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/error.h"

namespace unroll {

// A place in one of the texts of a SourceTexts. Lines and columns count from 0, columns in bytes.
struct Mark {
  std::uint32_t source = 0;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint32_t length = 1;  // bytes to underline

  bool operator==(const Mark&) const = default;
};

struct Diagnostic {
  std::string where;    // "experiment.yaml:3:5", or "--set" for an override
  std::string message;  // "unknown key 'hiden' in 'model'"
  std::string help;     // "did you mean 'hidden'?", or empty
  std::string text;     // all of it, as printed
};

// Thrown by load_plan. what() is the text of all diagnostics, ready to print.
class SpecErrors : public UsageError {
 public:
  // total: how many there were, of which `diagnostics` are the first.
  SpecErrors(std::vector<Diagnostic> diagnostics, std::size_t total);

  const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }
  std::size_t total() const { return total_; }

 private:
  std::vector<Diagnostic> diagnostics_;
  std::size_t total_;
};

// Collects mistakes while an experiment is read.
class Diagnostics {
 public:
  static constexpr std::size_t kMaxShown = 20;

  // Registers a text that marks point into; returns Mark::source.
  std::uint32_t add_file(std::string name, std::string text);
  std::uint32_t add_override(std::string text);
  const std::string& text(std::uint32_t source) const { return sources_[source].text; }

  // A second place that belongs to a mistake.
  struct Note {
    Mark mark;
    std::string_view text = "first given here";
  };
  // The same message at the same place counts once.
  void error(const Mark& mark, std::string message, std::string help = {},
             std::optional<Note> note = std::nullopt);
  std::size_t count() const { return found_.size(); }
  // Throws SpecErrors, sorted by place, if there was any error.
  void throw_if_any() const;

 private:
  struct Source {
    std::string name;
    std::string text;
    bool is_override = false;
  };
  struct Found {
    Mark mark;
    std::string message;
    std::string help;
    std::optional<Note> note;
  };
  std::string where(const Mark& mark) const;
  std::string excerpt(const Mark& mark) const;
  Diagnostic render(const Found& found) const;

  std::vector<Source> sources_;
  std::vector<Found> found_;
  std::set<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::string>> seen_;
};

}  // namespace unroll
