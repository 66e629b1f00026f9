// Errors. A user's mistake (bad YAML, bad file, bad argument) is an Error with where, what and hint,
// thrown before any training starts. A run that fails is a state in its RunRecord, not an exception.
// Our own mistake is UNROLL_CHECK. Library folders never print and never exit; only cli speaks.
#pragma once

#include <stdexcept>
#include <string>

namespace unroll {

// What went wrong, in the three parts that every message to a user has.
class Error : public std::runtime_error {
 public:
  // where: "file.yaml:3:5", a path, or an option; may be empty. hint: what to do next; may be empty.
  Error(std::string where, std::string what, std::string hint = {});

  const std::string& where() const { return where_; }
  const std::string& message() const { return message_; }
  const std::string& hint() const { return hint_; }

 private:
  std::string where_;
  std::string message_;
  std::string hint_;
};

// The user's input is wrong: exit code 2.
class UsageError : public Error {
  using Error::Error;
};

// A file cannot be read or written, or its content is damaged: exit code 1.
class FileError : public Error {
  using Error::Error;
};

// Prints the broken assumption to stderr and aborts.
[[noreturn]] void check_failed(const char* file, int line, const char* condition, const std::string& detail);

}  // namespace unroll

// An assumption of ours that no input may break. Active in every build.
#define UNROLL_CHECK(condition, detail)                                               \
  do {                                                                                \
    if (!(condition)) ::unroll::check_failed(__FILE__, __LINE__, #condition, detail); \
  } while (false)
