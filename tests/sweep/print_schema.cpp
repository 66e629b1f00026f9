// Prints the JSON Schema, for schema_check.py.
#include <iostream>

#include "sweep/schema.h"

int main() {
  std::cout << unroll::json_schema();
}
