// Runs a test body once for each instruction set that this machine supports.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "simd/targets.h"

namespace unroll {

template <class Body>
void on_every_target(Body&& body) {
  for (const simd::Target& target : simd::targets()) {
    if (!target.supported) continue;
    SCOPED_TRACE("target " + std::string(target.name));
    simd::force_target(target.name);
    body();
  }
  simd::force_target("");
}

}  // namespace unroll
