#include "sweep/plan.h"

#include <fmt/format.h>

#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "sweep/planner.h"

namespace unroll {
namespace {

std::string read_text(const std::filesystem::path& file) {
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) {
    throw FileError(file.string(), "is a folder, not an experiment file");
  }
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    throw FileError(file.string(), fmt::format("cannot be read: {}", std::strerror(errno)),
                    "give the path of an experiment file");
  }
  std::string text(kMaxYamlBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

// The name of the file as the name of the experiment.
std::string name_of(const std::filesystem::path& file) {
  std::string name = file.stem().string();
  for (char& c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80U || (std::isalnum(byte) == 0 && c != '.' && c != '_' && c != '-')) c = '_';
  }
  if (name.empty() || std::isalnum(static_cast<unsigned char>(name[0])) == 0) name = "experiment" + name;
  return name.substr(0, kMaxNameLength);
}

}  // namespace

std::size_t PlannedRuns::size() const {
  return store_ == nullptr ? 0 : store_->ids.size();
}

const std::string& PlannedRuns::id(std::size_t index) const {
  UNROLL_CHECK(index < size(), "run of a plan");
  return store_->ids[index];
}

const RunEstimate& PlannedRuns::estimate(std::size_t index) const {
  UNROLL_CHECK(index < size(), "run of a plan");
  return store_->estimates[index / store_->replicates.size()];
}

PlannedRun PlannedRuns::operator[](std::size_t index) const {
  UNROLL_CHECK(index < size(), "run of a plan");
  const std::size_t row = index / store_->replicates.size();
  Experiment experiment = store_->experiment(row);
  experiment.run.seed.replicate = store_->replicates[index % store_->replicates.size()];
  PlannedRun run{store_->ids[index], {}, {}, store_->estimates[row]};
  for (std::size_t c = 0; c < store_->table.columns.size(); ++c) {
    run.settings.push_back(store_->setting(c, experiment));
  }
  run.config = std::move(experiment.run);
  return run;
}

void PlannedRuns::make(std::size_t index, std::size_t before, PlannedRun& run) const {
  const std::size_t replicates = store_->replicates.size();
  if (before == SIZE_MAX || before / replicates != index / replicates) {
    run = (*this)[index];
    return;
  }
  run.id = store_->ids[index];
  run.config.seed.replicate = store_->replicates[index % replicates];
}

Plan parse_plan(const std::string& text, const std::filesystem::path& name,
                const std::vector<std::string>& overrides) {
  Diagnostics diagnostics;
  const std::uint32_t source =
      diagnostics.add_file(name.string(), text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text);
  const std::filesystem::path folder = std::filesystem::absolute(name).parent_path();
  Spec spec = read_spec(diagnostics, source, folder, overrides);
  if (spec.base.name.empty()) spec.base.name = name_of(name);
  return make_plan(diagnostics, spec);
}

Plan load_plan(const std::filesystem::path& file, const std::vector<std::string>& overrides) {
  return parse_plan(read_text(file), file, overrides);
}

}  // namespace unroll
