#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "cli/app.h"
#include "cli/exit_code.h"

int main(int argc, char** argv) {
  const int code = unroll::run_app(std::vector<std::string>(argv, argv + argc));
  // After a failed close the HDF5 library may crash in its own clean-up at exit: leave without it.
  if (code != unroll::kExitOk) {
    std::fflush(nullptr);
    _exit(code);
  }
  return code;
}
