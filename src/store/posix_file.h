// A file on disk with every return code checked: what the journal and the publishing of results need, no
// more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>

namespace unroll {

// Owns a descriptor. All functions throw FileError with the path and the system's reason.
class PosixFile {
 public:
  static PosixFile open_read(const std::filesystem::path& path);
  // Creates the file if there is none and locks it until this object goes. What is locked is the file that
  // `path` names now, even if another process replaced it meanwhile. Throws LockedError if it is taken.
  static PosixFile open_locked(const std::filesystem::path& path);
  ~PosixFile();
  PosixFile(PosixFile&& other) noexcept;
  PosixFile& operator=(PosixFile&& other) noexcept;

  const std::filesystem::path& path() const { return path_; }
  std::uint64_t size() const;
  // Fills `into` from `offset`; returns how many bytes there were, fewer only at the end of the file.
  std::size_t read(std::uint64_t offset, char* into, std::size_t bytes) const;
  void write(std::uint64_t offset, std::string_view bytes);
  void truncate(std::uint64_t size);
  // Returns when content and size are on disk.
  void sync();
  // Gives the file another name, replacing what has it, and makes that durable.
  void rename_to(const std::filesystem::path& name);

 private:
  PosixFile(std::filesystem::path path, int fd);

  std::filesystem::path path_;
  int fd_ = -1;
};

// Is there anything of this name? Throws FileError if that cannot be found out.
bool file_exists(const std::filesystem::path& path);

// Makes the names in the folder of `path` durable.
void sync_folder_of(const std::filesystem::path& path);

}  // namespace unroll
