// What Python sees of a results file: every library what was written, with labels, and the Python of the
// documentation runs.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <sstream>

#include "store/results.h"
#include "tests/store/python.h"
#include "tests/store/samples.h"

namespace unroll {
namespace {

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  std::ostringstream out;
  out.precision(17);
  out << value;
  return out.str();
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (char c : text)
    out += c == '\n' ? std::string("\\n") : c == '"' ? std::string("\\\"") : std::string(1, c);
  return out + "\"";
}

template <typename T, typename F>
std::string list(const std::vector<T>& values, const F& text) {
  std::string out;
  for (const T& value : values) out += (out.empty() ? "" : ", ") + text(value);
  return "[" + out + "]";
}

// The arrays that must be in the file, worked out from the records in the plainest way.
class Expected {
 public:
  explicit Expected(const Results& results) : results_(results) {
    for (const RunRecord& run : results.runs) {
      for (const NameList list : {NameList::kBlocks, NameList::kClasses}) {
        std::vector<std::string>& all = names_of(list);
        for (const std::string& name : run.names(list)) {
          if (std::count(all.begin(), all.end(), name) == 0) all.push_back(name);
        }
      }
      for (const DimInfo& dim : dims()) {
        std::size_t& length = lengths_[static_cast<std::size_t>(dim.id)];
        length = std::max(length, run.length(dim.id));
      }
    }
    for (const DimInfo& dim : dims()) {
      if (dim.own_names) lengths_[static_cast<std::size_t>(dim.id)] = names_of(*dim.own_names).size();
    }
  }

  std::string json() const {
    const Manifest& manifest = results_.manifest;
    std::string root = array("block", {"block"}, list(names_[0], quoted));
    for (const char* name : {"class", "predicted"})
      root += ", " + array(name, {name}, list(names_[1], quoted));
    for (const Dim dim : {Dim::kProbe, Dim::kGate}) {
      const DimInfo& info = dim_info(dim);
      const auto count = static_cast<std::ptrdiff_t>(lengths_[static_cast<std::size_t>(dim)]);
      const std::vector<std::string> labels(info.labels.begin(), info.labels.begin() + count);
      root += ", " + array(std::string(info.name), {std::string(info.name)}, list(labels, quoted));
    }
    root += ", " + array("run_id", {"run"}, list(manifest.run_ids, quoted));
    root += ", " + array("cell", {"run"}, list(std::get<2>(manifest.settings[0].values), quoted));
    const auto text = [](auto value) { return std::to_string(value); };
    root += ", " + array("seq_len", {"run"}, list(std::get<0>(manifest.settings[1].values), text));
    std::vector<int> states;
    std::vector<std::string> messages;
    std::vector<std::string> samples;
    for (const RunRecord& run : results_.runs) {
      states.push_back(static_cast<int>(run.state));
      messages.push_back(run.message);
      samples.push_back(run.sample);
    }
    root += ", " + array("state", {"run"}, list(states, text));
    root += ", " + array("message", {"run"}, list(messages, quoted));
    root += ", " + array("sample", {"run"}, list(samples, quoted));
    std::string measured;
    for (const MetricInfo& metric : metrics()) {
      if (metric.group == Group::kResult) {
        root += ", " + metric_array(metric);
      } else {
        measured += (measured.empty() ? "" : ", ") + metric_array(metric);
      }
    }
    return "{\"root\": {" + root + "}, \"measured\": {" + measured +
           "}, \"coordinates\": [\"run\", \"epoch\", \"block\", \"probe\", \"layer\", \"lag\", \"gate\", "
           "\"bin\", \"class\", \"predicted\", \"run_id\", "
           "\"replicate\", \"cell\", \"seq_len\"], \"attrs\": {\"experiment\": " +
           quoted(manifest.experiment) + ", \"metric\": \"valid_loss\", \"Conventions\": \"CF-1.10\"}, " +
           "\"provenance\": {\"resolved_yaml\": " + quoted(manifest.resolved_yaml) +
           ", \"host\": \"here\", \"compiler\": \"\"}}";
  }

 private:
  static std::string array(const std::string& name, const std::vector<std::string>& dims,
                           const std::string& values, const std::string& attrs = "") {
    return quoted(name) + ": {\"dims\": " + list(dims, quoted) + ", \"attrs\": {" + attrs +
           "}, \"values\": " + values + "}";
  }

  std::string metric_array(const MetricInfo& metric) const {
    std::vector<std::string> dims = {"run"};
    for (Dim dim : metric.dims) dims.emplace_back(dim_name(dim));
    std::vector<double> values;
    for (const RunRecord& run : results_.runs) {
      const std::vector<double>& mine = run[metric.id];
      const auto at = [&](bool there, std::size_t i) {
        values.push_back(there && !mine.empty() ? mine.at(i) : std::numeric_limits<double>::quiet_NaN());
      };
      const auto walk = [&](const auto& self, std::size_t axis, bool there, std::size_t place) -> void {
        if (axis == metric.dims.size()) return at(there, place);
        const Dim dim = metric.dims[axis];
        for (std::size_t i = 0; i < lengths_[static_cast<std::size_t>(dim)]; ++i) {
          std::size_t mine_at = i;
          if (const auto names = dim_info(dim).own_names) {
            const std::vector<std::string>& mine_names = run.names(*names);
            const auto found =
                std::find(mine_names.begin(), mine_names.end(), names_[static_cast<std::size_t>(*names)][i]);
            mine_at = static_cast<std::size_t>(found - mine_names.begin());
          }
          self(self, axis + 1, there && mine_at < run.length(dim), place * run.length(dim) + mine_at);
        }
      };
      walk(walk, 0, true, 0);
    }
    // xarray takes the unit of a time out of the attributes.
    const std::string unit(metric.unit == "loss" ? results_.manifest.loss : metric.unit);
    return array(std::string(metric.name), dims, list(values, number), "\"units\": " + quoted(unit));
  }

  const Results& results_;
  std::vector<std::string>& names_of(NameList list) { return names_[static_cast<std::size_t>(list)]; }

  std::array<std::vector<std::string>, static_cast<std::size_t>(NameList::kCount)> names_;
  std::array<std::size_t, static_cast<std::size_t>(Dim::kCount)> lengths_{};  // of the longest runs
};

TEST_F(Python, EveryLibrarySeesWhatWasWritten) {
  write_bytes(folder / "expected.json", Expected(results).json());
  expect_success({source("tests/store/check_results.py"), file, folder / "expected.json"});
  if (IsSkipped()) return;
  // The array that the script has added does not disturb us.
  expect_same(read_results(file), results);
}

TEST_F(Python, TheExamplesOfTheReadmeRun) {
  std::istringstream readme(read_bytes(source("results/README.md")));
  std::vector<std::string> blocks;
  bool inside = false;
  for (std::string line; std::getline(readme, line);) {
    if (line == "```python") {
      blocks.emplace_back();
      inside = true;
    } else if (line == "```") {
      inside = false;
    } else if (inside) {
      blocks.back() += line + "\n";
    }
  }
  EXPECT_GE(blocks.size(), 4U);
  // In one process, each with names of its own.
  std::vector<std::string> arguments = {"-c", "import runpy, sys; [runpy.run_path(f) for f in sys.argv[1:]]"};
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    arguments.push_back(folder / ("example" + std::to_string(i) + ".py"));
    write_bytes(arguments.back(), blocks[i]);
  }
  expect_success(arguments);
}

}  // namespace
}  // namespace unroll
