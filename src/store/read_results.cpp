#include <fmt/format.h>

#include <new>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "base/error.h"
#include "store/h5.h"
#include "store/record_codec.h"
#include "store/results_format.h"
#include "store/trailer.h"

namespace unroll {
namespace {

[[noreturn]] void damaged(const H5Object& object, const std::string& what) {
  throw FileError(object.where(), fmt::format("is damaged: '{}' {}", object.name(), what), kDamagedHint);
}

// Reads an array in slabs: f(first, rows) gets each. Throws if shape or content are not what was written.
template <typename T, typename F>
void read_array(const H5Group& group, const std::string& name, const Shape& shape, const F& f) {
  H5Dataset dataset = group.open_dataset(name);
  if (dataset.dims() != shape) damaged(dataset, "has another shape than it should");
  const bool text = dataset.type() == H5Type::kText;
  if (!dataset.type() || text != (h5_type<T>() == H5Type::kText))
    damaged(dataset, "has another type than it should");
  ContentHash hash;
  each_slab<T>(shape, [&](std::uint64_t first, std::uint64_t count, std::vector<T>& rows) {
    dataset.read(h5_type<T>(), first, count, rows.data());
    hash_rows(hash, rows);
    f(static_cast<std::size_t>(first), rows);
  });
  if (hash.hex() != dataset.text_attribute(names::kChecksum)) damaged(dataset, "does not have its checksum");
}

// A whole array over runs, or one text.
template <typename T>
std::vector<T> read_column(const H5Group& group, const std::string& name, const Shape& shape) {
  std::vector<T> values;
  read_array<T>(group, name, shape, [&](std::size_t, const std::vector<T>& rows) {
    values.insert(values.end(), rows.begin(), rows.end());
  });
  return values;
}

std::string read_text(const H5Group& group, const std::string& name) {
  return read_column<std::string>(group, name, {})[0];
}

void check_schema(const H5File& file) {
  const std::optional<std::int64_t> schema = file.integer_attribute(names::kSchema);
  if (!schema) throw FileError(file.where(), "is an HDF5 file, but not a results file of unroll");
  if (*schema > kResultsSchema) {
    throw NewerError(file.where(),
                     fmt::format("has schema {}, written by a newer version of unroll (this one knows {})",
                                 *schema, kResultsSchema),
                     "update unroll");
  }
  if (*schema < 1)
    throw FileError(file.where(), fmt::format("is damaged: its schema is {}", *schema), kDamagedHint);
}

void check_hash(const H5Group& group) {
  if (group_hash(group) != group.text_attribute(names::kContentHash)) {
    damaged(group, "does not have its checksum");
  }
}

Manifest read_manifest(const H5File& file, std::uint64_t runs) {
  Manifest manifest;
  manifest.experiment = file.text_attribute("experiment");
  manifest.description = file.text_attribute("description");
  manifest.plan_hash = file.text_attribute("plan_hash");
  manifest.metric = file.text_attribute("metric");
  manifest.minimize = file.text_attribute("goal") != "maximize";
  manifest.loss = file.text_attribute("loss");
  manifest.chance_rule = file.text_attribute("chance_rule");
  manifest.run_ids = read_column<std::string>(file, names::kRunId, {runs});
  for (std::int64_t v : read_column<std::int64_t>(file, names::kReplicate, {runs})) {
    manifest.replicate.push_back(static_cast<std::uint32_t>(v));
  }
  for (const std::string& name : file.datasets()) {
    const H5Dataset dataset = file.open_dataset(name);
    SettingColumn column;
    column.name = dataset.text_attribute(names::kShortName);
    if (column.name.empty() || dataset.text_attribute(names::kChecksum).empty()) continue;
    column.key = dataset.text_attribute(names::kKey);
    column.unit = dataset.text_attribute("units");
    column.description = dataset.text_attribute("long_name");
    const std::optional<H5Type> type = dataset.type();
    if (!type) damaged(dataset, "has another type than it should");
    switch (*type) {
      case H5Type::kText:
        column.values = read_column<std::string>(file, name, {runs});
        break;
      case H5Type::kFloat64:
        column.values = read_column<double>(file, name, {runs});
        break;
      default:
        column.values = read_column<std::int64_t>(file, name, {runs});
        break;
    }
    manifest.settings.push_back(std::move(column));
  }
  const H5Group provenance = file.open_group(names::kProvenance);
  check_hash(provenance);
  for (const std::string& name : provenance.datasets()) {
    if (provenance.open_dataset(name).text_attribute(names::kChecksum).empty()) continue;  // not of unroll
    std::string text = read_text(provenance, name);
    if (name == names::kResolved) {
      manifest.resolved_yaml = std::move(text);
    } else {
      manifest.provenance.emplace_back(name, std::move(text));
    }
  }
  return manifest;
}

// The length of an axis of the file: that of its own array; 0 if no metric needs it.
std::uint64_t axis_length(const H5File& file, const std::string& name) {
  if (!file.contains(name)) return 0;
  H5Dataset axis = file.open_dataset(name);
  if (axis.dims().size() != 1) damaged(axis, "has another shape than it should");
  return axis.dims()[0];
}

// The lists of names of an axis, and the one of each run.
void read_names(const H5Group& group, NameList which, Layout& layout, std::vector<RunRecord>& records) {
  AxisNames& names = layout.names(which);
  names.list = read_column<std::int32_t>(group, list_name(which), {layout.runs});
  std::vector<std::string> list;
  const std::string lists = read_text(group, list_name(which) + "s");
  for (std::size_t start = 0; start < lists.size();) {
    const std::size_t end = std::min(lists.find('\n', start), lists.size());
    if (end > start) {
      list.push_back(lists.substr(start, end - start));
    } else {
      names.lists.push_back(std::exchange(list, {}));
    }
    start = end + 1;
  }
  for (std::size_t run = 0; run < records.size(); ++run) {
    const std::int32_t index = names.list[run];
    if (index < 0 || static_cast<std::size_t>(index) >= names.lists.size()) {
      damaged(group, "has runs with names that are not there");
    }
    records[run].names(which) = names.lists[static_cast<std::size_t>(index)];
  }
}

// Lengths of each run's arrays, and the layout that follows.
Layout read_shapes(const H5File& file, std::vector<RunRecord>& records) {
  Layout layout;
  layout.runs = records.size();
  const H5Group group = file.open_group(names::kShape);
  check_hash(group);
  for (const DimInfo& dim : dims()) {
    const std::string name = lengths_name(dim);
    if (dim.own_names || !group.contains(name)) continue;
    layout.lengths[static_cast<std::size_t>(dim.id)] = axis_length(file, std::string(dim.name));
    const std::vector<std::int32_t> column = read_column<std::int32_t>(group, name, {layout.runs});
    for (std::size_t run = 0; run < records.size(); ++run) {
      const auto length = static_cast<std::uint32_t>(column[run]);
      if (dim.id == Dim::kEpoch) {
        records[run].epochs = length;
      } else {
        records[run].set_length(dim.id, length);
      }
    }
  }
  for (std::size_t i = 0; i < layout.axis_names.size(); ++i) {
    const auto list = static_cast<NameList>(i);
    if (group.contains(list_name(list))) read_names(group, list, layout, records);
  }
  place_names(layout);
  return layout;
}

void read_metric(const H5Group& group, const MetricInfo& metric, const Layout& layout,
                 std::vector<RunRecord>& records) {
  const Shape shape = layout.shape(metric);
  read_array<double>(group, std::string(metric.name), shape,
                     [&](std::size_t first, const std::vector<double>& rows) {
                       std::size_t row = 1;
                       for (std::size_t axis = 1; axis < shape.size(); ++axis)
                         row *= static_cast<std::size_t>(shape[axis]);
                       for (std::size_t i = 0; i < rows.size() / row; ++i) {
                         RunRecord& record = records[first + i];
                         if (record.state == RunState::kMissing) continue;
                         std::size_t size = 1;
                         for (Dim dim : metric.dims) {
                           if (!dim_info(dim).own_names && record.length(dim) > layout.length(dim))
                             damaged(group, "has runs longer than it");
                           size *= record.length(dim);
                         }
                         std::vector<double> values(size);
                         const double* in = rows.data() + i * row;
                         for_each_place(layout, metric, record, first + i,
                                        [&](std::size_t to, std::size_t from) { values[to] = in[from]; });
                         if (is_recorded(values)) record[metric.id] = std::move(values);
                       }
                     });
}

// What each run keeps: `value` holds one run after the other.
void read_weights(const H5File& file, std::vector<RunRecord>& records) {
  if (!file.contains(names::kWeights)) return;
  const H5Group group = file.open_group(names::kWeights);
  check_hash(group);
  std::vector<std::vector<KeptParameter>> forms(1);
  std::istringstream lists(read_text(group, "forms"));
  for (std::string line; std::getline(lists, line);) {
    std::istringstream words(line);
    KeptParameter p;
    if (line.empty()) {
      forms.emplace_back();
    } else if (words >> p.name >> p.rows >> p.columns) {
      forms.back().push_back(std::move(p));
    } else {
      damaged(group, "has a form that cannot be");
    }
  }
  const std::vector<std::int32_t> form = read_column<std::int32_t>(group, "form", {records.size()});
  H5Dataset value = group.open_dataset("value");
  const std::vector<float> values = read_column<float>(group, "value", value.dims());
  std::size_t at = 0;
  for (std::size_t run = 0; run < records.size(); ++run) {
    if (form[run] < 0 || static_cast<std::size_t>(form[run]) >= forms.size())
      damaged(group, "has no such form");
    records[run].weights = forms[static_cast<std::size_t>(form[run])];
    for (KeptParameter& p : records[run].weights) {
      if (p.size() > values.size() - at) damaged(group, "is shorter than its forms say");
      p.values.assign(values.begin() + static_cast<std::ptrdiff_t>(at),
                      values.begin() + static_cast<std::ptrdiff_t>(at + p.size()));
      at += p.size();
    }
  }
}

Results read_file(const H5File& file, bool states_only) {
  check_schema(file);
  check_hash(file);
  Results results;
  const std::uint64_t runs = axis_length(file, names::kRun);
  results.manifest = read_manifest(file, runs);
  results.made_from = file.open_group(names::kProvenance).text_attribute(names::kMadeFrom);
  results.runs.resize(static_cast<std::size_t>(runs));
  const std::vector<std::int8_t> states = read_column<std::int8_t>(file, names::kState, {runs});
  for (std::size_t run = 0; run < results.runs.size(); ++run)
    results.runs[run].state = static_cast<RunState>(states[run]);
  if (file.contains(names::kMessage)) {
    std::vector<std::string> messages = read_column<std::string>(file, names::kMessage, {runs});
    for (std::size_t run = 0; run < results.runs.size(); ++run)
      results.runs[run].message = std::move(messages[run]);
  }
  if (states_only) return results;
  const Layout layout = read_shapes(file, results.runs);
  const H5Group measured = file.open_group(names::kMeasured);
  check_hash(measured);
  for (const MetricInfo& metric : metrics()) {
    const H5Group& group = metric.group == Group::kMeasured ? measured : static_cast<const H5Group&>(file);
    if (group.contains(std::string(metric.name))) read_metric(group, metric, layout, results.runs);
  }
  if (file.contains(names::kSample)) {
    std::vector<std::string> samples = read_column<std::string>(file, names::kSample, {runs});
    for (std::size_t run = 0; run < results.runs.size(); ++run)
      results.runs[run].sample = std::move(samples[run]);
  }
  read_weights(file, results.runs);
  for (const RunRecord& record : results.runs) {
    if (record.state != RunState::kMissing && !well_formed(record))
      damaged(file, "holds a run that cannot be");
  }
  return results;
}

Results read(const std::filesystem::path& path, bool states_only) {
  const bool as_written = check_trailer(PosixFile::open_read(path));
  const H5Session session;
  try {
    Results results = read_file(H5File::open(path, path.string()), states_only);
    if (!as_written) results.made_from.clear();
    return results;
  } catch (const std::bad_alloc&) {
    throw FileError(path.string(), "does not fit in memory, or is damaged");
  } catch (const std::length_error&) {
    throw FileError(path.string(), "is damaged: an array has an absurd length");
  }
}

}  // namespace

Results read_results(const std::filesystem::path& path) {
  return read(path, false);
}

Results verify_results(const std::filesystem::path& path) {
  require_trailer(PosixFile::open_read(path));
  return read(path, false);
}

RunRecord as_in_file(RunRecord record) {
  record.message = clean_text(record.message);
  record.sample = clean_text(record.sample);
  for (std::string& block : record.blocks) block = clean_text(block);
  for (std::string& name : record.classes) name = clean_text(name);
  for (std::vector<double>& values : record.values) {
    if (!is_recorded(values)) values.clear();
  }
  return record;
}

Results read_states(const std::filesystem::path& path) {
  return read(path, true);
}

}  // namespace unroll
