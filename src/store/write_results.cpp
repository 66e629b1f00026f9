#include <filesystem>

#include "base/error.h"
#include "store/h5.h"
#include "store/layout.h"
#include "store/new_file.h"
#include "store/record_codec.h"
#include "store/results.h"
#include "store/results_pass.h"
#include "store/trailer.h"

namespace unroll {
void write_results(const std::filesystem::path& path, const Manifest& manifest, const RecordSource& source,
                   const std::string& made_from) {
  UNROLL_CHECK(well_formed(manifest), manifest.experiment);
  const H5Session session;
  const Layout layout = make_layout(manifest, source);
  NewFile file(path);
  for (const PassMode mode : {PassMode::kWrite, PassMode::kCompare}) {
    const bool writing = mode == PassMode::kWrite;
    H5File h5 =
        writing ? H5File::create(file.path(), path.string()) : H5File::open(file.path(), path.string());
    pass_over(h5, manifest, source, layout, made_from, mode);
    h5.finish();
    if (writing) file.file().sync();
  }
  append_trailer(file.file());
  file.publish();
}

void write_results(const std::filesystem::path& path, const Results& results) {
  UNROLL_CHECK(results.runs.size() == results.manifest.run_ids.size(), results.manifest.experiment);
  write_results(path, results.manifest,
                [&](std::size_t run) -> const RunRecord& { return results.runs[run]; });
}

}  // namespace unroll
