#include "train/sample_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "data/utf8.h"
#include "tests/support/reference.h"
#include "tests/train/small_runs.h"
#include "train/run_shape.h"
#include "train/trainer.h"

namespace unroll {
namespace {

// A net with weights so large that what it writes wanders through the alphabet.
struct Writer {
  explicit Writer(const std::string& cell, bool stateful = true) {
    config = small_adding();
    config.task = {};
    config.task.type = "text";
    config.task.stateful = stateful;
    config.task.seq_len = 5;
    config.task.sample_length = 60;
    set_task_files(config.task);
    config.task = resolve_task(config.task);
    config.model.cell = cell;
    config.model.hidden = 7;
    config.model.layers = 2;
    shape = run_shape(config).model;
    dataset = make_dataset(config.task, config.seed);
    model.emplace(config.model, config.train.optimizer, shape, config.seed);
    Rng rng({3, 1}, Purpose::kSample);
    for (const std::string& name : model->parameter_names()) {
      std::vector<float> values = model->parameter(name);
      for (float& v : values) v = static_cast<float>(rng.uniform(-2.0, 2.0));
      model->set_parameter(name, values);
    }
  }

  RunConfig config;
  ModelShape shape;
  Dataset dataset;
  std::optional<Model> model;
};

// The same net in double precision, one step at a time.
class NaiveWriter {
 public:
  explicit NaiveWriter(const Writer& writer) {
    net_.cell = writer.config.model.cell;
    net_.layers = 2;
    net_.hidden = 7;
    net_.shape = writer.shape;
    known_ = writer.dataset.alphabet.size() - (writer.dataset.alphabet.back() == kUnknownCharacter ? 1 : 0);
    for (const std::string& name : writer.model->parameter_names()) {
      const std::vector<float> values = writer.model->parameter(name);
      net_.parameters[name].assign(values.begin(), values.end());
    }
    batch_.batch = 1;
    batch_.steps = 1;
    batch_.classes = {0};
  }

  reference::Numbers read(std::int32_t code) {
    batch_.codes = {code};
    const reference::Result result = reference::evaluate(net_, batch_);
    batch_.start_h = result.last_h;
    batch_.start_c = result.last_c;
    reference::Numbers known = result.outputs;
    known.resize(known_);
    return known;
  }

 private:
  std::size_t known_ = 0;  // characters that may be written
  reference::Net net_;
  reference::Batch batch_;
};

std::vector<double> softmax(const reference::Numbers& logits, double temperature) {
  const double top = *std::max_element(logits.begin(), logits.end());
  std::vector<double> p;
  for (const double z : logits) p.push_back(std::exp((z - top) / temperature));
  const double sum = std::accumulate(p.begin(), p.end(), 0.0);
  for (double& x : p) x /= sum;
  return p;
}

// Pearson's statistic; expected counts below 5 go together.
double chi_square(const std::vector<std::size_t>& counts, const std::vector<double>& p,
                  std::size_t& degrees) {
  const auto n = static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::size_t{0}));
  double statistic = 0.0;
  double rare_count = 0.0;
  double rare_expected = 0.0;
  degrees = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (n * p[i] < 5.0) {
      rare_count += static_cast<double>(counts[i]);
      rare_expected += n * p[i];
      continue;
    }
    statistic += std::pow(static_cast<double>(counts[i]) - n * p[i], 2) / (n * p[i]);
    ++degrees;
  }
  if (rare_expected < 5.0) return --degrees, statistic;
  return statistic + std::pow(rare_count - rare_expected, 2) / rare_expected;
}

TEST(SampleText, AtTemperatureZeroIsTheArgmaxOfTheNaiveNet) {
  std::set<char> written;
  for (const char* cell : {"rnn", "lstm", "gru"}) {
    for (const bool stateful : {true, false}) {
      SCOPED_TRACE(cell);
      Writer writer(cell, stateful);
      writer.config.task.temperature = 0.0;
      const std::string text = sample_text(writer.config, writer.shape, writer.dataset, *writer.model);
      NaiveWriter naive(writer);
      reference::Numbers logits;
      for (std::size_t i = 0; i < 5; ++i) logits = naive.read(writer.dataset.test.codes[i]);
      std::string expected;
      for (std::size_t n = 0; n < 60; ++n) {
        const auto best = std::max_element(logits.begin(), logits.end());
        append_utf8(expected, writer.dataset.alphabet[static_cast<std::size_t>(best - logits.begin())]);
        logits = naive.read(static_cast<std::int32_t>(best - logits.begin()));
      }
      EXPECT_EQ(text, expected);
      written.insert(text.begin(), text.end());
      // A very low temperature is the same, whatever is drawn.
      writer.config.task.temperature = 1e-6;
      writer.config.seed = {9, 9};
      EXPECT_EQ(sample_text(writer.config, writer.shape, writer.dataset, *writer.model), expected);
    }
  }
  EXPECT_GT(written.size(), 5U);
}

TEST(SampleText, DrawsFromTheSoftmaxOfTheNaiveNet) {
  for (const double temperature : {1.0, 0.5}) {
    Writer writer("gru");
    writer.config.task.sample_length = 1;
    writer.config.task.temperature = temperature;
    writer.config.task.prompt = "the ";
    NaiveWriter naive(writer);
    reference::Numbers logits;
    for (const char c : writer.config.task.prompt) {
      const auto& alphabet = writer.dataset.alphabet;
      logits = naive.read(static_cast<std::int32_t>(
          std::find(alphabet.begin(), alphabet.end(), static_cast<char32_t>(c)) - alphabet.begin()));
    }
    std::vector<std::size_t> counts(logits.size());
    for (std::uint32_t replicate = 0; replicate < 4000; ++replicate) {
      writer.config.seed = {1, replicate};
      const std::string text = sample_text(writer.config, writer.shape, writer.dataset, *writer.model);
      ASSERT_EQ(text.substr(0, 4), "the ");
      const auto& alphabet = writer.dataset.alphabet;
      const auto at = std::find(alphabet.begin(), alphabet.end(), decode_utf8(text, "")[4]);
      ++counts[static_cast<std::size_t>(at - alphabet.begin())];
    }
    std::size_t degrees = 0;
    const double statistic = chi_square(counts, softmax(logits, temperature), degrees);
    ASSERT_GT(degrees, 1U);
    // Mean + 4 standard deviations of the statistic.
    const auto k = static_cast<double>(degrees);
    EXPECT_LT(statistic, k + 4.0 * std::sqrt(2.0 * k)) << degrees;
    // Of another temperature the counts are not.
    EXPECT_GT(chi_square(counts, softmax(logits, 1.3 * temperature), degrees), k + 4.0 * std::sqrt(2.0 * k));
  }
}

TEST(DrawSymbol, GoesThroughTheDistributionInItsOrder) {
  const std::vector<float> logits = {std::log(0.2F), std::log(0.5F), std::log(0.3F)};
  EXPECT_EQ(draw_symbol(logits, 1.0, 0.0), 0U);
  EXPECT_EQ(draw_symbol(logits, 1.0, 0.19), 0U);
  EXPECT_EQ(draw_symbol(logits, 1.0, 0.21), 1U);
  EXPECT_EQ(draw_symbol(logits, 1.0, 0.69), 1U);
  EXPECT_EQ(draw_symbol(logits, 1.0, 0.71), 2U);
  EXPECT_EQ(draw_symbol(logits, 1.0, std::nextafter(1.0, 0.0)), 2U);
  EXPECT_EQ(draw_symbol(logits, 0.0, 0.99), 1U);
  EXPECT_EQ(draw_symbol(std::vector<float>{1e30F, -1e30F, 1e30F}, 1e-300, 0.6), 2U);
  EXPECT_EQ(draw_symbol(std::vector<float>{-3.0F, -3.0F}, 0.0, 0.9), 0U);
}

TEST(SampleText, IsValidUtf8OfCharactersOfTheTrainingPart) {
  RunConfig config = small_adding();
  config.task = {};
  config.task.type = "text";
  config.task.seq_len = 4;
  config.task.file = ::testing::TempDir() + "unroll_utf8.txt";
  config.task.sample_length = 200;
  config.task.temperature = 50.0;  // nearly uniform: what may be drawn is
  config.task.prompt = "\u00e4\U0001F600";
  std::string text;
  for (int i = 0; i < 60; ++i) text += "a\u00e4\u20ac\U0001F600";
  std::ofstream(config.task.file) << text << "\u00df\u00df\u00df\u00df\u00df\u00df\u00df\u00df\u00df\u00df";
  config.task = resolve_task(config.task);
  const RunRecord record = train_run(config);
  ASSERT_EQ(record.state, RunState::kDone) << record.message;
  const std::vector<char32_t> characters = decode_utf8(record.sample, "sample");
  ASSERT_EQ(characters.size(), 202U);
  EXPECT_EQ(std::u32string(characters.begin(), characters.begin() + 2), U"\u00e4\U0001F600");
  const std::set<char32_t> used(characters.begin(), characters.end());
  EXPECT_EQ(used, (std::set<char32_t>{U'a', U'\u00e4', U'\u20ac', U'\U0001F600'}));
  std::remove(config.task.file.c_str());
}

TEST(SampleText, DoesNotChangeTheRun) {
  Writer writer("lstm", false);
  RunConfig& config = writer.config;
  config.train.epochs = 2;
  const RunRecord with = train_run(config);
  config.task.sample_length = 0;
  const RunRecord without = train_run(config);
  EXPECT_TRUE(without.sample.empty());
  EXPECT_EQ(decode_utf8(with.sample, "").size(), 60U);
  EXPECT_EQ(with[Metric::kTestLoss], without[Metric::kTestLoss]);
  EXPECT_EQ(with[Metric::kTrainLoss], without[Metric::kTrainLoss]);
  EXPECT_GT(with[Metric::kFlops], without[Metric::kFlops]);
}

TEST(SampleText, RefusesAPromptThatTheNetCannotRead) {
  TaskConfig task = Writer("rnn").config.task;
  task.prompt = "the \u20ac";
  try {
    resolve_task(task);
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_EQ(error.where(), "task.prompt");
    EXPECT_EQ(error.message(), "'\u20ac' is no character of the training part, so the net cannot read it");
  }
  task.sample_length = 0;
  EXPECT_NO_THROW(resolve_task(task));
}

}  // namespace
}  // namespace unroll
