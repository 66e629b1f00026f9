// NAME.unfinished/: the states of runs under way, one file for each, so that a long run goes on after the end
// of the process. A state is for one program on one instruction set: others pass over it. A file takes its
// name when it is whole and on disk, so a reader never sees half of one; damage is found by its checksum, and
// the run begins anew. Several processes may use one folder.
#pragma once

#include <filesystem>
#include <string>

namespace unroll {

class Checkpoints {
 public:
  // program: what the states are for, for example version, commit, compiler and instruction set.
  // The folder is made with the first state.
  Checkpoints(std::filesystem::path folder, std::string program);

  // The state of a run; "" if there is none that this program can go on from. Never throws on content.
  std::string load(const std::string& run_id) const;
  // Is there a state, of whatever program? Never throws.
  bool has(const std::string& run_id) const;
  // Thread-safe for different runs. Throws FileError; the state before is then untouched.
  void save(const std::string& run_id, const std::string& state) const;
  // Once the run's record is on disk; removes the folder with the last. Never throws: what is left does no
  // harm.
  void remove(const std::string& run_id) const;

 private:
  std::filesystem::path file_of(const std::string& run_id) const;

  std::filesystem::path folder_;
  std::string program_;
};

}  // namespace unroll
