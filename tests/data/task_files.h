// Files for the tasks that read some, for tests that go through all tasks.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "data/task.h"

namespace unroll {

// Arrays of 60 sequences of three classes.
inline void write_arrays(const std::string& folder) {
  const auto npy = [&](const char* name, std::string header, const void* values, std::size_t bytes) {
    header.append(117 - header.size(), ' ').append("\n");
    std::ofstream out(folder + name, std::ios::binary);
    out << std::string("\x93NUMPY\x01\x00\x76\x00", 10) << header;
    out.write(static_cast<const char*>(values), static_cast<std::streamsize>(bytes));
  };
  std::vector<float> x(std::size_t{60} * 12 * 2);
  std::vector<std::int32_t> y(60);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i * i % 97);
  for (std::size_t n = 0; n < y.size(); ++n) y[n] = static_cast<std::int32_t>(n % 3);
  npy("x.npy", "{'descr': '<f4', 'fortran_order': False, 'shape': (60, 12, 2), }", x.data(), 4 * x.size());
  npy("y.npy", "{'descr': '<i4', 'fortran_order': False, 'shape': (60,), }", y.data(), 4 * y.size());
}

// Gives a task that reads files some small ones.
inline void set_task_files(TaskConfig& config) {
  const std::string shipped = std::string(UNROLL_SOURCE_DIR) + "/datasets/";
  const std::string own = ::testing::TempDir() + "unroll_tasks_" + std::to_string(::getpid()) + "_";
  if (config.type == "series") config.file = shipped + "sunspots_yearly.csv";
  if (config.type == "classification") config.file = shipped + "pen_digits_TEST.ts";
  if (config.type == "text") {
    config.file = own + "text.txt";
    std::string text(3000, ' ');
    std::ifstream(shipped + "story.txt").read(text.data(), static_cast<std::streamsize>(text.size()));
    std::ofstream(config.file) << text;
  }
  if (config.type == "arrays") {
    write_arrays(own);
    config.file = own + "x.npy";
    config.target_file = own + "y.npy";
  }
}

}  // namespace unroll
