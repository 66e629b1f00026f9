#include "store/export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "store/crc32c.h"
#include "tests/store/samples.h"
#include "tests/support/process.h"

namespace unroll {
namespace {

using Json = nlohmann::json;

class Export : public ::testing::Test {
 protected:
  // Skips the test if a package is missing.
  void check(const std::string& what, const std::filesystem::path& path, const Json& expected) {
    write_bytes(folder / "expected.json", expected.dump());
    const std::string script = std::string(UNROLL_SOURCE_DIR) + "/tests/store/check_export.py";
    const testing::ProcessResult result =
        testing::run_process({"/usr/bin/python3", script, what, path, folder / "expected.json"});
    if (result.err.find("No module named") != std::string::npos) GTEST_SKIP() << result.err;
    EXPECT_EQ(result.exit_code, 0) << result.err;
  }

  MemoryFolder folder;
  Results results = sample_results(12);
};

TEST_F(Export, WeightsAreReadByNumpyAndH5py) {
  const RunRecord& record = results.runs[1];
  ASSERT_FALSE(record.weights.empty());
  Json expected = {{"cell", "gru"}, {"weights", Json::object()}};
  for (const KeptParameter& p : record.weights) {
    const Json shape = p.columns == 0 ? Json{p.rows} : Json{p.rows, p.columns};
    expected["weights"][p.name] = {shape, std::vector<double>(p.values.begin(), p.values.end())};
  }
  for (const char* name : {"w.npz", "w.h5"}) {
    export_weights(folder / name, record, {{"cell", "gru"}, {"activation", ""}});
    check("weights", folder / name, expected);
  }
}

TEST_F(Export, ScalarsAreReadByTensorboard) {
  export_tensorboard(folder / "tb", results);
  Json expected = Json::object();
  for (std::size_t run = 0; run < results.runs.size(); ++run) {
    const std::vector<double>& curve = results.runs[run][Metric::kTrainLoss];
    Json points = Json::array();
    for (std::size_t i = 0; i < curve.size(); ++i) {
      if (std::isfinite(curve[i]))
        points.push_back({i + 1, static_cast<double>(static_cast<float>(curve[i]))});
    }
    if (points.size() == curve.size() && !curve.empty())
      expected[results.manifest.run_ids[run]]["train_loss"] = points;
  }
  ASSERT_FALSE(expected.empty());
  check("tensorboard", folder / "tb", expected);
}

// Without the package: the frames are sound and hold the tags.
TEST_F(Export, EventsAreSoundRecords) {
  export_tensorboard(folder / "tb", results);
  const std::string bytes =
      read_bytes(folder / ("tb/" + results.manifest.run_ids[0] + "/events.out.tfevents.0.unroll"));
  const auto number = [&](std::size_t at, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i)
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
    return value;
  };
  const auto masked = [](std::string_view part) {
    const std::uint32_t crc = crc32c(part);
    return (crc >> 15 | crc << 17) + 0xA282EAD8U;
  };
  std::size_t events = 0;
  for (std::size_t at = 0; at < bytes.size(); ++events) {
    const auto length = static_cast<std::size_t>(number(at, 8));
    ASSERT_EQ(number(at + 8, 4), masked(std::string_view(bytes).substr(at, 8)));
    ASSERT_EQ(number(at + 12 + length, 4), masked(std::string_view(bytes).substr(at + 12, length)));
    at += 16 + length;
  }
  EXPECT_GT(events, 5U);
  EXPECT_THAT(bytes, ::testing::HasSubstr("brain.Event:2"));
  EXPECT_THAT(bytes, ::testing::HasSubstr("valid_loss"));
}

TEST_F(Export, CsvQuotesAndLeavesOutWhatIsNot) {
  results.runs[2].message = "a \"quoted\", text\nof two lines";
  export_csv(folder / "csv", results);
  const std::string runs = read_bytes(folder / "csv/runs.csv");
  EXPECT_THAT(runs, ::testing::HasSubstr("failed,\"a \"\"quoted\"\", text\nof two lines\","));
  EXPECT_EQ(runs.find("nan"), std::string::npos);
  std::istringstream lines(read_bytes(folder / "csv/epochs.csv"));
  std::string line;
  std::getline(lines, line);
  EXPECT_TRUE(line.starts_with("run,run_id,epoch,train_loss,valid_loss")) << line;
  std::size_t rows = 0;
  while (std::getline(lines, line)) ++rows;
  std::size_t epochs = 0;
  for (const RunRecord& run : results.runs) epochs += run.epochs;
  EXPECT_EQ(rows, epochs);
}

TEST_F(Export, JsonHasEveryNumber) {
  const Json json = Json::parse(results_json(results));
  ASSERT_EQ(json["runs"].size(), results.runs.size());
  for (std::size_t run = 0; run < results.runs.size(); ++run) {
    EXPECT_EQ(json["runs"][run]["state"], state_name(results.runs[run].state));
    for (const MetricInfo& metric : metrics()) {
      const std::vector<double>& values = results.runs[run][metric.id];
      const std::string name(metric.name);
      ASSERT_EQ(json["runs"][run].contains(name), !values.empty()) << name;
      if (values.empty()) continue;
      EXPECT_EQ(metric.dims.empty() ? 1 : json["runs"][run][name].size(), values.size()) << name;
    }
  }
}

TEST_F(Export, JsonTellsTheAxesOfItsArrays) {
  const Json json = Json::parse(results_json(results));
  ASSERT_TRUE(json.contains("axes"));
  EXPECT_EQ(json["axes"]["grad_l2"], (Json{"epoch", "block"}));
  EXPECT_FALSE(json["axes"].contains("test_loss"));
  for (const Json& run : json["runs"]) {
    for (const auto& [name, axes] : json["axes"].items()) {
      if (!run.contains(name)) continue;
      std::size_t size = 1;
      for (const Json& axis : axes) size *= run["axes"][axis.get<std::string>()].size();
      EXPECT_EQ(run[name].size(), size) << name;
    }
  }
  const RunRecord& record = results.runs[1];
  const Json& places = json["runs"][1]["axes"];
  EXPECT_EQ(places["block"], record.blocks);
  EXPECT_EQ(places["epoch"][0], 1);
  EXPECT_EQ(places["lag"][0], 0);
  EXPECT_EQ(places["probe"][0], kProbeNames[0]);
}

TEST_F(Export, NoValueIsNotInfinity) {
  RunRecord& record = results.runs[1];
  std::vector<double>& values = record[Metric::kGradHalfLife];
  ASSERT_GE(values.size(), 2U);
  values[0] = std::numeric_limits<double>::infinity();
  values[1] = std::numeric_limits<double>::quiet_NaN();
  record[Metric::kTestLoss] = {-std::numeric_limits<double>::infinity()};
  results.manifest.settings.push_back(
      {"clip", "train.clip", "", "", std::vector<double>(results.runs.size(), std::nan(""))});
  const Json run = Json::parse(results_json(results))["runs"][1];
  EXPECT_EQ(run["grad_half_life"][0], "inf");
  EXPECT_EQ(run["grad_half_life"][1], nullptr);
  EXPECT_EQ(run["test_loss"], "-inf");
  EXPECT_EQ(run["settings"]["train.clip"], nullptr);
  export_csv(folder / "csv", results);
  const std::string runs = read_bytes(folder / "csv/runs.csv");
  EXPECT_EQ(runs.find("nan"), std::string::npos);
  EXPECT_NE(runs.find("-inf"), std::string::npos);
}

}  // namespace
}  // namespace unroll
