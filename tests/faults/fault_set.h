// The groups of faults, and how much of each is tried.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace unroll::testing {

// How much is to be tried.
struct FaultPlan {
  bool slice = true;  // a part that fits into every test run, or everything
  // Of what is drawn: the moments of kills, the bits that flip, the part of the slice, the order.
  std::uint32_t seed = 1;
  std::size_t workers = 2;
  std::chrono::minutes longest{1 << 20};  // for each group
};

// One thing to try: its name, with which it can be tried alone, and what is wrong ("" = nothing).
struct FaultCase {
  std::string name;
  std::function<std::string()> run;
};

// Each makes its cases; a case may be run on any thread.
std::vector<FaultCase> call_cases(const FaultPlan& plan);  // every call that changes a file, in every way
std::vector<FaultCase> pair_cases(const FaultPlan& plan);  // a second one during recovery from the first
std::vector<FaultCase> allocation_cases(const FaultPlan& plan);  // every allocation
std::vector<FaultCase> kill_cases(const FaultPlan& plan);        // SIGKILL at random moments
std::vector<FaultCase> place_cases(const FaultPlan& plan);  // full, limited and read-only file systems; locks
std::vector<FaultCase> bit_cases(const FaultPlan& plan);    // flipped bits, cut, older and newer files

// A number in [0, below) that depends on seed, name and index alone.
std::uint32_t draw(const FaultPlan& plan, const std::string& name, std::uint32_t index, std::uint32_t below);

}  // namespace unroll::testing
