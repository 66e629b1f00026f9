// Where things are in results.h5: names, shapes, chunks, and the place of each number of a run in an array
// over all runs. Knows nothing of HDF5. The layout is documented in results/README.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "store/results.h"

namespace unroll {

using Shape = std::vector<std::uint64_t>;

// Names in the file that more than one source needs.
namespace names {
inline constexpr const char* kRun = "run";
inline constexpr const char* kRunId = "run_id";
inline constexpr const char* kReplicate = "replicate";
inline constexpr const char* kState = "state";
inline constexpr const char* kMessage = "message";
inline constexpr const char* kSample = "sample";
inline constexpr const char* kMeasured = "measured";      // group: what differs between equal runs
inline constexpr const char* kProvenance = "provenance";  // group: one text for each entry
inline constexpr const char* kShape = "shape";            // group: lengths of each run's own arrays
inline constexpr const char* kWeights = "weights";        // group: parameters that runs keep
inline constexpr const char* kResolved = "resolved_yaml";
inline constexpr const char* kMadeFrom = "made_from";  // attribute of /provenance: Results::made_from
inline constexpr const char* kSchema = "unroll_schema";
inline constexpr const char* kChecksum = "checksum";         // attribute of an array: of its content
inline constexpr const char* kContentHash = "content_hash";  // attribute of a group: of all its arrays
inline constexpr const char* kKey = "key";  // attribute of a setting: its key in the experiment file
inline constexpr const char* kShortName = "setting";  // attribute of a setting: SettingColumn::name
}  // namespace names

// The names of one axis that runs bring along: the lists that there are, and which one each run has; nets of
// equal form share one.
struct AxisNames {
  std::vector<std::string> all;  // of all runs, in the order of first sight
  std::vector<std::vector<std::string>> lists;
  std::vector<std::vector<std::uint64_t>> places;  // the same as indices into `all`
  std::vector<std::int32_t> list;                  // [run]
};

struct Layout {
  std::uint64_t runs = 0;
  std::array<std::uint64_t, static_cast<std::size_t>(Dim::kCount)>
      lengths{};  // of each axis: the longest of all runs, or as long as its names
  std::array<AxisNames, static_cast<std::size_t>(NameList::kCount)> axis_names;
  std::vector<const MetricInfo*> recorded;  // metrics that at least one run has
  std::vector<std::string> setting_names;   // of the arrays, unlike all other names in the root
  bool messages = false;                    // at least one run says why it ended as it did
  bool samples = false;                     // at least one run has written a text
  // The lists of parameters that runs keep, without values, and which one each run has.
  std::vector<std::vector<KeptParameter>> weight_lists;
  std::vector<std::int32_t> weight_list;     // [run]
  std::vector<std::uint64_t> weight_offset;  // [run] where its values start among those of all runs
  std::uint64_t weights = 0;                 // values of all runs

  AxisNames& names(NameList list) { return axis_names[static_cast<std::size_t>(list)]; }
  const AxisNames& names(NameList list) const { return axis_names[static_cast<std::size_t>(list)]; }
  std::uint64_t length(Dim dim) const { return lengths[static_cast<std::size_t>(dim)]; }
  bool uses(Dim dim) const;
  // [run] and the axes of the metric.
  Shape shape(const MetricInfo& metric) const;
};

Layout make_layout(const Manifest& manifest, const RecordSource& source);
// A line "name rows columns" for each parameter, and an empty line at the end.
std::string weight_form(const std::vector<KeptParameter>& weights);
// Fills `all`, `places` and the lengths of the axes from the lists.
void place_names(Layout& layout);
// Of the array in /shape that says which list a run has, and with an s of the one with the lists:
// "block_list".
std::string list_name(NameList list);

// Of the array in /shape that holds the length of an axis in each run: "epochs".
inline std::string lengths_name(const DimInfo& dim) {
  return std::string(dim.name) + "s";
}

// Chunk for an array over runs: at most 1 MiB, about 256 runs, more if a run has one number only.
Shape chunk_of(const Shape& shape, std::size_t value_bytes);

// An array of NaN only says nothing that "not recorded" does not say, and counts as that.
bool is_recorded(const std::vector<double>& values);

// Calls f(i, j) for every number of a run: index i in the run's array, j in its row of the array over all
// runs.
template <typename F>
void for_each_place(const Layout& layout, const MetricInfo& metric, const RunRecord& record, std::size_t run,
                    const F& f) {
  const auto place_of = [&](Dim dim, std::size_t k) {
    const auto list = dim_info(dim).own_names;
    if (!list) return k;
    const AxisNames& names = layout.names(*list);
    return static_cast<std::size_t>(names.places[static_cast<std::size_t>(names.list[run])][k]);
  };
  const auto walk = [&](const auto& self, std::size_t axis, std::size_t i, std::size_t j) -> void {
    if (axis == metric.dims.size()) return f(i, j);
    const Dim dim = metric.dims[axis];
    const std::size_t mine = record.length(dim);
    const auto all = static_cast<std::size_t>(layout.length(dim));
    for (std::size_t k = 0; k < mine; ++k) {
      self(self, axis + 1, i * mine + k, j * all + place_of(dim, k));
    }
  };
  walk(walk, 0, 0, 0);
}

// Valid UTF-8 without zero bytes, as readers of HDF5 texts need it; other bytes become '?'.
std::string clean_text(const std::string& text);

// Hashes texts and blocks of bytes one after the other.
class ContentHash {
 public:
  void add(std::string_view bytes);
  std::string hex() const;  // 32 digits

 private:
  std::string digests_;
};

}  // namespace unroll
