#include "data/arrays_file.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/hash.h"
#include "data/text_file.h"

namespace unroll {
namespace {

constexpr std::size_t kMostClasses = 65536;

void read(const TaskConfig& config, Arrays& out) {
  if (config.file.ends_with(".npy")) {
    if (config.target_file.empty()) {
      throw UsageError("task.target_file", "an array X in a .npy file needs the array y in another one");
    }
    const std::string x = read_file(config.file);
    const std::string y = read_file(config.target_file);
    out.x_where = config.file;
    out.y_where = config.target_file;
    out.x = read_npy(x, out.x_where);
    out.y = read_npy(y, out.y_where);
    out.bytes = x.size() + y.size();
    out.hash = hash_hex(hash_hex(x) + hash_hex(y));
    return;
  }
  if (!config.target_file.empty()) {
    throw UsageError("task.target_file", "an HDF5 file holds X and y both", "remove the key");
  }
  const std::string bytes = read_file(config.file);
  out.bytes = bytes.size();
  out.hash = hash_hex(bytes);
  out.x_where = config.file + ":/X";
  out.y_where = config.file + ":/y";
  out.x = read_hdf5(config.file, "X");
  out.y = read_hdf5(config.file, "y");
}

// Gives X and y their full number of axes.
void check_shapes(Arrays& a) {
  const auto refuse = [](const std::string& where, const std::string& what, const std::string& hint) {
    throw FileError(where, what, hint);
  };
  const std::string x_text = a.x.shape_text();
  if (a.x.shape.size() == 2) a.x.shape.push_back(1);
  if (a.x.shape.size() != 3 || a.x.values.empty()) {
    refuse(a.x_where, fmt::format("X has the shape {}", x_text),
           "sequences x steps x inputs, or sequences x steps; none of them zero");
  }
  std::vector<std::size_t>& y = a.y.shape;
  const std::string y_text = a.y.shape_text();
  const bool classes = a.y.kind == Array::Kind::kInteger;
  bool good = !y.empty() && y[0] == a.sequences() && !a.y.values.empty();
  if (good && y.size() == 2 && !classes && y[1] > 1 && y[1] == a.steps()) {
    refuse(a.y_where,
           fmt::format("y has the shape {}: one value for each of the {} steps, or {} values at the end?",
                       y_text, y[1], y[1]),
           fmt::format("reshape y to ({}, {}, 1) for each step, or to ({}, 1, {}) at the end", y[0], y[1],
                       y[0], y[1]));
  }
  if (good && y.size() == 1) {
    y.insert(y.end(), {1, 1});
  } else if (good && y.size() == 2) {
    y.insert(classes ? y.end() : y.begin() + 1, 1);
  }
  good = good && y.size() == 3 && (!classes || y[2] == 1) && (y[1] == 1 || y[1] == a.steps());
  if (!good) {
    refuse(a.y_where,
           fmt::format("y has the shape {}, which does not go with the shape {} of X", y_text, x_text),
           classes ? "classes: (sequences,) or (sequences, steps)"
                   : "values: (sequences, outputs) or (sequences, steps, outputs)");
  }
  a.every_step = y[1] > 1;
}

std::string at(const char* name, const Array& array, std::size_t i) {
  const std::size_t width = array.shape[2];
  return fmt::format("{}[{}, {}, {}]", name, i / width / array.shape[1], i / width % array.shape[1],
                     i % width);
}

// Refuses what no net can read or learn.
void check_number(const std::string& where, const char* name, const Array& array, std::size_t i,
                  const char* hint) {
  const double value = array.values[i];
  if (!std::isfinite(value)) {
    throw FileError(where, fmt::format("{} is not a finite number", at(name, array, i)), hint);
  }
  if (std::abs(value) > std::numeric_limits<float>::max()) {
    throw FileError(where, fmt::format("{} does not fit single precision", at(name, array, i)),
                    "use a smaller unit");
  }
}

// Counts the valid steps of each sequence and blanks the others.
void find_lengths(Arrays& a) {
  const std::size_t width = a.inputs();
  for (std::size_t n = 0; n < a.sequences(); ++n) {
    const std::size_t first = n * a.steps() * width;
    const auto missing = [&](std::size_t t) {
      std::size_t d = 0;
      while (d < width && std::isnan(a.x.values[first + t * width + d])) ++d;
      return d == width;
    };
    std::size_t length = a.steps();
    while (length > 0 && missing(length - 1)) --length;
    if (length == 0) throw FileError(a.x_where, fmt::format("sequence {} holds nothing but NaN", n));
    for (std::size_t i = length * width; i < a.steps() * width; ++i) a.x.values.clear(first + i);
    for (std::size_t i = first; i < first + length * width; ++i) {
      check_number(a.x_where, "X", a.x, i, "NaN may only fill whole steps at the end of a sequence");
    }
    a.length.push_back(static_cast<std::uint32_t>(length));
  }
}

// Checks what is scored, and blanks what is not.
void check_targets(Arrays& a) {
  const std::size_t width = a.y.shape[2];
  const bool classes = a.y.kind == Array::Kind::kInteger;
  double most = 0.0;
  for (std::size_t i = 0; i < a.y.values.size(); ++i) {
    const std::size_t row = i / width;
    if (a.every_step && row % a.steps() >= a.length[row / a.steps()]) {
      a.y.values.clear(i);
      continue;
    }
    check_number(a.y_where, "y", a.y, i, "every value that is predicted must be known");
    if (classes && a.y.values[i] < 0.0) {
      throw FileError(a.y_where, fmt::format("{} is negative", at("y", a.y, i)), "number the classes from 0");
    }
    most = std::max(most, a.y.values[i]);
  }
  a.outputs = classes ? static_cast<std::size_t>(most) + 1 : width;
  if (classes && (a.outputs < 2 || a.outputs > kMostClasses)) {
    throw FileError(a.y_where, fmt::format("the highest class is {}", a.outputs - 1),
                    fmt::format("there are 2 to {} classes, numbered from 0", kMostClasses));
  }
}

}  // namespace

Arrays read_arrays(const TaskConfig& config) {
  Arrays a;
  read(config, a);
  check_shapes(a);
  find_lengths(a);
  check_targets(a);
  return a;
}

}  // namespace unroll
