// The reader on generated texts: what is written well comes back, and no text at all can break it.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cstdio>
#include <string>
#include <vector>

#include "base/error.h"
#include "data/csv.h"
#include "tests/data/damage.h"

namespace unroll {
namespace {

// "t.csv" alone, or with a line and a column.
bool is_place(const std::string& where) {
  std::size_t line = 0;
  std::size_t column = 0;
  char rest = 0;
  return where == "t.csv" || (std::sscanf(where.c_str(), "t.csv:%zu:%zu%c", &line, &column, &rest) == 2 &&
                              line > 0 && column > 0);
}

// Reads everything there is to read; a text that is refused must be refused at a place of the text.
void read_all(const std::string& text) {
  try {
    const CsvTable table(text, "t.csv");
    RC_ASSERT(table.rows() > 0U);
    for (const std::string& name : table.names()) {
      if (name.empty()) continue;
      try {
        const auto values = table.numbers({name}, "key");
        RC_ASSERT(values.front().size() == table.rows());
      } catch (const FileError& error) {
        RC_ASSERT(is_place(error.where()));
        RC_ASSERT(!error.message().empty());
      }
    }
    RC_ASSERT(!table.last_numeric().empty());
  } catch (const FileError& error) {
    RC_ASSERT(is_place(error.where()));
    RC_ASSERT(!error.message().empty());
  }
}

RC_GTEST_PROP(CsvProperty, AnyTextIsReadOrRefused, ()) {
  const auto bytes = *rc::gen::container<std::vector<char>>(rc::gen::weightedOneOf<char>(
      {{6, rc::gen::element(',', '\n', '\r', '"', '#', '-', '.', '1', '9', 'e', 'a', ' ')},
       {1, rc::gen::arbitrary<char>()}}));
  read_all({bytes.begin(), bytes.end()});
}

RC_GTEST_PROP(CsvProperty, ADamagedTableIsReadOrRefused, ()) {
  const std::string text =
      "date,\"x, y\",z\r\n# note\n1749-01,58.0,\"a \"\"b\"\"\"\n1749-02,-6.26e1,\n1749-03,70,c\n";
  read_all(damaged(text, rc::gen::arbitrary<char>()));
}

RC_GTEST_PROP(CsvProperty, WhatIsWrittenComesBack, (const std::vector<std::pair<float, float>>& rows)) {
  RC_PRE(!rows.empty());
  const bool quotes = *rc::gen::arbitrary<bool>();
  const std::string end = *rc::gen::element(std::string("\n"), std::string("\r\n"));
  std::string text = "\"first \"\"column\"\"\",second" + end;
  for (const auto& [a, b] : rows) {
    text += quotes ? fmt::format("\"{}\",{}{}", a, b, end) : fmt::format("{},{}{}", a, b, end);
  }
  const auto values = CsvTable(text, "t.csv").numbers({"second", "first \"column\""}, "key");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    RC_ASSERT(static_cast<float>(values[0][i]) == rows[i].second);
    RC_ASSERT(static_cast<float>(values[1][i]) == rows[i].first);
  }
}

}  // namespace
}  // namespace unroll
