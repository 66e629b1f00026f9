// What is and what is not part of a run's identity.
#include "sweep/identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/hash.h"
#include "sweep/plan.h"
#include "tests/sweep/files.h"

namespace unroll {
namespace {

std::vector<std::string> ids(const std::string& text, const std::vector<std::string>& overrides = {}) {
  const Plan plan = parse_plan(text, "t.yaml", overrides);
  std::vector<std::string> list;
  for (const PlannedRun& run : plan.runs) list.push_back(run.id);
  return list;
}

std::set<std::string> id_set(const std::string& text, const std::vector<std::string>& overrides = {}) {
  const std::vector<std::string> list = ids(text, overrides);
  return {list.begin(), list.end()};
}

// The text behind an id is part of the format of results: a change here needs a new kRunSchema.
TEST(Identity, TextOfADefaultRun) {
  Experiment experiment;
  experiment.run.task = resolve_task(experiment.run.task);
  reset_unused(experiment);
  const RunIdentity identity(experiment);
  EXPECT_EQ(identity.text(3),
            "model.bidirectional=false\nmodel.cell=lstm\nmodel.dropout=0\nmodel.embedding=0\n"
            "model.forget_bias=unset\nmodel.hidden=64\nmodel.init=torch\nmodel.layers=1\n"
            "model.learn_initial_state=false\n"
            "record.diagnostics=[]\nrecord.every=1\nrecord.gradients=per_epoch\nrecord.hidden_gradients="
            "true\nrecord.probe_batch=32\n"
            "record.weights=none\n"
            "replicate=3\nschema=2\nsweep.seed=1\n"
            "task.form=arjovsky\ntask.seq_len=50\ntask.test_size=1000\ntask.train_size=5000\n"
            "task.type=adding\ntask.valid_size=1000\n"
            "train.batch=32\ntrain.beta1=0.9\ntrain.beta2=0.999\ntrain.clip_norm=0\ntrain.clip_value=0\n"
            "train.epochs=20\ntrain.eps=unset\ntrain.l1=0\ntrain.lr=0.001\ntrain.optimizer=adam\n"
            "train.patience=0\ntrain.schedule=constant\ntrain.warmup=0\ntrain.weight_decay=0\n");
  EXPECT_EQ(identity.id(3), hash_hex(identity.text(3)));
  EXPECT_EQ(ids("sweep: {seeds: [3]}")[0], identity.id(3));
}

TEST(Identity, DoesNotDependOnOrderSpellingOrNames) {
  const std::string a = "name: a\ntask: {type: adding, seq_len: 60}\ntrain: {lr: 0.01, batch: 16}\n";
  const std::string b = "description: x\ntrain: {batch: +16, lr: 1e-2}\ntask.seq_len: 6e1\nname: b\n";
  EXPECT_EQ(ids(a), ids(b));
  EXPECT_EQ(ids("task: {form: arjovsky}"), ids("name: default_form"));
}

TEST(Identity, DoesNotDependOnHowAValueIsGiven) {
  const std::set<std::string> fixed = id_set("model: {hidden: 8}");
  EXPECT_EQ(fixed, id_set("sweep: {parameters: {model.hidden: [8]}}"));
  EXPECT_EQ(fixed, id_set("sweep: {parameters: {model.hidden: {value: 8}}}"));
  EXPECT_EQ(fixed, id_set("sweep: {include: [{model.hidden: 8}]}"));
  EXPECT_EQ(fixed, id_set("name: x", {"model.hidden=8"}));
  EXPECT_EQ(id_set("sweep: {parameters: {model.hidden: [8, 16], train.batch: [4, 5]}}"),
            id_set("sweep: {parameters: {train.batch: [5, 4], model.hidden: {min: 8, max: 16, num: 2}}}"));
  EXPECT_EQ(id_set("sweep: {zip: {one: {model.hidden: [8, 16], train.batch: [4, 5]}}}"),
            id_set("sweep: {zip: {other: {train.batch: [5, 4], model.hidden: [16, 8]}}}"));
}

TEST(Identity, DependsOnEverySettingReplicateAndSeed) {
  const std::string base = ids("name: x")[0];
  for (const char* change : {"task.seq_len=51", "task.form=bai", "model.cell=gru", "model.forget_bias=1",
                             "train.lr=0.002", "train.patience=3", "record.gradients=off",
                             "record.hidden_gradients=false", "sweep.seed=2", "sweep.seeds=[1]"}) {
    EXPECT_NE(ids("name: x", {change})[0], base) << change;
  }
  for (const char* same :
       {"name=y", "description=z", "sweep.metric.name=test_loss", "sweep.run_cap=7", "sweep.max_fails=1"}) {
    EXPECT_EQ(ids("name: x", {same})[0], base) << same;
  }
}

TEST(Identity, KnownRunsStayWhenTheSweepGrows) {
  const auto is_part = [](const std::set<std::string>& small, const std::set<std::string>& large) {
    return small.size() < large.size() &&
           std::includes(large.begin(), large.end(), small.begin(), small.end());
  };
  const std::string grid = "sweep: {parameters: {model.cell: [rnn, lstm]}, seeds: 2}";
  EXPECT_TRUE(is_part(id_set(grid), id_set(grid, {"sweep.parameters.model.cell=[gru, lstm, rnn]"})));
  EXPECT_TRUE(is_part(id_set(grid), id_set(grid, {"sweep.seeds=5"})));
  EXPECT_TRUE(is_part(id_set(grid), id_set(grid, {"sweep.parameters.model.hidden=[64, 128]"})));
  for (const char* method : {"random", "sobol"}) {
    const std::string drawn =
        std::string("sweep: {method: ") + method +
        ", runs: 5, parameters: {model.cell: [rnn, lstm, gru], train.lr: {min: 0.001, max: 0.1}}}";
    EXPECT_TRUE(is_part(id_set(drawn), id_set(drawn, {"sweep.runs=9"}))) << method;
  }
}

TEST(Identity, OfAFileIsItsContent) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "identity";
  std::filesystem::create_directories(folder / "moved");
  const std::string csv = read_file(spec_folder("ok") / "series.csv");
  std::ofstream(folder / "a.csv") << csv;
  std::ofstream(folder / "moved/b.csv") << csv;
  std::ofstream(folder / "c.csv") << csv << "2020,1,2\n";
  const auto id_of = [&](const std::string& file) {
    return parse_plan("task: {type: series, seq_len: 10, file: " + file + "}", folder / "t.yaml").runs.id(0);
  };
  EXPECT_EQ(id_of("a.csv"), id_of("moved/b.csv"));
  EXPECT_EQ(id_of("a.csv"), id_of((folder / "a.csv").string()));
  EXPECT_NE(id_of("a.csv"), id_of("c.csv"));
  EXPECT_THROW(parse_plan("task: {type: series, seq_len: 10}\n"
                          "sweep: {parameters: {task.file: [a.csv, moved/b.csv]}}",
                          folder / "t.yaml"),
               UsageError);
  std::filesystem::remove_all(folder);
}

// What `..` leaves is the folder that a link leads to, as for every other program.
TEST(Identity, AFileIsTheOneThatTheSystemOpens) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "linked";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder / "far/data");
  std::filesystem::create_directory_symlink("far/data", folder / "link");
  const std::string csv = read_file(spec_folder("ok") / "series.csv");
  std::ofstream(folder / "x.csv") << csv;
  std::ofstream(folder / "far/x.csv") << csv << "2020,1,2\n";
  const auto plan_of = [&](const std::string& file) {
    return parse_plan("task: {type: series, seq_len: 10, file: " + file + "}", folder / "t.yaml");
  };
  EXPECT_NE(plan_of("x.csv").hash, plan_of("far/x.csv").hash);
  for (const std::string& file : {std::string("link/../x.csv"), (folder / "link/../x.csv").string()}) {
    const Plan plan = plan_of(file);
    EXPECT_EQ(plan.hash, plan_of("far/x.csv").hash) << file;
    EXPECT_EQ(parse_plan(plan.resolved, "elsewhere/t.yaml").hash, plan.hash);
  }
  EXPECT_EQ(plan_of("far/data/.././x.csv").runs[0].config.task.file, (folder / "far/x.csv").string());
  const Plan swept = parse_plan(
      "task: {type: series, seq_len: 10}\nsweep: {parameters: {task.file: [.//x.csv, link/../x.csv]}}",
      folder / "t.yaml");
  EXPECT_EQ(swept.axes[0].values, (std::vector<SettingValue>{"x.csv", "far/x.csv"}));
  std::filesystem::remove_all(folder);
}

// Where the folders of a sweep are is no part of its results.
TEST(Identity, ResultsCallAFileByWhatFollowsTheFolderOfAll) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "files";
  std::filesystem::create_directories(folder);
  const std::string csv = read_file(spec_folder("ok") / "series.csv");
  std::ofstream(folder / "a.csv") << csv;
  std::ofstream(folder / "c.csv") << csv << "2020,1,2\n";
  const std::string absolute = (folder / "c.csv").string();
  const Plan plan = parse_plan(
      "task: {type: series, seq_len: 10}\nsweep: {parameters: {task.file: [./a.csv, \"" + absolute + "\"]}}",
      folder / "t.yaml");
  EXPECT_EQ(plan.axes[0].values, (std::vector<SettingValue>{"a.csv", "c.csv"}));
  EXPECT_EQ(plan.runs[0].settings[0], SettingValue("a.csv"));
  EXPECT_EQ(plan.runs[0].config.task.file, (folder / "a.csv").string());
  EXPECT_EQ(parse_plan(plan.resolved, "elsewhere/t.yaml").hash, plan.hash);
  // Entries know a file however it is written, and so does what is read back.
  const Plan more = parse_plan(
      "task: {type: series, seq_len: 10, file: a.csv}\n"
      "sweep: {parameters: {model.cell: [rnn, gru]}, include: [{model.cell: gru, task.file: \"" +
          absolute + "\"}, {task.file: ./a.csv, model.layers: 2}]}",
      folder / "t.yaml");
  EXPECT_EQ(parse_plan(more.resolved, "elsewhere/t.yaml").hash, more.hash);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace unroll
