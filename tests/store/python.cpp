#include "tests/store/python.h"

#include <cstdint>

namespace unroll {

namespace {

constexpr const char* kPython = "/usr/bin/python3";

}  // namespace

Results sample_quickstart() {
  Results results = sample_results(0);
  Manifest& manifest = results.manifest;
  std::vector<std::string> cells;
  std::vector<std::int64_t> lengths;
  for (const char* cell : {"rnn", "lstm", "gru"}) {
    for (const std::int64_t length : {30, 100}) {
      for (std::uint32_t replicate = 0; replicate < 5; ++replicate) {
        manifest.run_ids.push_back(cell + std::to_string(length) + "-" + std::to_string(replicate));
        manifest.replicate.push_back(replicate);
        cells.emplace_back(cell);
        lengths.push_back(length);
        results.runs.push_back(sample_run(static_cast<std::uint32_t>(results.runs.size())));
      }
    }
  }
  results.runs[4] = RunRecord();
  manifest.settings = {{"cell", "model.cell", "", "kind of cell", std::move(cells)},
                       {"seq_len", "task.seq_len", "steps", "length of a sequence", std::move(lengths)}};
  return results;
}

void Python::SetUp() {
  std::filesystem::create_directory(folder / "results");
  write_results(file, results);
  for (const char* name : {"text.h5", "digits.h5"}) std::filesystem::copy(file, folder / "results" / name);
}

testing::ProcessResult Python::run(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), kPython);
  return testing::run_process(arguments, {folder.path(), {{"PYTHONWARNINGS", "ignore"}}});
}

std::string Python::expect_success(const std::vector<std::string>& arguments) {
  const testing::ProcessResult result = run(arguments);
  const std::size_t missing = result.err.find("No module named");
  if (result.exit_code != 0 && missing != std::string::npos) {
    skip(result.err.substr(missing));
  } else {
    EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  }
  return result.out;
}

void Python::skip(const std::string& why) {
  GTEST_SKIP() << kPython << ": " << why << "`scripts/install test` installs what is needed";
}

}  // namespace unroll
