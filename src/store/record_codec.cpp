#include "store/record_codec.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "base/bytes.h"
#include "base/error.h"

namespace unroll {
namespace {

constexpr std::uint8_t kRunVersion = 3;
constexpr std::uint8_t kRunWithoutClasses = 2;  // the version before, also without a sample
constexpr std::uint8_t kRunWithFixedAxes = 1;   // the one before that, also without weights
constexpr std::uint8_t kManifestVersion = 1;

// The index of a type in SettingColumn::values is part of the format.
enum ColumnKind : std::uint8_t { kIntegers = 0, kNumbers = 1, kTexts = 2 };

void write_column(ByteWriter& out, const SettingColumn& column) {
  out.text(column.name);
  out.text(column.key);
  out.text(column.unit);
  out.text(column.description);
  out.u8(static_cast<std::uint8_t>(column.values.index()));
  if (const auto* integers = std::get_if<kIntegers>(&column.values)) {
    out.size(integers->size());
    for (std::int64_t v : *integers) out.u64(static_cast<std::uint64_t>(v));
  } else if (const auto* numbers = std::get_if<kNumbers>(&column.values)) {
    out.f64s(*numbers);
  } else {
    out.texts(std::get<kTexts>(column.values));
  }
}

SettingColumn read_column(ByteReader& in) {
  SettingColumn column;
  column.name = in.text();
  column.key = in.text();
  column.unit = in.text();
  column.description = in.text();
  switch (in.u8()) {
    case kIntegers: {
      std::vector<std::int64_t> values(in.count(8));
      for (std::int64_t& v : values) v = static_cast<std::int64_t>(in.u64());
      column.values = std::move(values);
      break;
    }
    case kNumbers:
      column.values = in.f64s();
      break;
    case kTexts:
      column.values = in.texts();
      break;
    default:
      in.fail();
  }
  return column;
}

}  // namespace

bool well_formed(const RunRecord& record) {
  if (record.state < RunState::kDone || record.state > RunState::kPruned) return false;
  if (std::any_of(record.weights.begin(), record.weights.end(),
                  [](const KeptParameter& p) { return p.values.size() != p.size(); })) {
    return false;
  }
  return std::all_of(metrics().begin(), metrics().end(), [&](const MetricInfo& metric) {
    const std::vector<double>& values = record[metric.id];
    if (values.empty()) return true;
    // Divides rather than multiplies: the axes of a damaged record may overflow.
    std::size_t left = values.size();
    for (Dim dim : metric.dims) {
      const std::size_t length = record.length(dim);
      if (length == 0 || left % length != 0) return false;
      left /= length;
    }
    return left == 1;
  });
}

bool well_formed(const Manifest& manifest) {
  const std::size_t runs = manifest.run_ids.size();
  return manifest.replicate.size() == runs &&
         std::all_of(manifest.settings.begin(), manifest.settings.end(), [&](const SettingColumn& column) {
           return std::visit([](const auto& values) { return values.size(); }, column.values) == runs;
         });
}

std::string encode_run(std::string_view run_id, const RunRecord& record) {
  UNROLL_CHECK(well_formed(record), "run " + std::string(run_id));
  ByteWriter out;
  out.u8(kRunVersion);
  out.text(run_id);
  out.u8(static_cast<std::uint8_t>(record.state));
  out.text(record.message);
  out.u32(record.epochs);
  const auto axes =
      std::count_if(record.lengths.begin(), record.lengths.end(), [](auto n) { return n != 0; });
  out.size(static_cast<std::uint64_t>(axes));
  for (const DimInfo& dim : dims()) {
    if (record.lengths[static_cast<std::size_t>(dim.id)] == 0) continue;
    out.text(dim.name);
    out.u32(record.lengths[static_cast<std::size_t>(dim.id)]);
  }
  out.texts(record.blocks);
  out.texts(record.classes);
  const auto recorded = std::count_if(record.values.begin(), record.values.end(),
                                      [](const std::vector<double>& v) { return !v.empty(); });
  out.size(static_cast<std::uint64_t>(recorded));
  for (const MetricInfo& metric : metrics()) {
    if (record[metric.id].empty()) continue;
    out.text(metric.name);
    out.f64s(record[metric.id]);
  }
  out.size(record.weights.size());
  for (const KeptParameter& parameter : record.weights) {
    out.text(parameter.name);
    out.u32(parameter.rows);
    out.u32(parameter.columns);
    out.f32s(parameter.values);
  }
  out.text(record.sample);
  return out.take();
}

bool decode_run(std::string_view bytes, std::string& run_id, RunRecord& record) {
  ByteReader in(bytes);
  record = RunRecord();
  const std::uint8_t version = in.u8();
  if (version < kRunWithFixedAxes || version > kRunVersion) return false;
  run_id = in.text();
  record.state = static_cast<RunState>(in.u8());
  record.message = in.text();
  record.epochs = in.u32();
  if (version == kRunWithFixedAxes) {
    for (const Dim dim : {Dim::kProbe, Dim::kLag, Dim::kLayer}) record.set_length(dim, in.u32());
  }
  for (std::size_t left = version > kRunWithFixedAxes ? in.count(5) : 0; left > 0 && in.ok(); --left) {
    const std::string_view name = in.text();
    const std::uint32_t length = in.u32();
    for (const DimInfo& dim : dims()) {
      if (dim.name == name) record.lengths[static_cast<std::size_t>(dim.id)] = length;
    }
  }
  record.blocks = in.texts();
  if (version > kRunWithoutClasses) record.classes = in.texts();
  for (std::size_t left = in.count(2); left > 0 && in.ok(); --left) {
    const MetricInfo* metric = find_metric(in.text());
    std::vector<double> values = in.f64s();
    if (metric != nullptr) record[metric->id] = std::move(values);
  }
  if (version > kRunWithFixedAxes) {
    record.weights.resize(in.count(10));
    for (KeptParameter& parameter : record.weights) {
      parameter.name = in.text();
      parameter.rows = in.u32();
      parameter.columns = in.u32();
      parameter.values = in.f32s();
    }
  }
  if (version > kRunWithoutClasses) record.sample = in.text();
  return in.complete() && well_formed(record);
}

std::string encode_sweep(const Manifest& manifest) {
  UNROLL_CHECK(well_formed(manifest), manifest.experiment);
  ByteWriter out;
  out.u8(kManifestVersion);
  out.text(manifest.experiment);
  out.text(manifest.description);
  out.text(manifest.plan_hash);
  out.text(manifest.metric);
  out.u8(manifest.minimize ? 1 : 0);
  out.text(manifest.loss);
  out.text(manifest.chance_rule);
  out.texts(manifest.run_ids);
  out.size(manifest.replicate.size());
  for (std::uint32_t v : manifest.replicate) out.u32(v);
  out.size(manifest.settings.size());
  for (const SettingColumn& column : manifest.settings) write_column(out, column);
  out.text(manifest.resolved_yaml);
  return out.take();
}

std::string encode_manifest(const Manifest& manifest) {
  ByteWriter out;
  out.size(manifest.provenance.size());
  for (const auto& [name, value] : manifest.provenance) {
    out.text(name);
    out.text(value);
  }
  return encode_sweep(manifest) + out.take();
}

bool decode_manifest(std::string_view bytes, Manifest& manifest) {
  ByteReader in(bytes);
  manifest = Manifest();
  if (in.u8() != kManifestVersion) return false;
  manifest.experiment = in.text();
  manifest.description = in.text();
  manifest.plan_hash = in.text();
  manifest.metric = in.text();
  manifest.minimize = in.u8() != 0;
  manifest.loss = in.text();
  manifest.chance_rule = in.text();
  manifest.run_ids = in.texts();
  manifest.replicate.resize(in.count(4));
  for (std::uint32_t& v : manifest.replicate) v = in.u32();
  manifest.settings.resize(in.count(5));
  for (SettingColumn& column : manifest.settings) column = read_column(in);
  manifest.resolved_yaml = in.text();
  manifest.provenance.resize(in.count(2));
  for (auto& [name, value] : manifest.provenance) {
    name = in.text();
    value = in.text();
  }
  return in.complete() && well_formed(manifest);
}

}  // namespace unroll
