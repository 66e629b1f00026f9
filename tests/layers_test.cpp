// The house rules of src/README.md, checked on the text of the sources, with no list of exceptions:
// includes go to a lower rank or the own folder, outside libraries stay in their folder and out of
// headers, files stay small, and nothing is called util, common, misc or helper.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const std::map<std::string, int> kRank = {{"base", 0},   {"simd", 1},  {"data", 1},  {"sched", 1},
                                          {"nn", 2},     {"train", 3}, {"sweep", 4}, {"store", 4},
                                          {"report", 5}, {"cli", 6}};

// An outside library: how its headers start, and which folders may include it (in sources only).
struct Library {
  std::string prefix;
  std::vector<std::string> folders;
};
const std::vector<Library> kLibraries = {
    {"Random123/", {"base"}},
    {"xxhash.h", {"base"}},
    {"hwy/", {"simd"}},
    {"tbb/", {"sched"}},
    {"oneapi/", {"sched"}},
    {"yaml-cpp/", {"sweep"}},
    {"boost/random", {"sweep"}},
    {"hdf5", {"data", "store"}},
    {"zlib.h", {"store"}},
    {"H5", {"store"}},
    {"boost/program_options", {"cli"}},
    {"boost/math", {"report"}},
    // Text plumbing: any source may format text; the folders that read or write JSON may use it.
    {"fmt/", {"base", "simd", "data", "sched", "nn", "train", "sweep", "store", "report", "cli"}},
    {"nlohmann/", {"sweep", "store", "report", "cli"}},
};

struct Include {
  std::string path;
  bool own;  // "..." rather than <...>
};

std::vector<std::string> read_lines(const fs::path& file) {
  std::ifstream in(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::vector<Include> includes(const fs::path& file) {
  static const std::regex pattern(R"(^\s*#\s*include\s*(["<])([^">]+)[">])");
  std::vector<Include> found;
  for (const std::string& line : read_lines(file)) {
    std::smatch m;
    if (std::regex_search(line, m, pattern)) found.push_back({m[2], m[1] == "\""});
  }
  return found;
}

std::vector<fs::path> sources(const char* top) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(UNROLL_SOURCE_DIR) / top)) {
    const std::string ext = entry.path().extension();
    if (ext == ".h" || ext == ".cpp") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string folder_of(const fs::path& file) {
  return file.parent_path().filename();
}
bool is_header(const fs::path& file) {
  return file.extension() == ".h";
}
// A file that Highway includes again for each instruction set: part of a source, not an interface.
bool is_inline_source(const fs::path& file) {
  return file.string().ends_with("-inl.h");
}

TEST(Layers, EveryFolderHasARank) {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(UNROLL_SOURCE_DIR) / "src")) {
    if (!entry.is_directory()) continue;
    ++count;
    EXPECT_TRUE(kRank.contains(entry.path().filename())) << entry.path();
  }
  EXPECT_EQ(count, kRank.size());
}

TEST(Layers, IncludesGoDownOrStayInTheFolder) {
  ASSERT_GT(sources("src").size(), 5U);
  for (const fs::path& file : sources("src")) {
    const std::string folder = folder_of(file);
    ASSERT_TRUE(kRank.contains(folder)) << file;
    for (const Include& include : includes(file)) {
      if (!include.own) continue;
      const std::string target = include.path.substr(0, include.path.find('/'));
      ASSERT_TRUE(kRank.contains(target))
          << file << " includes \"" << include.path << "\"; write own includes as \"folder/file.h\"";
      EXPECT_TRUE(target == folder || kRank.at(target) < kRank.at(folder))
          << file << " (rank " << kRank.at(folder) << ") includes \"" << include.path << "\" (rank "
          << kRank.at(target) << ")";
    }
  }
}

TEST(Layers, OutsideLibrariesStayInTheirFolderAndOutOfHeaders) {
  for (const fs::path& file : sources("src")) {
    for (const Include& include : includes(file)) {
      if (include.own) continue;
      const auto library = std::find_if(kLibraries.begin(), kLibraries.end(), [&](const Library& l) {
        return include.path.rfind(l.prefix, 0) == 0;
      });
      if (library == kLibraries.end()) {
        // The standard library, or the system's headers, is all that may remain.
        EXPECT_TRUE(include.path.find('/') == std::string::npos || include.path.rfind("sys/", 0) == 0)
            << file << " includes <" << include.path << ">, a library without a row in kLibraries";
        continue;
      }
      EXPECT_TRUE(std::count(library->folders.begin(), library->folders.end(), folder_of(file)))
          << file << " may not include <" << include.path << ">";
      EXPECT_TRUE(!is_header(file) || is_inline_source(file))
          << file << " is a header and includes <" << include.path << ">";
    }
  }
}

// Of what git tracks: beside it lies what anybody builds or tries.
TEST(Layers, TheTopLevelHoldsOnlyWhatBelongsThere) {
  const std::set<std::string> known = {
      ".ci",          ".clang-format",  ".clang-tidy",       ".editorconfig",   ".gitignore",
      "CITATION.cff", "CMakeLists.txt", "CMakePresets.json", "CONTRIBUTING.md", "LICENSE",
      "README.md",    "datasets",       "experiments",       "results",         "scripts",
      "src",          "tests"};
  const std::string command = "git -C '" UNROLL_SOURCE_DIR "' ls-tree --name-only HEAD 2> /dev/null";
  const std::unique_ptr<FILE, int (*)(FILE*)> git(popen(command.c_str(), "r"), pclose);
  ASSERT_NE(git, nullptr);
  std::size_t entries = 0;
  char line[1024];
  for (; std::fgets(line, sizeof(line), git.get()) != nullptr; ++entries) {
    std::string name = line;
    name.pop_back();
    EXPECT_TRUE(known.contains(name)) << name;
  }
  if (entries == 0) GTEST_SKIP() << "git does not read this checkout";
}

TEST(Layers, FilesAreSmallAndWellNamed) {
  static const std::regex forbidden("util|common|misc|helper");
  for (const char* top : {"src", "tests"}) {
    for (const fs::path& file : sources(top)) {
      EXPECT_LE(read_lines(file).size(), 400U) << file;
      const std::string name = fs::relative(file, UNROLL_SOURCE_DIR).string();
      EXPECT_FALSE(std::regex_search(name, forbidden)) << name;
    }
  }
}

// All of src shares one namespace: two types of one name would be one to the linker, whatever they hold.
TEST(Layers, TypesHaveNamesOfTheirOwn) {
  static const std::regex type(R"(^(?:struct|class) ([A-Z]\w*)(?: :.*| \{.*|)$)");
  std::map<std::string, fs::path> defined;
  for (const fs::path& file : sources("src")) {
    bool unnamed = false;
    for (const std::string& line : read_lines(file)) {
      if (line == "namespace {") unnamed = true;
      if (line == "}  // namespace") unnamed = false;
      std::smatch m;
      if (unnamed || !std::regex_match(line, m, type)) continue;
      const auto [other, is_new] = defined.emplace(m[1], file);
      EXPECT_TRUE(is_new) << m[1] << " is a type in " << other->second << " and in " << file;
    }
  }
  EXPECT_GT(defined.size(), 100U);
}

TEST(Layers, EverySourceIsBuilt) {
  for (const char* top : {"src", "tests"}) {
    for (const fs::path& file : sources(top)) {
      if (is_header(file)) continue;
      std::string lists;
      for (fs::path dir = file.parent_path(); dir != fs::path(UNROLL_SOURCE_DIR); dir = dir.parent_path()) {
        for (const std::string& line : read_lines(dir / "CMakeLists.txt")) lists += line + "\n";
      }
      EXPECT_NE(lists.find(file.filename().string()), std::string::npos)
          << file << " is in no CMakeLists.txt";
    }
  }
}

}  // namespace
