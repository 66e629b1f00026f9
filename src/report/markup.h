// Any text as a part of a document in another language.
#pragma once

#include <string>
#include <string_view>

namespace unroll {

// & < > and double quotes as entities: for HTML and XML.
std::string html(std::string_view text);

// On one line, with a backslash before what would be more than text, in the cell of a table as well.
std::string markdown(std::string_view text);

// JSON that may stand in a script element: "</script>" in a text does not end it.
std::string script_json(std::string_view json);

}  // namespace unroll
