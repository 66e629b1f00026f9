# Writes OUTPUT, a source with the commit of the repository at SOURCE, and touches it only if that changed.
find_program(git git)
set(commit unknown)
if(git)
  execute_process(COMMAND ${git} -C ${SOURCE} describe --always --dirty
                  OUTPUT_VARIABLE described ERROR_QUIET RESULT_VARIABLE failed OUTPUT_STRIP_TRAILING_WHITESPACE)
  # A repository further up that this tree is only unpacked in says nothing about it.
  execute_process(COMMAND ${git} -C ${SOURCE} rev-parse --show-toplevel
                  OUTPUT_VARIABLE top ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  get_filename_component(here ${SOURCE} REALPATH)
  if(NOT failed AND top STREQUAL here)
    set(commit ${described})
  endif()
endif()
file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT [[
#include "cli/build_info.h"

namespace unroll {

std::string_view commit() { return "@commit@"; }

}  // namespace unroll
]])
