// The payloads of the journal: a manifest or a run as bytes. Little-endian, versioned, every length checked;
// metrics go by name, so rows of the metric table may come, go and move. Format: results/README.md.
#pragma once

#include <string>
#include <string_view>

#include "store/manifest.h"
#include "train/run_record.h"

namespace unroll {

// Requires: every array has the length that the record's axes give it (see `well_formed`).
std::string encode_run(std::string_view run_id, const RunRecord& record);
// False if the bytes are not what encode_run makes; never throws on content. A metric that this program does
// not know is left out.
bool decode_run(std::string_view bytes, std::string& run_id, RunRecord& record);

// Requires: one entry for each run in every column.
std::string encode_manifest(const Manifest& manifest);
// Its bytes without the provenance.
std::string encode_sweep(const Manifest& manifest);
bool decode_manifest(std::string_view bytes, Manifest& manifest);

// Is every recorded array as long as the record's axes say, and the state one that a run can end in?
bool well_formed(const RunRecord& record);
// Has every column one entry for each run?
bool well_formed(const Manifest& manifest);

}  // namespace unroll
