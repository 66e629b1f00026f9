#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hdf5.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "base/error.h"
#include "data/array.h"
#include "data/task.h"
#include "tests/data/temporary_file.h"

namespace unroll {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

std::vector<double> all(const Numbers& numbers) {
  std::vector<double> out;
  for (std::size_t i = 0; i < numbers.size(); ++i) out.push_back(numbers[i]);
  return out;
}

// A .npy file of format 1, as numpy.save writes it.
template <typename T>
std::string npy(const std::string& type, const std::string& shape, const std::vector<T>& values,
                const std::string& fortran = "False") {
  std::string header =
      "{'descr': '" + type + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }";
  header.append(63 - (10 + header.size()) % 64, ' ').append("\n");
  std::string out = "\x93NUMPY";
  out += std::string("\x01\x00", 2);
  out += static_cast<char>(header.size() & 0xFF);
  out += static_cast<char>(header.size() >> 8);
  return out + header + std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

TEST(Npy, HoldsRealsIntegersAndBool) {
  const Array real = read_npy(npy<float>("<f4", "(2, 3)", {1, 2, 3, 4, 5, kNan}), "x");
  EXPECT_EQ(real.kind, Array::Kind::kReal);
  EXPECT_THAT(real.shape, ElementsAre(2, 3));
  EXPECT_EQ(real.values[4], 5.0);
  EXPECT_TRUE(std::isnan(real.values[5]));
  EXPECT_THAT(all(read_npy(npy<double>("<f8", "(2,)", {0.1, -1e-3}), "x").values), ElementsAre(0.1, -1e-3));
  EXPECT_THAT(all(read_npy(npy<std::int64_t>("<i8", "(2,)", {-7, 9}), "x").values), ElementsAre(-7, 9));
  EXPECT_THAT(all(read_npy(npy<std::uint16_t>("<u2", "(2,)", {7, 65535}), "x").values),
              ElementsAre(7, 65535));
  const Array bits = read_npy(npy<char>("|b1", "(3,)", {1, 0, 1}), "x");
  EXPECT_EQ(bits.kind, Array::Kind::kBool);
  EXPECT_THAT(all(bits.values), ElementsAre(1, 0, 1));
}

TEST(Npy, TurnsTheBytesOfBigEndianNumbersRound) {
  const Array integers = read_npy(npy<std::uint16_t>(">i2", "(2,)", {0x0100, 0xFEFF}), "x");
  EXPECT_EQ(integers.kind, Array::Kind::kInteger);
  EXPECT_THAT(all(integers.values), ElementsAre(1, -2));
  const Array real = read_npy(npy<std::uint32_t>(">f4", "(1,)", {0x0000C03F}), "x");
  EXPECT_EQ(real.kind, Array::Kind::kReal);
  EXPECT_THAT(all(real.values), ElementsAre(1.5));
}

TEST(Npy, TurnsFortranOrderRound) {
  const Array array = read_npy(npy<float>("<f4", "(2, 3)", {1, 4, 2, 5, 3, 6}, "True"), "x");
  EXPECT_THAT(all(array.values), ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(Npy, SaysWhatIsWrong) {
  const auto message = [](const std::string& bytes) -> std::string {
    try {
      read_npy(bytes, "x.npy");
    } catch (const FileError& error) {
      return error.message();
    }
    return "accepted";
  };
  const std::string good = npy<float>("<f4", "(2,)", {1, 2});
  EXPECT_EQ(message(good), "accepted");
  EXPECT_EQ(message("hello, world"), "this is not a .npy file");
  EXPECT_EQ(message(good + "x"), "9 bytes of values, but the shape (2,) needs 8");
  EXPECT_THAT(message(npy<float>("<c8", "(1,)", {1, 2})), HasSubstr("of type '<c8' are not read"));
  EXPECT_EQ(message(npy<float>("<f4", "(99999999999, 99999999999)", {1})), "the array is too large");
  EXPECT_THAT(message(npy<std::int64_t>("<i8", "(1,)", {std::int64_t{1} << 40})), HasSubstr("up to 2^24"));
}

RC_GTEST_PROP(NpyProperty, ADamagedFileIsReadOrRefused, ()) {
  std::string bytes = npy<float>("<f4", "(2, 3)", {1, 2, 3, 4, 5, 6}, "True");
  for (int i = 0; i < 3 && !bytes.empty(); ++i) {
    const auto at = static_cast<std::size_t>(*rc::gen::inRange<int>(0, static_cast<int>(bytes.size())));
    switch (*rc::gen::inRange(0, 4)) {
      case 0:
        bytes[at] = *rc::gen::arbitrary<char>();
        break;
      case 1:
        bytes[at] = *rc::gen::element('(', ')', ',', '0', '9', '\'', 'f', 'i', ':');
        break;
      case 2:
        bytes.erase(at, static_cast<std::size_t>(*rc::gen::inRange(1, 8)));
        break;
      default:
        bytes.resize(at);
    }
  }
  try {
    const Array array = read_npy(bytes, "x.npy");
    RC_ASSERT(array.values.size() == array_size(array.shape, "x"));
  } catch (const FileError& error) {
    RC_ASSERT(error.where() == "x.npy");
    RC_ASSERT(!error.message().empty());
  }
}

TaskConfig config_for(const TemporaryFile& x, const TemporaryFile& y) {
  TaskConfig config;
  config.type = "arrays";
  config.file = x.path();
  config.target_file = y.path();
  config.split = "time";
  config.valid_share = 0.25;
  config.test_share = 0.25;
  config.normalize = "none";
  return config;
}

// Four sequences of three steps of two inputs, the second one step shorter.
std::vector<float> x_values() {
  std::vector<float> x(24);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i);
  x[10] = x[11] = kNan;
  return x;
}

TEST(Arrays, ClassesOfWholeSequences) {
  const TemporaryFile x(npy("<f4", "(4, 3, 2)", x_values()), "_x.npy");
  const TemporaryFile y(npy<std::int32_t>("<i4", "(4,)", {0, 1, 2, 1}), "_y.npy");
  const Dataset data = make_dataset(resolve_task(config_for(x, y)), {});
  EXPECT_EQ(data.loss, Loss::kSoftmax);
  EXPECT_EQ(data.output_size, 3U);
  EXPECT_FALSE(data.every_step);
  EXPECT_THAT(data.train.classes, ElementsAre(0, 1));
  EXPECT_THAT(data.train.length, ElementsAre(3, 2));
  EXPECT_THAT(data.train.inputs, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0));
  EXPECT_THAT(data.test.classes, ElementsAre(1));
}

TEST(Arrays, ValuesAndBitsAtEachStep) {
  const TemporaryFile x(npy("<f4", "(4, 3, 2)", x_values()), "_x.npy");
  const TemporaryFile y(npy<float>("<f4", "(4, 3, 1)", {1, 2, 3, 4, 5, kNan, 7, 8, 9, 10, 11, 12}), "_y.npy");
  const Dataset values = make_dataset(resolve_task(config_for(x, y)), {});
  EXPECT_EQ(values.loss, Loss::kMse);
  EXPECT_TRUE(values.every_step);
  EXPECT_THAT(values.train.targets, ElementsAre(1, 2, 3, 4, 5, 0));
  EXPECT_NEAR(values.chance.valid, (16.0 + 25.0 + 36.0) / 3.0, 1e-6);  // the mean of 1 .. 5 is 3
  y.write(npy<char>("|b1", "(4, 2)", {1, 0, 1, 1, 0, 0, 1, 0}));
  const Dataset bits = make_dataset(resolve_task(config_for(x, y)), {});
  EXPECT_EQ(bits.loss, Loss::kSigmoid);
  EXPECT_EQ(bits.output_size, 2U);
  EXPECT_THAT(bits.test.targets, ElementsAre(1, 0));
}

TEST(Arrays, RefuseValuesThatMayBeOutputsOrSteps) {
  const TemporaryFile x(npy("<f4", "(4, 3, 2)", x_values()), "_x.npy");
  const std::vector<float> values = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  const std::vector<char> bits = {1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1};
  const TemporaryFile y("", "_y.npy");
  for (const std::string& bytes : {npy("<f4", "(4, 3)", values), npy("|b1", "(4, 3)", bits)}) {
    y.write(bytes);
    try {
      resolve_task(config_for(x, y));
      ADD_FAILURE() << "accepted";
    } catch (const FileError& error) {
      EXPECT_EQ(error.where(), y.path());
      EXPECT_EQ(error.message(),
                "y has the shape (4, 3): one value for each of the 3 steps, or 3 values at the end?");
      EXPECT_EQ(error.hint(), "reshape y to (4, 3, 1) for each step, or to (4, 1, 3) at the end");
    }
  }
  y.write(npy("<f4", "(4, 1, 3)", values));
  const TaskConfig end = resolve_task(config_for(x, y));
  EXPECT_FALSE(end.facts.every_step);
  EXPECT_EQ(end.facts.outputs, 3U);
  EXPECT_THAT(make_dataset(end, {}).train.targets, ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(Arrays, ScaleByTheTrainingPart) {
  const TemporaryFile x(npy<double>("<f8", "(4, 2)", {0, 4, 2, 2, 9, 9, 9, 9}), "_x.npy");
  const TemporaryFile y(npy<double>("<f8", "(4,)", {10, 20, 30, 40}), "_y.npy");
  TaskConfig config = config_for(x, y);
  config.normalize = "minmax";
  const Dataset data = make_dataset(resolve_task(config), {});
  EXPECT_THAT(data.train.inputs, ElementsAre(0, 1, 0.5, 0.5));
  EXPECT_THAT(data.train.targets, ElementsAre(0, 1));
  EXPECT_THAT(data.test.targets, ElementsAre(3));
}

TEST(Arrays, KeepTheDigitsOfDoublesUntilTheyAreScaled) {
  const double far = 1.7e9;
  const TemporaryFile x(npy<double>("<f8", "(4, 1)", {far, far + 2, far + 1, far + 3}), "_x.npy");
  const TemporaryFile y(npy<double>("<f8", "(4,)", {far + 4, far, far + 2, far + 3}), "_y.npy");
  TaskConfig config = config_for(x, y);
  config.normalize = "minmax";
  const Dataset data = make_dataset(resolve_task(config), {});
  EXPECT_THAT(data.train.inputs, ElementsAre(0, 1));
  EXPECT_THAT(data.valid.inputs, ElementsAre(0.5));
  EXPECT_THAT(data.train.targets, ElementsAre(1, 0));
  EXPECT_THAT(data.test.targets, ElementsAre(0.75));
}

TEST(Arrays, RefuseTargetsThatDoNotVary) {
  const TemporaryFile x(npy("<f4", "(4, 3, 2)", x_values()), "_x.npy");
  const TemporaryFile y(npy<float>("<f4", "(4, 2)", {1, 5, 2, 5, 3, 5, 4, 6}), "_y.npy");
  TaskConfig config = config_for(x, y);
  EXPECT_NO_THROW(resolve_task(config));
  config.normalize = "zscore";
  try {
    resolve_task(config);
    ADD_FAILURE() << "accepted";
  } catch (const FileError& error) {
    EXPECT_EQ(error.where(), y.path());
    EXPECT_EQ(error.message(), "y[:, 0, 1] does not vary in the training part");
    EXPECT_THAT(error.hint(), HasSubstr("task.normalize to none"));
  }
  // An input that does not vary is common: it becomes zero.
  y.write(npy<float>("<f4", "(4,)", {1, 2, 3, 4}));
  std::vector<float> ones = x_values();
  for (std::size_t i = 1; i < ones.size(); i += 2) ones[i] = i == 11 ? kNan : 7.0F;
  x.write(npy("<f4", "(4, 3, 2)", ones));
  EXPECT_EQ(make_dataset(resolve_task(config), {}).train.inputs[1], 0.0F);
}

TEST(Arrays, SayWhatDoesNotGoTogether) {
  const TemporaryFile x(npy("<f4", "(4, 3, 2)", x_values()), "_x.npy");
  const TemporaryFile y(npy<std::int32_t>("<i4", "(3,)", {0, 1, 2}), "_y.npy");
  const auto message = [&] {
    try {
      resolve_task(config_for(x, y));
    } catch (const Error& error) {
      return error.message();
    }
    return std::string("accepted");
  };
  EXPECT_EQ(message(), "y has the shape (3,), which does not go with the shape (4, 3, 2) of X");
  y.write(npy<std::int32_t>("<i4", "(4,)", {0, 1, -2, 0}));
  EXPECT_EQ(message(), "y[2, 0, 0] is negative");
  y.write(npy<std::int32_t>("<i4", "(4,)", {0, 0, 0, 0}));
  EXPECT_EQ(message(), "the highest class is 0");
  y.write(npy<float>("<f4", "(4,)", {0, 1, kNan, 0}));
  EXPECT_EQ(message(), "y[2, 0, 0] is not a finite number");
  y.write(npy<double>("<f8", "(4,)", {0, 1, 1e39, 0}));
  EXPECT_EQ(message(), "y[2, 0, 0] does not fit single precision");
  std::vector<float> holes = x_values();
  holes[1] = kNan;
  x.write(npy("<f4", "(4, 3, 2)", holes));
  EXPECT_EQ(message(), "X[0, 0, 1] is not a finite number");
}

// Closes what the library opened, in any order.
void write_hdf5(const std::string& path) {
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const auto put = [&](const char* name, const std::vector<hsize_t>& shape, hid_t stored, hid_t memory,
                       const void* values) {
    const hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
    const hid_t dataset = H5Dcreate2(file, name, stored, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Dwrite(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    H5Dclose(dataset);
    H5Sclose(space);
  };
  const std::vector<float> x = x_values();
  put("X", {4, 3, 2}, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, x.data());
  const std::vector<double> wide = {0.1, 1e8 + 0.5};
  put("wide", {2}, H5T_IEEE_F64BE, H5T_NATIVE_DOUBLE, wide.data());
  const std::vector<int> y = {0, 1, 2, 1};
  put("y", {4}, H5T_STD_I16BE, H5T_NATIVE_INT, y.data());
  const hid_t boolean = H5Tenum_create(H5T_NATIVE_INT8);
  const signed char off = 0;
  const signed char on = 1;
  H5Tenum_insert(boolean, "FALSE", &off);
  H5Tenum_insert(boolean, "TRUE", &on);
  const std::vector<signed char> bits = {1, 0, 1};
  put("bits", {3}, boolean, boolean, bits.data());
  H5Tclose(boolean);
  const hid_t sides = H5Tenum_create(H5T_NATIVE_INT8);
  const signed char right = 2;
  H5Tenum_insert(sides, "LEFT", &on);
  H5Tenum_insert(sides, "RIGHT", &right);
  put("sides", {3}, sides, sides, bits.data());
  H5Tclose(sides);
  H5Fclose(file);
}

TEST(Arrays, AreTheSameInHdf5) {
  const TemporaryFile h5("", ".h5");
  write_hdf5(h5.path());
  const TemporaryFile x(npy("<f4", "(4, 3, 2)", x_values()), "_x.npy");
  const TemporaryFile y(npy<std::int32_t>("<i4", "(4,)", {0, 1, 2, 1}), "_y.npy");
  TaskConfig config = config_for(x, y);
  const Dataset from_npy = make_dataset(resolve_task(config), {});
  config.file = h5.path();
  config.target_file.clear();
  const Dataset data = make_dataset(resolve_task(config), {});
  EXPECT_EQ(data.train.inputs, from_npy.train.inputs);
  EXPECT_EQ(data.train.length, from_npy.train.length);
  EXPECT_EQ(data.train.classes, from_npy.train.classes);
  EXPECT_THAT(all(read_hdf5(h5.path(), "wide").values), ElementsAre(0.1, 1e8 + 0.5));
  const Array bits = read_hdf5(h5.path(), "bits");
  EXPECT_EQ(bits.kind, Array::Kind::kBool);
  EXPECT_THAT(all(bits.values), ElementsAre(1, 0, 1));
  EXPECT_THROW(read_hdf5(h5.path(), "z"), FileError);
  try {
    read_hdf5(h5.path(), "sides");
    ADD_FAILURE() << "accepted";
  } catch (const FileError& error) {
    EXPECT_EQ(error.message(), "the values are words: LEFT, RIGHT");
    EXPECT_EQ(error.hint(), "store their numbers instead: classes are integers, numbered from 0");
  }
  const TemporaryFile text("not HDF5", ".txt");
  EXPECT_THROW(read_hdf5(text.path(), "X"), FileError);
}

}  // namespace
}  // namespace unroll
