// unroll schema: the JSON Schema of experiment files, for editors.
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/console.h"
