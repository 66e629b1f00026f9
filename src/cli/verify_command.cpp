// unroll verify: whether a results file is what was written.
#include <fmt/format.h>

#include <string>

#include "base/error.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/record_keeper.h"
#include "cli/sweep_journals.h"
#include "report/text_table.h"
#include "store/journal_names.h"
#include "store/results.h"

namespace unroll {
namespace {

int verify(const Arguments& arguments, Console& console) {
  const SweepFiles files = sweep_files(arguments.positional().at(0));
  const Results results = verify_results(files.results);
  std::size_t finished = 0;
  for (const RunRecord& record : results.runs) finished += record.state != RunState::kMissing ? 1 : 0;
  std::string journals;
  if (!journals_of(files.results).empty()) {
    SweepJournals sweep(files.results);
    sweep.update();
    if (sweep.manifest().run_ids == results.manifest.run_ids) {
      for (std::size_t run = 0; run < results.runs.size(); ++run) {
        // What has ended better since the file was made is not in it yet.
        if (state_rank(results.runs[run].state) < state_rank(sweep.index().state(run))) continue;
        const std::string what = first_difference(as_in_file(sweep.index().read(run)), results.runs[run]);
        if (what.empty()) continue;
        throw FileError(files.results.string(),
                        fmt::format("run {} ({}) is not what the journal has: {} differs", run,
                                    results.manifest.run_ids[run], what),
                        "'unroll run' or 'unroll merge' makes the file anew from the journal");
      }
      journals = fmt::format(", and {} with the same runs", count(sweep.journals().size(), "journal"));
    }
  }
  console.print(fmt::format("{}: sound: {} of {} finished, every checksum is right{}\n",
                            files.results.string(), finished, count(results.runs.size(), "run"), journals));
  return kExitOk;
}

constexpr std::string_view kExamples[] = {"unroll verify results/quickstart.h5"};

}  // namespace

extern const Command kVerifyCommand = {
    "verify",
    "check that a results file is, to the last bit, what was written",
    "RESULTS.h5",
    1,
    1,
    {},
    "Compares the whole file with its checksum, each array with its own, and every run with the journals "
    "beside "
    "the file, if there are any. Exit code: 0 sound, 1 damaged.",
    kExamples,
    verify,
};

}  // namespace unroll
