// A folder that measurements write to, removed when the object goes.
#pragma once

#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <system_error>

#include "base/error.h"

namespace unroll {

class TemporaryFolder {
 public:
  // Below TMPDIR, or /tmp.
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "unroll-bench-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr)
      throw FileError(name, std::string("cannot make this folder: ") + std::strerror(errno));
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace unroll
