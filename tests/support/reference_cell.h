// One step of one layer of the reference: the equations of src/nn/<cell>.cpp and their derivatives.
#pragma once

#include <cstddef>
#include <string>

#include "tests/support/reference.h"

namespace unroll::reference {

// What one step of one sequence of one layer leaves behind for the backward pass.
struct Step {
  Numbers x, before, c_before;  // inputs
  Numbers gates;                // activated, gate after gate
  Numbers product;              // gru: q = U_n h + b_hn; gru_reset_before: r * h
  Numbers h, c;
};

struct LayerParameters {
  const Numbers& w;
  const Numbers& u;
  Numbers b;  // bias_ih
  Numbers c;  // bias_hh, zero if there is none
};

// Gradients of a step: dz of every gate before its activation, and what reaches h, c and x of before.
struct StepGradient {
  Numbers dx, dh, dc;  // what reaches x, h and c of before
  Numbers dc_whole;    // dL/dc of the step itself
};

double sigmoid(double z);
// Row `row` of matrix m [*, v.size()] times v.
double dot(const Numbers& m, std::size_t row, const Numbers& v);

std::size_t directions_of(const Net& net);
// The name of a parameter of a layer.
std::string named(const char* name, const Net& net, std::size_t layer);
LayerParameters parameters_of(const Net& net, std::size_t layer);

// Fills s.gates, s.product, s.h and s.c from its inputs.
void forward_step(const Net& net, const LayerParameters& p, Step& s);
// Adds the gradients of the parameters to `out`.
StepGradient backward_step(const Net& net, const LayerParameters& p, const Step& s, const Numbers& dh,
                           const Numbers& dc_after, std::size_t layer, Parameters& out);

}  // namespace unroll::reference
