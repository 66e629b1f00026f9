// Nothing that a file can hold crashes: random damage to good and bad files is either read or refused.
#include <gtest/gtest.h>

#include <map>

#include "base/error.h"
#include "base/rng.h"
#include "sweep/diagnostics.h"
#include "sweep/plan.h"
#include "tests/sweep/files.h"

namespace unroll {
namespace {

const std::vector<std::string>& pieces() {
  static const std::vector<std::string> list = {"[",
                                                "]",
                                                "{",
                                                "}",
                                                ": ",
                                                "- ",
                                                "\n",
                                                "\n  ",
                                                "  ",
                                                "&a ",
                                                "*a",
                                                "\"",
                                                "'",
                                                "#",
                                                "|\n",
                                                ">\n",
                                                "? ",
                                                "---\n",
                                                "...",
                                                "!!x ",
                                                "%YAML",
                                                "\t",
                                                "\r\n",
                                                "1e12",
                                                "1e400",
                                                "-1",
                                                "010",
                                                "nan",
                                                "true",
                                                "null",
                                                "model",
                                                "sweep",
                                                "task",
                                                "zip",
                                                "min",
                                                "max",
                                                "num",
                                                "values",
                                                "<<",
                                                "\xFF",
                                                "\x04",
                                                "\xE2\x82\xAC",
                                                "sweep.parameters.",
                                                "model.hidden",
                                                "{min: 1, max: 3}",
                                                "method: random",
                                                "runs: 5",
                                                "include",
                                                "exclude"};
  return list;
}

std::string damaged(std::string text, Rng& rng, const std::string& other) {
  const std::uint32_t edits = 1 + rng.below(4);
  for (std::uint32_t e = 0; e < edits; ++e) {
    const std::size_t at = rng.below(static_cast<std::uint32_t>(text.size() + 1));
    const std::size_t length = rng.below(12);
    switch (rng.below(5)) {
      case 0:
        text.erase(at, length);
        break;
      case 1:
        text.insert(at, pieces()[rng.below(static_cast<std::uint32_t>(pieces().size()))]);
        break;
      case 2:
        if (at < text.size()) text[at] = static_cast<char>(rng.below(256));
        break;
      case 3:
        text.insert(at, text.substr(rng.below(static_cast<std::uint32_t>(text.size() + 1)), length * 4));
        break;
      default:
        text.insert(at, other.substr(rng.below(static_cast<std::uint32_t>(other.size() + 1)), length * 4));
    }
  }
  return text;
}

TEST(Mutation, DamagedFilesAreReadOrRefused) {
  std::vector<std::string> texts;
  for (const char* folder : {"ok", "ok", "ok", "bad"}) {
    for (const auto& file : yaml_files(spec_folder(folder))) texts.push_back(read_file(file));
  }
  ASSERT_GT(texts.size(), 80U);
  std::size_t read = 0;
  std::size_t refused = 0;
  const std::filesystem::path name = spec_folder("ok") / "damaged.yaml";
  for (std::uint32_t i = 0; i < 3000; ++i) {
    Rng rng({1, i}, Purpose::kSample);
    const auto count = static_cast<std::uint32_t>(texts.size());
    // A low cap keeps the sweeps small that damage may ask for.
    const std::string text = damaged(texts[rng.below(count)], rng, texts[rng.below(count)]);
    try {
      const Plan plan = parse_plan(text, name, {"sweep.run_cap=300"});
      for (std::size_t r = 0; r < plan.runs.size(); r += 7) EXPECT_EQ(plan.runs[r].id, plan.runs.id(r));
      EXPECT_EQ(parse_plan(plan.resolved, name).hash, plan.hash) << text;
      ++read;
    } catch (const SpecErrors& errors) {
      EXPECT_FALSE(errors.diagnostics().empty());
      ++refused;
    }
  }
  EXPECT_GT(read, 80U);
  EXPECT_GT(refused, 300U);
}

TEST(Mutation, DamagedOverridesAreReadOrRefused) {
  const std::string text = "sweep: {run_cap: 300, parameters: {model.hidden: [4, 8]}}";
  for (std::uint32_t i = 0; i < 1000; ++i) {
    Rng rng({2, i}, Purpose::kSample);
    const std::string override_text = damaged("sweep.parameters.train.lr=[1e-3, 1e-2]", rng, "train.lr=3");
    try {
      EXPECT_LE(parse_plan(text, "t.yaml", {override_text}).runs.size(), 300U);
    } catch (const SpecErrors&) {
    }
  }
}

}  // namespace
}  // namespace unroll
