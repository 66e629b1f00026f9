#include "store/layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/bytes.h"
#include "base/error.h"
#include "base/hash.h"
#include "store/record_codec.h"

namespace unroll {
namespace {

constexpr std::uint64_t kChunkBytes = std::uint64_t{1} << 20;
constexpr std::uint64_t kChunkRuns = 256;
constexpr std::uint64_t kChunkRunsOfScalars = 16384;

// Length of the valid UTF-8 sequence at the start of `text`, 0 if there is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first == 0) return 0;
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  // Too long a form, half of a surrogate pair, or beyond the last code point.
  const unsigned char second = byte(1);
  if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
      (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) {
    return 0;
  }
  return length;
}

std::vector<std::string> name_settings(const std::vector<SettingColumn>& settings) {
  std::set<std::string> taken = {names::kRun,     names::kRunId,  names::kReplicate, names::kState,
                                 names::kMessage, names::kSample, names::kMeasured,  names::kProvenance,
                                 names::kShape,   names::kWeights};
  for (const DimInfo& dim : dims()) taken.emplace(dim.name);
  for (const MetricInfo& metric : metrics()) taken.emplace(metric.name);
  std::vector<std::string> chosen;
  for (const SettingColumn& column : settings) {
    std::string name = column.name;
    if (taken.contains(name)) {
      name = column.key;
      std::replace(name.begin(), name.end(), '.', '_');
    }
    while (!taken.insert(name).second) name += '_';
    chosen.push_back(name);
  }
  return chosen;
}

}  // namespace

bool Layout::uses(Dim dim) const {
  return std::any_of(recorded.begin(), recorded.end(), [&](const MetricInfo* metric) {
    return std::count(metric->dims.begin(), metric->dims.end(), dim) > 0;
  });
}

Shape Layout::shape(const MetricInfo& metric) const {
  Shape shape = {runs};
  for (Dim dim : metric.dims) shape.push_back(length(dim));
  return shape;
}

Layout make_layout(const Manifest& manifest, const RecordSource& source) {
  Layout layout;
  layout.runs = manifest.run_ids.size();
  layout.setting_names = name_settings(manifest.settings);
  std::array<std::map<std::vector<std::string>, std::int32_t>, static_cast<std::size_t>(NameList::kCount)>
      lists;
  std::map<std::string, std::int32_t> weight_lists;
  std::array<bool, static_cast<std::size_t>(Metric::kCount)> recorded{};
  for (std::size_t run = 0; run < layout.runs; ++run) {
    const RunRecord& record = source(run);
    UNROLL_CHECK(record.state == RunState::kMissing || well_formed(record), manifest.run_ids[run]);
    for (std::size_t i = 0; i < lists.size(); ++i) {
      const std::vector<std::string>& names = record.names(static_cast<NameList>(i));
      const auto [list, is_new] = lists[i].emplace(names, static_cast<std::int32_t>(lists[i].size()));
      if (is_new) layout.axis_names[i].lists.push_back(names);
      layout.axis_names[i].list.push_back(list->second);
    }
    layout.messages = layout.messages || !record.message.empty();
    layout.samples = layout.samples || !record.sample.empty();
    for (const DimInfo& dim : dims()) {
      std::uint64_t& length = layout.lengths[static_cast<std::size_t>(dim.id)];
      length = std::max<std::uint64_t>(length, record.length(dim.id));
    }
    for (const MetricInfo& metric : metrics()) {
      bool& any = recorded[static_cast<std::size_t>(metric.id)];
      any = any || is_recorded(record[metric.id]);
    }
    const auto [weights, is_new_form] =
        weight_lists.emplace(weight_form(record.weights), static_cast<std::int32_t>(weight_lists.size()));
    if (is_new_form) {
      layout.weight_lists.push_back(record.weights);
      for (KeptParameter& parameter : layout.weight_lists.back()) parameter.values.clear();
    }
    layout.weight_list.push_back(weights->second);
    layout.weight_offset.push_back(layout.weights);
    for (const KeptParameter& parameter : record.weights) layout.weights += parameter.size();
  }
  place_names(layout);
  for (const MetricInfo& metric : metrics()) {
    if (recorded[static_cast<std::size_t>(metric.id)]) layout.recorded.push_back(&metric);
  }
  return layout;
}

std::string weight_form(const std::vector<KeptParameter>& weights) {
  std::string form;
  for (const KeptParameter& p : weights) form += fmt::format("{} {} {}\n", p.name, p.rows, p.columns);
  return form + "\n";
}

void place_names(Layout& layout) {
  for (AxisNames& names : layout.axis_names) {
    std::map<std::string, std::uint64_t> place;
    names.all.clear();
    names.places.clear();
    for (const std::vector<std::string>& list : names.lists) {
      std::vector<std::uint64_t>& places = names.places.emplace_back();
      for (const std::string& name : list) {
        const auto [at, is_new] = place.emplace(name, place.size());
        if (is_new) names.all.push_back(name);
        places.push_back(at->second);
      }
    }
  }
  for (const DimInfo& dim : dims()) {
    if (dim.own_names)
      layout.lengths[static_cast<std::size_t>(dim.id)] = layout.names(*dim.own_names).all.size();
  }
}

std::string list_name(NameList list) {
  return list == NameList::kBlocks ? "block_list" : "class_list";
}

Shape chunk_of(const Shape& shape, std::size_t value_bytes) {
  Shape chunk = shape;
  std::uint64_t bytes = value_bytes;  // of one run
  for (std::size_t axis = 1; axis < shape.size(); ++axis) bytes *= chunk[axis];
  // One run alone is too large: fewer of its outermost axis.
  for (std::size_t axis = 1; axis < shape.size() && bytes > kChunkBytes; ++axis) {
    const std::uint64_t inner = bytes / chunk[axis];
    chunk[axis] = std::max<std::uint64_t>(1, kChunkBytes / inner);
    bytes = inner * chunk[axis];
  }
  const std::uint64_t runs = shape.size() == 1 ? kChunkRunsOfScalars : kChunkRuns;
  chunk[0] = std::clamp<std::uint64_t>(kChunkBytes / bytes, 1, runs);
  chunk[0] = std::clamp<std::uint64_t>(shape[0], 1, chunk[0]);
  return chunk;
}

bool is_recorded(const std::vector<double>& values) {
  return std::any_of(values.begin(), values.end(), [](double v) { return !std::isnan(v); });
}

std::string clean_text(const std::string& text) {
  std::string clean;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t length = utf8_length(rest);
    if (length == 0) {
      clean += '?';
    } else {
      clean += rest.substr(0, length);
    }
    rest.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return clean;
}

void ContentHash::add(std::string_view bytes) {
  ByteWriter out;
  out.u64(hash64(bytes));
  digests_ += out.bytes();
}

std::string ContentHash::hex() const {
  return hash_hex(digests_);
}

}  // namespace unroll
