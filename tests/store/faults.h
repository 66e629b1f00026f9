// Makes the n-th call that changes a file fail. The test program's own write, fsync, rename ... stand in
// front of the system's, for the code under test and for HDF5 alike.
#pragma once

#include <functional>
#include <string>

namespace unroll {

enum class Fault {
  kNone,
  kKill,        // the process dies before the call
  kTorn,        // half of the bytes are written, then the process dies
  kIoError,     // EIO, once
  kIoErrors,    // EIO, from then on
  kDiskFull,    // ENOSPC for every write from then on
  kShortWrite,  // one byte only, once
};

// For the names of tests.
std::string fault_name(Fault fault);

// Counts from 1. Calls before the n-th are real. Disarms with Fault::kNone.
void arm(Fault fault, int nth);
// Calls seen since arm().
int calls_seen();

// How a child process ended.
struct Ending {
  bool killed = false;  // by SIGKILL
  int code = -1;        // of _exit, -1 if a signal ended it
  int signal = 0;
};
// Runs f in a child, which ends with its result.
Ending in_child(const std::function<int()>& f);

}  // namespace unroll
