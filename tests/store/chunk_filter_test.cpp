#include "store/chunk_filter.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "base/error.h"
#include "store/h5.h"
#include "tests/support/process.h"

namespace unroll {
namespace {

using testing::TempFolder;

// As a loss curve: the upper bytes say little, the lower ones are noise.
std::vector<double> curve(std::size_t size) {
  std::mt19937 engine(3);
  std::normal_distribution<double> shake(1.0, 0.02);
  std::vector<double> values(size);
  for (std::size_t i = 0; i < size; ++i)
    values[i] = std::exp(-0.01 * static_cast<double>(i % 100)) * shake(engine);
  return values;
}

// Written in chunks as the stream of a results file does, the last one short.
template <typename T>
std::vector<T> through_a_file(H5Type type, const std::vector<T>& values, std::uint64_t columns,
                              std::uint64_t rows) {
  const TempFolder folder;
  const H5Session session;
  const std::uint64_t all = values.size() / columns;
  {
    H5File file = H5File::create(folder.path() / "a.h5", "a.h5");
    H5Dataset dataset = file.create_dataset("a", type, {all, columns}, {rows, columns});
    for (std::uint64_t first = 0; first < all; first += rows) {
      dataset.write(type, first, std::min(rows, all - first), values.data() + first * columns);
    }
    dataset.close();
    file.finish();
  }
  H5File file = H5File::open(folder.path() / "a.h5", "a.h5");
  std::vector<T> back(values.size());
  file.open_dataset("a").read(type, 0, all, back.data());
  return back;
}

TEST(ChunkFilter, TheLibraryReadsWhatItMade) {
  for (const std::size_t rows : {1, 2, 7, 64, 129}) {
    const std::vector<double> values = curve(129 * 50);
    EXPECT_EQ(through_a_file(H5Type::kFloat64, values, 50, rows), values) << rows;
  }
  const std::vector<float> floats = {1.5F, -0.0F, 3e-40F};
  EXPECT_EQ(through_a_file(H5Type::kFloat32, floats, 1, 2), floats);
  const std::vector<std::int8_t> bytes = {1, 2, -3, 4, 5};
  EXPECT_EQ(through_a_file(H5Type::kInt8, bytes, 1, 5), bytes);
  EXPECT_EQ(through_a_file(H5Type::kInt8, bytes, 1, 2), bytes);
}

TEST(ChunkFilter, IsAsSmallAsDeflateAlone) {
  for (const std::size_t size : {1UL, 100UL, 6400UL, 100000UL}) {
    const std::vector<double> values = curve(size);
    const std::span<const std::byte> bytes = std::as_bytes(std::span(values));
    std::vector<unsigned char> planes(bytes.size());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      planes[i % 8 * size + i / 8] = std::to_integer<unsigned char>(bytes[i]);
    }
    std::vector<unsigned char> plain(compressBound(planes.size()));
    uLongf length = plain.size();
    ASSERT_EQ(compress2(plain.data(), &length, planes.data(), planes.size(), 1), Z_OK);
    EXPECT_LE(static_cast<double>(filter_chunk(bytes, 8).size()), 1.02 * static_cast<double>(length) + 100.0);
  }
}

TEST(ChunkFilter, MakesTheSameBytesTwice) {
  const std::vector<double> values = curve(5000);
  const auto bytes = std::as_bytes(std::span(values));
  EXPECT_EQ(filter_chunk(bytes, 8), filter_chunk(bytes, 8));
}

}  // namespace
}  // namespace unroll
