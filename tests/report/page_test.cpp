#include "report/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>

#include "report/markup.h"
#include "tests/report/fake_sweep.h"
#include "tests/report/page_text.h"

namespace unroll {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

TEST(Page, HasTheVerdictAndTheTableFirstAndWithoutScripts) {
  const Results results = with_gradients(quickstart_results());
  const std::string page = page_of(results);
  const std::string still = page.substr(0, page.find("<script"));
  EXPECT_THAT(still,
              AllOf(HasSubstr("<li>At seq_len 100, lstm and gru beat rnn in 5 of 5 paired seeds"),
                    HasSubstr("<th scope=\"row\">lstm</th><td>5</td>"), HasSubstr("half-life at start"),
                    HasSubstr("<th scope=\"row\">100</th><td><span class=\"swatch m"), HasSubstr("vanishing"),
                    HasSubstr("critical difference"), HasSubstr("What the differences come from")));
  EXPECT_LT(still.find("<h2>Verdict"), still.find("<h2>Every method"));
  EXPECT_LT(still.find("<h2>Every method"), still.find("id=\"charts\""));
}

TEST(Page, ComparesSeveralSettingsAtOnce) {
  const Results results = with_gradients(quickstart_results());
  CompareOptions options;
  options.by = "cell,seq_len";
  EXPECT_THAT(to_html(results, compare(results, options)), HasSubstr("lstm (seq_len 100)"));
}

TEST(Page, NeedsNothingFromOutside) {
  const std::string page = page_of(with_gradients(quickstart_results()));
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  const std::regex outside(R"((\s(src|href|action|data)\s*=\s*["'])|@import|url\(\s*["']?http)");
  std::string own = page;
  own.erase(own.find("<script>/*!"),
            own.find("</script>", own.find("<script>/*!")) - own.find("<script>/*!"));
  EXPECT_FALSE(std::regex_search(own, outside));
}

TEST(Page, CarriesItsNumbersAsJson) {
  const Results results = with_gradients(quickstart_results());
  const auto data = nlohmann::json::parse(
      element(page_of(results), "<script type=\"application/json\" id=\"data\">", "</script>"));
  EXPECT_THAT(data["methods"], SizeIs(3));
  EXPECT_EQ(data["axes"][0]["name"], "seq_len");
  EXPECT_EQ(data["axes"][0]["task"], true);
  const auto& curve = data["curves"]["data"][0][0]["valid_loss"];  // rnn at 30
  EXPECT_EQ(curve["m"][1], 0.0131);
  EXPECT_EQ(curve["l"][1], 0.0098);
  EXPECT_EQ(curve["h"][1], 0.021);
  EXPECT_EQ(data["lags"][0]["data"][1][0]["end"][0]["m"][1], 0.7);
  EXPECT_EQ(data["runs"][0][0][3], nlohmann::json({3, 0.021}));
}

nlohmann::json data_of(const Results& results, const CompareOptions& options = {}) {
  return nlohmann::json::parse(page_data(results, compare(results, options)));
}

// One layer and two: the top layer of a net is where its loss enters.
TEST(Page, GradientsOfTheTopLayerComeFirst) {
  Results results = with_gradients(FakeSweep({"cell"}).add({"rnn"}, {0.1}).add({"gru"}, {0.2}).results(), 2);
  EXPECT_EQ(data_of(results)["lags"][0]["layers"], nlohmann::json({"top"}));
  RunRecord& deep = results.runs[1];
  deep.set_length(Dim::kLayer, 2);
  deep[Metric::kGradHidden] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};  // [probe][layer][lag]
  const auto lags = data_of(results)["lags"][0];
  EXPECT_EQ(lags["layers"], nlohmann::json({"top", "0", "1"}));
  const auto at_end = [&](std::size_t method, std::size_t choice) {
    return lags["data"][method][0]["end"][choice]["m"];
  };
  EXPECT_EQ(at_end(0, 0), nlohmann::json({1, 0.5}));
  EXPECT_EQ(at_end(1, 0), nlohmann::json({11, 12}));
  EXPECT_EQ(at_end(1, 1), nlohmann::json({9, 10}));
  EXPECT_EQ(at_end(0, 2), nlohmann::json({nullptr, nullptr}));
  EXPECT_EQ(at_end(1, 2), nlohmann::json({11, 12}));
}

TEST(Page, NothingIsLeftWhereNothingWasRecorded) {
  Results results =
      with_gradients(FakeSweep({"cell"}).add({"rnn"}, {0.1, 0.2}).add({"gru"}, {0.1, 0.2}).results());
  for (RunRecord& run : results.runs) run[Metric::kGradFlow].clear();
  for (std::size_t lag = 0; lag < 20; ++lag) {
    for (const std::size_t run : {0, 1}) results.runs[run][Metric::kGradHidden][40 + lag] = kNoValue;
  }
  const std::string table = gradients_html(results, compare(results));
  EXPECT_THAT(element(table, "<th scope=\"row\">rnn</th>", "</tr>"),
              ::testing::EndsWith("<td>-</td><td class=\"note\"></td>"));
  EXPECT_THAT(element(table, "<th scope=\"row\">gru</th>", "</tr>"), Not(HasSubstr("<td>-</td>")));
}

TEST(Page, EveryCurveHasTheChanceLevelOfItsOwnMetric) {
  Results results =
      FakeSweep({"cell"}).chance(2.3).add({"rnn"}, {0.1, 0.2}).chance(1.7).add({"gru"}, {0.2, 0.1}).results();
  for (RunRecord& run : results.runs) {
    run[Metric::kChanceValidAccuracy] = {0.11};
    run[Metric::kTestAccuracy] = {0.4};
    run[Metric::kValidBits] = {3.0, 2.0};
  }
  CompareOptions options;
  options.metric = "test_accuracy";
  const auto curves = data_of(results, options)["curves"]["data"];
  EXPECT_EQ(curves[0][0]["valid_loss"]["chance"], 2.3);
  EXPECT_EQ(curves[1][0]["valid_loss"]["chance"], 1.7);
  EXPECT_EQ(curves[0][0]["valid_bits"]["chance"], 3.318);
  EXPECT_EQ(curves[0][0]["valid_accuracy"]["chance"], 0.11);
  EXPECT_FALSE(curves[0][0]["grad_norm"].contains("chance"));
}

TEST(Page, ShowsWhateverWasRecordedAtTheProbes) {
  Results results = with_gradients(quickstart_results());
  for (const MetricInfo& info : metrics()) {
    const bool tabular = !info.dims.empty() && info.dims[0] == Dim::kProbe &&
                         std::find(info.dims.begin(), info.dims.end(), Dim::kLag) == info.dims.end();
    if (!tabular) continue;
    for (RunRecord& run : results.runs) {
      std::size_t size = 1;
      for (const Dim dim : info.dims) size *= run.length(dim);
      run[info.id].assign(size, 0.25);
    }
    const std::string shown = diagnostics_html(results, compare(results));
    const bool any = !results.runs[0][info.id].empty();
    // What the table of gradients shows is not shown twice.
    const bool above = gradients_html(results, compare(results)).find(info.name) != std::string::npos &&
                       info.id != Metric::kGradFlow;
    EXPECT_EQ(shown.find("<h3>" + html(info.name) + "</h3>") != std::string::npos, any && !above)
        << info.name;
  }
  EXPECT_EQ(diagnostics_html(quickstart_results(), compare(quickstart_results())), "");
}

TEST(Page, ShowsBlocksAsFields) {
  const Results results = with_gradients(quickstart_results());
  const auto fields = nlohmann::json::parse(fields_data(results, compare(results)));
  ASSERT_EQ(fields["metrics"].size(), 1U);
  EXPECT_EQ(fields["metrics"][0]["name"], "update_ratio");
  const auto& blocks = fields["blocks"][0][0];
  EXPECT_EQ(blocks["names"], nlohmann::json({"l0.recurrent", "l0.bias"}));
  EXPECT_EQ(blocks["x"], nlohmann::json({1, 2}));
  EXPECT_EQ(blocks["update_ratio"], nlohmann::json({{0.001, 0.003}, {0.002, 0.004}}));
}

// record.every leaves epochs out.
TEST(Page, ColumnsOfBlocksAreEpochsWithNumbers) {
  Results results = with_gradients(quickstart_results());
  for (RunRecord& run : results.runs) {
    run.epochs = 60;
    run[Metric::kUpdateRatio].assign(std::size_t{60} * 2, kNoValue);
    for (std::size_t epoch = 0; epoch < 60; ++epoch) {
      if (epoch % 5 == 0 || epoch == 59) run[Metric::kUpdateRatio][epoch * 2] = 0.5;
    }
  }
  auto blocks = nlohmann::json::parse(fields_data(results, compare(results)))["blocks"][0][0];
  EXPECT_EQ(blocks["x"], nlohmann::json({1, 6, 11, 16, 21, 26, 31, 36, 41, 46, 51, 60}));
  EXPECT_EQ(blocks["update_ratio"][0], nlohmann::json(std::vector<double>(12, 0.5)));
  // Nothing in any epoch of rnn.
  for (std::size_t run = 0; run < 10; ++run) results.runs[run][Metric::kUpdateRatio].assign(120, kNoValue);
  EXPECT_EQ(nlohmann::json::parse(fields_data(results, compare(results)))["blocks"][0][0], nullptr);
}

// A row for each gate that has values at some probe; null for a probe that no run has reached.
TEST(Page, ShowsGatesAtTheProbesThatHaveThem) {
  const Results results = with_gates_at({0, 1, 2}, {1});
  const auto gates = nlohmann::json::parse(fields_data(results, compare(results)))["gates"];
  const nlohmann::json row = std::vector<double>(20, 0.05);
  EXPECT_EQ(gates[0][0]["names"], nlohmann::json({"i"}));
  EXPECT_EQ(gates[0][0]["probes"], nlohmann::json({{row}, {row}, {row}}));
  EXPECT_EQ(gates[1][0]["names"], nlohmann::json({"i"}));
  EXPECT_EQ(gates[1][0]["probes"], nlohmann::json({nullptr, {row}, nullptr}));
  const Results without = with_gates_at({0}, {});
  EXPECT_EQ(nlohmann::json::parse(fields_data(without, compare(without)))["gates"][1][0], nullptr);
}

// As in tables and results files.
TEST(Page, CountsTheLayersOfGatesFromZero) {
  Results results = with_gates_at({0, 1, 2}, {});
  for (RunRecord& run : results.runs) {
    run.set_length(Dim::kLayer, 2);
    run[Metric::kGateHistogram].assign(std::size_t{3} * 2 * 2 * 20, 0.05);
  }
  const auto gates = nlohmann::json::parse(fields_data(results, compare(results)))["gates"][0][0];
  EXPECT_EQ(gates["names"], nlohmann::json({"layer 0, h", "layer 0, i", "layer 1, h", "layer 1, i"}));
}

TEST(Page, HostileNamesAreText) {
  Results results = FakeSweep({"cell", "seq_len"})
                        .add({"</script><b>", 30}, {0.1, 0.2, kFailedRun})
                        .add({"a'\"&", 30}, {0.3, 0.2, kDivergedRun})
                        .results();
  results.manifest.experiment = "</title><script>alert(1)</script>";
  results.manifest.provenance = {{"host", "<i>"}};
  results.runs[2].message = "<u>";
  const std::string page = page_of(results);
  EXPECT_THAT(page, AllOf(Not(HasSubstr("<b>")), Not(HasSubstr("<script>alert")), Not(HasSubstr("<i>")),
                          Not(HasSubstr("<u>"))));
}

TEST(Page, FailuresHaveTheCommandThatRunsThemAgain) {
  Results results = FakeSweep({"cell", "seq_len"}).add({"rnn", 30}, {0.1, 0.2, 0.1, kFailedRun}).results();
  results.runs[3].message = "out of memory";
  results.manifest.run_ids[3] = "0badcafe";
  EXPECT_THAT(page_of(results),
              AllOf(HasSubstr("failed: out of memory"),
                    HasSubstr("<code>unroll run fake.yaml --only 0badcafe --out again.h5</code>")));
}

TEST(Page, TenThousandRunsStaySmall) {
  FakeSweep sweep({"cell", "hidden", "seq_len"});
  for (const char* cell : {"rnn", "lstm", "gru", "gru_reset_before"}) {
    for (std::int64_t hidden = 0; hidden < 25; ++hidden) {
      for (std::int64_t length = 0; length < 20; ++length) {
        sweep.add({cell, hidden, length}, {0.1, 0.2, 0.3, 0.15, 0.25});
      }
    }
  }
  Results results = with_gradients(sweep.results(), 200);
  ASSERT_EQ(results.runs.size(), 10000U);
  for (RunRecord& run : results.runs) {
    run.epochs = 100;
    for (const Metric metric : {Metric::kTrainLoss, Metric::kValidLoss, Metric::kGradNorm}) {
      run[metric].assign(100, 0.123456789 * static_cast<double>(1 + run[Metric::kParams][0]));
    }
  }
  const std::string page = page_of(results);
  EXPECT_LT(page.size(), 10'000'000U);
}

TEST(Page, NothingIsBetterInAMetricWithoutABetterDirection) {
  FakeSweep sweep({"cell", "hidden", "seq_len"});
  for (const char* cell : {"rnn", "lstm"}) {
    for (std::int64_t hidden : {8, 16}) sweep.add({cell, hidden, 30}, {0.1}).add({cell, hidden, 60}, {0.2});
  }
  const Results results = sweep.results();
  EXPECT_THAT(maps_html(compare(results)), AllOf(HasSubstr("darker is better"), HasSubstr("Who wins")));
  EXPECT_EQ(data_of(results)["has_goal"], true);
  CompareOptions options;
  options.metric = "grad_norm";
  EXPECT_THAT(maps_html(compare(results, options)),
              AllOf(HasSubstr("darker is lower"), Not(HasSubstr("better")), Not(HasSubstr("ho wins"))));
  EXPECT_EQ(data_of(results, options)["has_goal"], false);
}

}  // namespace
}  // namespace unroll
