// Feeds bytes to the reader of journals: as a whole journal, and as the payload of a sound record, which a
// random checksum would hide. Nothing that is read may be lost when it is written and read again.
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "base/error.h"
#include "store/journal.h"
#include "store/record_codec.h"

namespace unroll {
namespace {

void read_payload(std::string_view bytes) {
  std::string id;
  RunRecord record;
  if (decode_run(bytes, id, record) && well_formed(record)) {
    const std::string again = encode_run(id, record);
    std::string same_id;
    RunRecord same;
    if (!decode_run(again, same_id, same) || encode_run(same_id, same) != again) std::abort();
  }
  Manifest manifest;
  if (decode_manifest(bytes, manifest) && well_formed(manifest)) {
    const std::string again = encode_manifest(manifest);
    if (!decode_manifest(again, manifest) || encode_manifest(manifest) != again) std::abort();
  }
}

void read_file(std::string_view bytes) {
  static const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("fuzz." + std::to_string(getpid()) + ".journal");
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  std::size_t sound = 0;
  try {
    sound = read_journal(path).records.size();
  } catch (const FileError&) {
  }
  try {
    if (read_journal(path, true).records.size() < sound) std::abort();
  } catch (const FileError&) {
    if (sound > 0) std::abort();
  }
}

}  // namespace
}  // namespace unroll

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  unroll::read_payload(bytes);
  unroll::read_file(bytes);
  return 0;
}
