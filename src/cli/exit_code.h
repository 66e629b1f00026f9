// What the exit codes mean; part of the interface, scripts rely on them.
#pragma once

namespace unroll {

enum ExitCode : int {
  kExitOk = 0,
  kExitFailed = 1,       // some runs failed, a check regressed, or a file cannot be read or written
  kExitUsage = 2,        // the command line or the experiment is wrong
  kExitUnmeasured = 3,   // nothing could be measured: missing cells, mismatched sweeps
  kExitBusy = 4,         // another process is writing to the same journal: this sweep or shard runs already
  kExitSignalBase = 128  // plus the number of the signal: 130 for Ctrl-C, 143 for SIGTERM
};

}  // namespace unroll
