// Files of the source tree that tests read.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace unroll {

inline std::string read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

inline std::filesystem::path spec_folder(const std::string& name) {
  return std::filesystem::path(UNROLL_SOURCE_DIR) / "tests/sweep/specs" / name;
}

// The experiment files of a folder of the source tree, by name.
inline std::vector<std::filesystem::path> yaml_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// What the leading comments "# word: value" of a file say.
inline std::vector<std::string> comments(const std::string& text, const std::string& word) {
  std::vector<std::string> values;
  std::istringstream in(text);
  const std::string start = "# " + word + ": ";
  for (std::string line; std::getline(in, line) && line.starts_with("#");) {
    if (line.starts_with(start)) values.push_back(line.substr(start.size()));
  }
  return values;
}

}  // namespace unroll
