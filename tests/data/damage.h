// Damages a text in up to three places, for properties about readers of files.
#pragma once

#include <rapidcheck.h>

#include <cstddef>
#include <string>

namespace unroll {

// letters: what a character may become.
inline std::string damaged(std::string text, const rc::Gen<char>& letters) {
  for (int i = 0; i < 3 && !text.empty(); ++i) {
    const auto at = static_cast<std::size_t>(*rc::gen::inRange<int>(0, static_cast<int>(text.size())));
    switch (*rc::gen::inRange(0, 4)) {
      case 0:
        text[at] = *letters;
        break;
      case 1:
        text.erase(at, static_cast<std::size_t>(*rc::gen::inRange(1, 8)));
        break;
      case 2:
        text.insert(at, text.substr(text.size() / 2));
        break;
      default:
        text.resize(at);
    }
  }
  return text;
}

}  // namespace unroll
