// The options that `run` and `plan` share: which experiment, with which changes, on which machine.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>

#include "cli/arguments.h"
#include "sweep/plan.h"

namespace unroll {

inline constexpr Option kSetOption = {"set", 0, "KEY=VALUE",
                                      "change a key of the experiment, as in --set train.lr=3e-3 or --set "
                                      "'sweep.parameters.model.cell=[rnn, gru]'; may be given again",
                                      true};
inline constexpr Option kJobsOption = {"jobs", 'j', "N",
                                       "runs at once, one core each; the default is every core that the "
                                       "affinity mask, the cgroup quota and SLURM allow"};
inline constexpr Option kIsaOption = {
    "isa", 0, "NAME",
    "instruction set to use, so that two machines give the same bits; 'unroll "
    "info' lists them; the environment variable UNROLL_ISA does the same"};

// The arguments of an 'unroll run' of the same experiment with the same changes, and with these of its
// options that were given.
std::string run_arguments(const Arguments& arguments, std::size_t file,
                          std::initializer_list<const char*> options);
// Forces the instruction set of --isa, loads FILE.yaml with --set and the words KEY=VALUE after it. file:
// which word is FILE.yaml.
Plan load_experiment(const Arguments& arguments, std::size_t file = 0);
// -j, or every core that may be used.
std::size_t worker_count(const Arguments& arguments);

}  // namespace unroll
