// Nets and batches that the tests of this folder loop over: every cell, activation, loss and head of the
// tables.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "nn/model.h"
#include "tests/support/reference.h"

namespace unroll {

struct Case {
  ModelConfig config;
  ModelShape shape;
  std::string name() const;
};

// Every cell x activation x loss x head with these sizes; D, O and T follow from the numbers given.
std::vector<Case> cases_of(std::size_t hidden, std::size_t layers, std::size_t input, std::size_t steps,
                           std::size_t batch, const std::string& init = "torch");

// Every cell x head in all combinations of structure: one or both directions, lengths, carried state,
// numbers, one-hot symbols or an embedding, a learned start, dropout.
std::vector<Case> structured_cases(std::size_t hidden, std::size_t layers, std::size_t steps,
                                   std::size_t batch);

// A batch of random numbers in the float and in the double world, the same values. What lies past the end of
// a sequence is random too: nothing may depend on it.
struct Data {
  Data(const ModelShape& shape, std::size_t batch, std::size_t steps, std::uint32_t seed);
  ModelBatch batch() const;
  const reference::Batch& exact() const { return exact_; }
  std::size_t longest() const;

 private:
  std::vector<float> inputs_;
  std::vector<float> targets_;
  std::vector<std::int32_t> classes_;
  std::vector<std::int32_t> codes_;
  std::vector<std::uint32_t> lengths_;
  reference::Batch exact_;
};

// The factors of dropout that a model of this seed uses in a training step.
std::vector<reference::Numbers> dropout_factors(const Case& test, const Data& data, Seed seed,
                                                std::uint32_t step);

// The reference with the parameters of `model`.
reference::Net reference_of(const Case& test, const Model& model);

// Largest difference over the largest value.
double relative_error(const std::vector<float>& got, const std::vector<double>& want);

}  // namespace unroll
