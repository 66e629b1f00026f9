// Feeds bytes to the reader of the gate's policies, which must refuse as a mistake of the user or make rules
// that can be judged.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/error.h"
#include "report/policy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const std::string text(reinterpret_cast<const char*>(data), size);
    for (const unroll::PolicyRule& rule : unroll::read_policy("fuzz.yaml", text).rules) {
      if (rule.metric == nullptr || !(rule.abs >= 0.0) || !(rule.rel >= 0.0) || !std::isfinite(rule.abs) ||
          !std::isfinite(rule.rel) || !(rule.level > 0.0 && rule.level < 1.0)) {
        std::abort();
      }
    }
  } catch (const unroll::UsageError&) {
  }
  return 0;
}
