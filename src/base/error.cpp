#include "base/error.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace unroll {
namespace {

std::string join(const std::string& where, const std::string& what, const std::string& hint) {
  std::string text = where.empty() ? what : fmt::format("{}: {}", where, what);
  if (!hint.empty()) text += fmt::format(" ({})", hint);
  return text;
}

}  // namespace

Error::Error(std::string where, std::string what, std::string hint)
    : std::runtime_error(join(where, what, hint)),
      where_(std::move(where)),
      message_(std::move(what)),
      hint_(std::move(hint)) {}

void check_failed(const char* file, int line, const char* condition, const std::string& detail) {
  fmt::print(stderr, "{}:{}: internal error: {} does not hold: {}\n", file, line, condition, detail);
  std::abort();
}

}  // namespace unroll
