#pragma once

#include <rapidcheck.h>

#include <string>
#include <vector>

namespace antiphon::test {

// Damages the text of a YAML file, as rapidcheck draws it: one to five times a few bytes are cut out, doubled, overwritten, or a word is
// put in that means something to YAML, or one of `words`, which mean something to whoever reads the file.
inline void MutateYaml(std::string& text, const std::vector<std::string>& words) {
  static const std::vector<std::string> kOfYaml = {
      "*a ",  "&a ", "{",      "}",    "[", "]", ": ", "\n  ", "\t",     "'", "\"", "|",   ">-",    "null",
      "true", "- ",  "<<: *a", "\xFF", "#", "%", "? ", "\r",   "!!int ", "0", "-1", "1e9", "---\n", "999999999999999999999"};
  const auto position = [&text] { return *rc::gen::inRange<std::size_t>(0, text.size() + 1); };
  for (int i = *rc::gen::inRange(1, 6); i > 0; --i) {
    const std::size_t at = position();
    switch (*rc::gen::inRange(0, 5)) {
      case 0:
        text.erase(at, *rc::gen::inRange<std::size_t>(1, 40));
        break;
      case 1:
        text.insert(at, *rc::gen::elementOf(kOfYaml));
        break;
      case 2:
        text.insert(at, *rc::gen::elementOf(words));
        break;
      case 3:
        text.insert(at, text.substr(position(), *rc::gen::inRange<std::size_t>(1, 60)));
        break;
      default:
        if (at < text.size()) text[at] = *rc::gen::arbitrary<char>();
        break;
    }
  }
}

}  // namespace antiphon::test
