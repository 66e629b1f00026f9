// Feeds bytes to the reader of experiment files. What is read must write out to a file that reads back to the
// same runs; what is refused must be refused as a mistake of the user.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/error.h"
#include "sweep/plan.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::vector<std::string> small = {"sweep.run_cap=100"};
  try {
    const unroll::Plan plan = unroll::parse_plan(text, "fuzz.yaml", small);
    if (unroll::parse_plan(plan.resolved, "fuzz.yaml", small).hash != plan.hash) std::abort();
  } catch (const unroll::UsageError&) {
  }
  // The same bytes as an override.
  try {
    unroll::parse_plan("sweep: {parameters: {model.hidden: [4, 8]}}", "fuzz.yaml", {text, small[0]});
  } catch (const unroll::UsageError&) {
  }
  return 0;
}
