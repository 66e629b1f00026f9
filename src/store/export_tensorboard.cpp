#include <bit>
#include <cmath>
#include <system_error>

#include "base/bytes.h"
#include "base/error.h"
#include "store/crc32c.h"
#include "store/export.h"
#include "store/new_file.h"

namespace unroll {
namespace {

namespace fs = std::filesystem;

// Protocol buffers, as far as an event needs them: a field is its number and wire type, then its value.
enum WireType : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

void field(ByteWriter& out, std::uint8_t number, WireType type) {
  out.u8(static_cast<std::uint8_t>(number << 3 | type));
}

// One number of one epoch: Event{wall_time = 1, step = 2, summary = 5 {value = 1 {tag = 1, simple_value =
// 2}}}.
std::string scalar_event(double time, std::uint64_t step, std::string_view tag, double number) {
  ByteWriter value;
  field(value, 1, kBytes);
  value.text(tag);
  field(value, 2, kFixed32);
  value.u32(std::bit_cast<std::uint32_t>(static_cast<float>(number)));
  ByteWriter summary;
  field(summary, 1, kBytes);
  summary.text(value.bytes());
  ByteWriter event;
  field(event, 1, kFixed64);
  event.f64(time);
  field(event, 2, kVarint);
  event.size(step);
  field(event, 5, kBytes);
  event.text(summary.bytes());
  return event.take();
}

// The first event of a file: Event{wall_time = 1, file_version = 3}.
std::string version_event(double time) {
  ByteWriter event;
  field(event, 1, kFixed64);
  event.f64(time);
  field(event, 3, kBytes);
  event.text("brain.Event:2");
  return event.take();
}

std::uint32_t masked(std::string_view bytes) {
  const std::uint32_t crc = crc32c(bytes);
  return (crc >> 15 | crc << 17) + 0xA282EAD8U;
}

// A TFRecord: length, its checksum, bytes, theirs.
void add_record(std::string& out, const std::string& event) {
  ByteWriter head;
  head.u64(event.size());
  ByteWriter record;
  record.u64(event.size());
  record.u32(masked(head.bytes()));
  out += record.bytes() + event;
  ByteWriter tail;
  tail.u32(masked(event));
  out += tail.bytes();
}

}  // namespace

std::size_t export_tensorboard(const fs::path& folder, const Results& results) {
  std::size_t written = 0;
  for (std::size_t run = 0; run < results.runs.size(); ++run) {
    const RunRecord& record = results.runs[run];
    if (record.state == RunState::kMissing) continue;
    const std::vector<double>& start = record[Metric::kStartTime];
    const double time = start.empty() ? 0.0 : start[0];
    std::string bytes;
    add_record(bytes, version_event(time));
    for (const MetricInfo& metric : metrics()) {
      const std::vector<double>& values = record[metric.id];
      const bool curve = metric.dims == std::vector<Dim>{Dim::kEpoch};
      if (values.empty() || (!curve && !metric.dims.empty())) continue;
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (std::isnan(values[i])) continue;
        const std::uint64_t step = curve ? i + 1 : std::max<std::uint64_t>(record.epochs, 1);
        add_record(bytes, scalar_event(time, step, metric.name, values[i]));
      }
    }
    const fs::path place = folder / results.manifest.run_ids[run];
    std::error_code error;
    fs::create_directories(place, error);
    if (error) throw FileError(place.string(), "cannot make this folder: " + error.message());
    // TensorBoard reads every file that has "tfevents" in its name.
    NewFile file(place / "events.out.tfevents.0.unroll", place / "unfinished");
    file.file().write(0, bytes);
    file.publish();
    ++written;
  }
  return written;
}

}  // namespace unroll
