// Counter-based random numbers (Philox 4x32-10). A stream is a pure function of (sweep seed, replicate,
// purpose, stream), so what a run draws never depends on threads, order or resume, and two cells with
// the same replicate draw the same data in the same order.
// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace unroll {

// What a stream is for. The values are part of every result: never renumber, only append.
enum class Purpose : std::uint32_t {
  kTrainData = 1,
  kValidData = 2,
  kTestData = 3,
  kSplit = 4,
  kShuffle = 5,
  kInit = 6,
  kDropout = 7,
  kProbe = 8,
  kSearch = 9,
  kBootstrap = 10,
  kSample = 11,
  kText = 12,
};

// The pair that all random numbers of a run hang on.
struct Seed {
  std::uint32_t sweep = 0;      // `sweep.seed`
  std::uint32_t replicate = 0;  // index of the replicate, 0 .. sweep.seeds - 1
};

class Rng {
 public:
  // stream: any number that separates draws of one purpose, for example an epoch or a parameter block. part:
  // the same within a stream, for draws of fewer than 2^34 numbers.
  Rng(Seed seed, Purpose purpose, std::uint32_t stream = 0, std::uint32_t part = 0);

  std::uint32_t next_u32();
  // Uniform in [0, 1), 53 random bits.
  double uniform();
  // Uniform in [low, high).
  double uniform(double low, double high);
  // Standard normal by Box-Muller in double; both values of a pair are used.
  double normal();
  // Uniform integer in [0, n) without bias. Requires: n > 0.
  std::uint32_t below(std::uint32_t n);
  // Fisher-Yates permutation of 0 .. n-1.
  std::vector<std::uint32_t> permutation(std::size_t n);

 private:
  void refill();

  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint32_t, 4> block_{};
  int used_ = 4;
  bool has_spare_ = false;
  double spare_ = 0.0;
};

}  // namespace unroll
