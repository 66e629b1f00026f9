#include <filesystem>
#include <system_error>

#include "base/error.h"
#include "store/h5.h"
#include "store/layout.h"
#include "store/posix_file.h"
#include "store/record_codec.h"
#include "store/results.h"
#include "store/results_pass.h"
#include "store/trailer.h"

namespace unroll {
namespace {

// Where the file itself goes: what a symbolic link names, and never in the place of a device or a pipe.
std::filesystem::path place_of(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    throw FileError(path.string(), "is not a regular file");
  }
  std::filesystem::path place = path;
  constexpr int kLinks = 40;  // as many as the system follows
  for (int i = 0; i < kLinks && std::filesystem::is_symlink(place, error); ++i) {
    place = place.parent_path() / std::filesystem::read_symlink(place, error);
  }
  return place;
}

// Removes a file that was not finished, whatever happens.
struct Discard {
  std::filesystem::path path;
  bool armed = true;
  ~Discard() {
    std::error_code ignored;
    if (armed) std::filesystem::remove(path, ignored);
  }
};

}  // namespace

void write_results(const std::filesystem::path& path, const Manifest& manifest, const RecordSource& source,
                   const std::string& made_from) {
  UNROLL_CHECK(well_formed(manifest), manifest.experiment);
  const H5Session session;
  const Layout layout = make_layout(manifest, source);
  const std::filesystem::path place = place_of(path);
  const std::filesystem::path unfinished = place.string() + ".tmp";
  PosixFile file = PosixFile::open_locked(unfinished);
  Discard discard{unfinished};
  for (const PassMode mode : {PassMode::kWrite, PassMode::kCompare}) {
    const bool writing = mode == PassMode::kWrite;
    H5File h5 = writing ? H5File::create(unfinished, path.string()) : H5File::open(unfinished, path.string());
    pass_over(h5, manifest, source, layout, made_from, mode);
    h5.finish();
    if (writing) file.sync();
  }
  append_trailer(file);
  file.sync();
  file.rename_to(place);
  discard.armed = false;
}

void write_results(const std::filesystem::path& path, const Results& results) {
  UNROLL_CHECK(results.runs.size() == results.manifest.run_ids.size(), results.manifest.experiment);
  write_results(path, results.manifest,
                [&](std::size_t run) -> const RunRecord& { return results.runs[run]; });
}

}  // namespace unroll
