// The form of an experiment file as a JSON Schema, for editors.
#pragma once

#include <string>

namespace unroll {

// Draft-07, made from the key table. It accepts every file that load_plan accepts and refuses the same
// unknown keys, types, ranges and choices. What depends on several keys or on files, and some ways of writing
// (`010`, duplicate keys, aliases), only load_plan refuses.
std::string json_schema();

}  // namespace unroll
