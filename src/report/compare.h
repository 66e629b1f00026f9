// The verdict: which method is better, by how much, how sure. Reads Results, never YAML.
#pragma once

#include <string>
#include <vector>

#include "store/results.h"

namespace unroll {

struct CompareOptions {
  std::string metric;  // "" = the metric of the sweep
  std::string by;      // setting whose values are the methods; "" = cell if swept, else the first axis
  double level = 0.95;
};

// One method at one point of the other axes: a row of the table.
struct CompareRow {
  std::string method;
  std::string at;     // "seq_len=100", the other swept settings
  std::size_t n = 0;  // runs with a value or diverged
  std::size_t missing = 0;
  std::size_t diverged = 0;
  std::size_t failed = 0;
  double median = 0.0;
  double iqm = 0.0;  // interquartile mean
  double low = 0.0;  // bootstrap interval of the interquartile mean
  double high = 0.0;
  double min = 0.0;
  double max = 0.0;
  double chance = 0.0;
  std::size_t params = 0;
  double seconds = 0.0;  // median wall time of a run
};

// Two methods at one point, paired over replicates.
struct ComparePair {
  std::string better;  // the one that the estimate favours
  std::string other;
  std::string at;
  std::size_t pairs = 0;
  std::size_t wins = 0;
  double probability = 0.5;  // P(better < other), ties count half
  double low = 0.0;
  double high = 1.0;
  double p_value = 1.0;          // Holm-corrected over all pairs
  bool shown = false;            // a difference is shown at the level
  std::size_t seeds_needed = 0;  // about, if not shown
  std::string sentence;
};

struct Comparison {
  std::string experiment;
  std::string metric;
  std::string unit;
  std::string by;
  double level = 0.95;
  std::string chance_rule;
  std::vector<CompareRow> rows;
  std::vector<ComparePair> pairs;
  std::vector<std::string> verdict;  // sentences, most important first
};

Comparison compare(const Results& results, const CompareOptions& options = {});

std::string to_text(const Comparison& comparison, std::size_t width);
std::string to_json(const Comparison& comparison);
std::string to_csv(const Comparison& comparison);

}  // namespace unroll
