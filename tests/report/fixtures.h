// Reference values of numpy and scipy: tests/report/fixtures/statistics.json.
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace unroll {

inline nlohmann::json statistics_fixtures(const std::string& part) {
  std::ifstream file(UNROLL_SOURCE_DIR "/tests/report/fixtures/statistics.json");
  return nlohmann::json::parse(file).at(part);
}

}  // namespace unroll
