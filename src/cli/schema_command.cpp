// unroll schema: the JSON Schema of experiment files, for editors.
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/console.h"
#include "sweep/schema.h"

namespace unroll {
namespace {

int show_schema(const Arguments&, Console& console) {
  console.print(json_schema());
  return kExitOk;
}

constexpr std::string_view kExamples[] = {"unroll schema > experiment.schema.json"};

}  // namespace

extern const Command kSchemaCommand = {
    "schema",    "print the JSON Schema (draft-07) of experiment files, for editors",
    "",          0,
    0,           {},
    "",          kExamples,
    show_schema,
};

}  // namespace unroll
