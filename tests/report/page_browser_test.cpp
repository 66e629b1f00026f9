// The scripts of the page, in a real browser if there is one.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "report/page.h"
#include "tests/report/fake_sweep.h"
#include "tests/report/page_text.h"
#include "tests/support/process.h"

namespace unroll {
namespace {

// Path of a Chromium, "" if there is none.
std::string browser() {
  const std::string find = "command -v chromium || command -v chromium-browser || command -v google-chrome";
  const std::string out = unroll::testing::run_process({"sh", "-c", find}).out;
  return out.substr(0, out.find('\n'));
}

// What `script` leaves in `result` after the page has drawn itself. Its `wrong` are errors and warnings.
nlohmann::json seen_in(const std::string& browser, std::string page, const std::string& script) {
  const std::string before = R"(<head><script>
    window.wrong = [];
    addEventListener("error", (e) => wrong.push("error: " + e.message));
    addEventListener("securitypolicyviolation", (e) => wrong.push("blocked: " + e.blockedURI));
    for (const kind of ["error", "warn"]) console[kind] = (...words) => wrong.push(kind + ": " + words.join(" "));
  </script>)";
  const std::string after = "<script>const result = {wrong};\n" + script +
                            "document.body.innerHTML = \"<pre>\" + JSON.stringify(result) + \"</pre>\";"
                            "</script></body>";
  page.replace(page.find("<head>"), 6, before);
  page.replace(page.rfind("</body>"), 7, after);
  const unroll::testing::TempFolder folder;
  std::ofstream(folder.path() / "page.html") << page;
  const auto process = unroll::testing::run_process(
      {browser, "--headless=new", "--no-sandbox", "--disable-gpu",
       "--user-data-dir=" + (folder.path() / "profile").string(), "--window-size=1200,3000", "--dump-dom",
       "file://" + (folder.path() / "page.html").string()});
  const std::string text = element(process.out, "<pre>", "</pre>");
  EXPECT_FALSE(text.empty()) << process.out.substr(0, 2000) << process.err;
  return text.empty() ? nlohmann::json::object() : nlohmann::json::parse(text);
}

// No error, no request, and the selectors change the charts.
TEST(PageInABrowser, Works) {
  const std::string chromium = browser();
  if (chromium.empty()) GTEST_SKIP() << "no Chromium; apt-get install chromium";
  const auto seen = seen_in(chromium, page_of(with_gradients(quickstart_results())), R"(
    const pixels = () => [...document.querySelectorAll("canvas")].map((c) => c.toDataURL()).join();
    const choose = (id, i) => {
      const old = pixels();
      const element = document.getElementById(id);
      element.value = i;
      element.dispatchEvent(new Event("change"));
      return pixels() !== old;
    };
    result.charts = document.documentElement.dataset.ready;
    result.points = [document.documentElement.dataset.point];
    result.length = choose("axis-seq_len", 0);
    result.metric = choose("curve-metric", 2);
    result.against = choose("curve-x", 1);
    result.fields = document.querySelectorAll("#block-fields table").length;
    result.gates = document.getElementById("gates").hidden;
    result.requests = performance.getEntriesByType("resource").map((r) => r.name);
    result.points.push(document.documentElement.dataset.point);
  )");
  EXPECT_EQ(seen["charts"], "7") << seen;
  EXPECT_EQ(seen["fields"], 3);
  EXPECT_EQ(seen["gates"], true);  // none were recorded
  EXPECT_EQ(seen["wrong"], nlohmann::json::array());
  EXPECT_EQ(seen["requests"], nlohmann::json::array());
  EXPECT_EQ(seen["points"], nlohmann::json({"1", "0"}));
  for (const char* selector : {"length", "metric", "against"}) EXPECT_EQ(seen[selector], true) << selector;
}

TEST(PageInABrowser, AnAccuracyHasAnEvenScaleInEveryChart) {
  const std::string chromium = browser();
  if (chromium.empty()) GTEST_SKIP() << "no Chromium; apt-get install chromium";
  CompareOptions options;
  options.metric = "valid_accuracy";
  const Results results = quickstart_results();
  const std::string script = R"(
    for (const id of ["curve-chart", "time-chart", "strip-chart"]) result[id] = Chart.getChart(id).scales.y.type;
  )";
  const auto accuracy = seen_in(chromium, to_html(results, compare(results, options)), script);
  const auto loss = seen_in(chromium, page_of(results), script);
  for (const char* id : {"curve-chart", "time-chart", "strip-chart"}) {
    EXPECT_EQ(accuracy[id], "linear") << id;
    EXPECT_EQ(loss[id], "logarithmic") << id;
  }
}

// On a telephone wide tables scroll by themselves, and the page does not.
TEST(PageInABrowser, NothingIsWiderThanANarrowPage) {
  const std::string chromium = browser();
  if (chromium.empty()) GTEST_SKIP() << "no Chromium; apt-get install chromium";
  FakeSweep sweep({"cell", "hidden", "seq_len"});
  double loss = 0.1;
  for (const char* cell : {"rnn", "lstm"}) {
    for (std::int64_t hidden : {8, 16}) {
      for (std::int64_t length = 0; length < 12; ++length)
        sweep.add({cell, hidden, length}, {loss *= 1.1, loss * 1.2, loss});
    }
  }
  Results results = with_gradients(sweep.results());
  for (RunRecord& run : results.runs) {
    run.epochs = 20;
    for (int k = 0; k < 40; ++k) run[Metric::kUpdateRatio].push_back(0.00123);
  }
  const auto seen = seen_in(chromium, page_of(results), R"(
    document.body.style.width = "390px";
    const wide = [...document.querySelectorAll("section")].filter((s) => s.scrollWidth > s.clientWidth + 1);
    result.wide = wide.filter((s) => s.querySelector("canvas") === null).map((s) => s.id);
  )");
  EXPECT_EQ(seen["wide"], nlohmann::json::array()) << seen;
}

// Included runs need not have every combination of values; the page starts where most can be compared.
TEST(PageInABrowser, ACombinationWithoutRunsIsNamedAsSuch) {
  const std::string chromium = browser();
  if (chromium.empty()) GTEST_SKIP() << "no Chromium; apt-get install chromium";
  const Results results = with_gradients(FakeSweep({"cell", "hidden", "seq_len"})
                                             .add({"rnn", 8, 30}, {0.1, 0.2})
                                             .add({"gru", 8, 30}, {0.2, 0.1})
                                             .add({"rnn", 16, 30}, {0.2, 0.1})
                                             .add({"rnn", 8, 60}, {0.2, 0.1})
                                             .results());
  const auto seen = seen_in(chromium, page_of(results), R"(
    const titles = () => ["curve-chart", "lag-start", "strip-chart"].map((id) => {
      const title = Chart.getChart(id).options.plugins.title;
      return title.display ? title.text.join("; ") : "";
    });
    result.begin = document.documentElement.dataset.point;
    result.some = titles();
    for (const axis of ["hidden", "seq_len"]) {
      const element = document.getElementById("axis-" + axis);
      element.value = 1;
      element.dispatchEvent(new Event("change"));
    }
    result.none = titles();
  )");
  const std::string nothing = "nothing to show: no run has these settings";
  EXPECT_EQ(seen["begin"], "0") << seen;
  EXPECT_EQ(seen["some"], nlohmann::json({"", "start of training", ""}));
  EXPECT_EQ(seen["none"], nlohmann::json({nothing, "start of training; " + nothing, nothing}));
  EXPECT_EQ(seen["wrong"], nlohmann::json::array());
}

// Shallow nets and deep ones in one chart, each with its top layer.
TEST(PageInABrowser, EveryNetShowsTheGradientOfItsTopLayer) {
  const std::string chromium = browser();
  if (chromium.empty()) GTEST_SKIP() << "no Chromium; apt-get install chromium";
  Results results = with_gradients(FakeSweep({"cell"}).add({"rnn"}, {0.1}).add({"gru"}, {0.2}).results(), 2);
  results.runs[1].set_length(Dim::kLayer, 2);
  results.runs[1][Metric::kGradHidden].assign(12, 0.5);
  const auto seen = seen_in(chromium, page_of(results), R"(
    const lines = () => Chart.getChart("lag-end").data.datasets.map((s) => s.label);
    const choice = document.getElementById("lag-layer");
    result.choices = [...choice.options].map((o) => o.text);
    result.chosen = choice.value;
    result.top = lines();
  )");
  EXPECT_EQ(seen["choices"], nlohmann::json({"top", "0", "1"})) << seen;
  EXPECT_EQ(seen["chosen"], "0");
  EXPECT_EQ(seen["top"], nlohmann::json({"rnn", "gru"}));
}

// Runs that were stopped early or diverged have no histogram of their gates at the end.
TEST(PageInABrowser, AMethodWithoutGatesAtTheEndLeavesTheOthersTheirs) {
  const std::string chromium = browser();
  if (chromium.empty()) GTEST_SKIP() << "no Chromium; apt-get install chromium";
  const Results results = with_gates_at({0, 1, 2}, {0});
  const auto seen = seen_in(chromium, page_of(results), R"(
    const gates = () => [...document.querySelectorAll("#gate-fields table")].map((t) => t.caption.textContent);
    const choose = (probe) => {
      document.getElementById("gate-probe").value = probe;
      document.getElementById("gate-probe").dispatchEvent(new Event("change"));
    };
    result.end = gates();
    choose(0);
    result.start = gates();
    result.charts = Chart.getChart("strip-chart").data.datasets.length > 0;
  )");
  EXPECT_EQ(seen["wrong"], nlohmann::json::array()) << seen;
  EXPECT_EQ(seen["end"], nlohmann::json({"rnn"}));
  EXPECT_EQ(seen["start"], nlohmann::json({"rnn", "gru"}));
  EXPECT_EQ(seen["charts"], true);
  const auto none = seen_in(chromium, page_of(with_gates_at({0}, {0})), R"(
    result.hidden = document.getElementById("gates").hidden;
    result.text = document.getElementById("gate-fields").textContent;
  )");
  EXPECT_EQ(none["hidden"], false);
  EXPECT_EQ(none["text"], "nothing to show: no run recorded its gates at the end of training");
}

// At the end of training a gradient has exploded in one method, and in the other it has not.
TEST(PageInABrowser, AnExplodedGradientHidesNoOther) {
  const std::string chromium = browser();
  if (chromium.empty()) GTEST_SKIP() << "no Chromium; apt-get install chromium";
  Results results =
      with_gradients(FakeSweep({"cell"}).add({"rnn"}, {0.1, 0.2}).add({"gru"}, {0.2, 0.1}).results());
  for (std::size_t run = 0; run < 2; ++run) {
    for (std::size_t lag = 0; lag < 20; ++lag) results.runs[run][Metric::kGradHidden][40 + lag] *= 1e30;
  }
  const auto seen = seen_in(chromium, page_of(results), R"(
    for (const probe of ["start", "middle", "end"]) {
      const chart = Chart.getChart("lag-" + probe);
      const inside = (p) => p.y >= chart.scales.y.min && p.y <= chart.scales.y.max;
      result[probe] = chart.data.datasets.filter((s) => !s.silent).map((s) => s.data.filter(inside).length);
      result[probe].push(chart.scales.y.max < 1e6);
    }
  )");
  EXPECT_EQ(seen["start"], nlohmann::json({20, 20, true})) << seen;
  EXPECT_EQ(seen["middle"], nlohmann::json({20, 20, true}));
  EXPECT_EQ(seen["end"], nlohmann::json({20, 20, false}));
}

}  // namespace
}  // namespace unroll
