#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "services/topology_files/folder.h"
#include "tests/unit/topology/topology_support.h"

namespace antiphon::topology {
namespace {

FilesInMemory Retail() {
  const topology_files::Folder folder(ANTIPHON_WORKLOADS_DIR "/retail-1/topology");
  FilesInMemory files;
  for (const std::string& path : folder.List()) files.files[path] = *folder.Read(path);
  return files;
}

// A few bytes of one file overwritten, cut out, doubled or replaced by words that mean something somewhere.
void Mutate(std::string& text) {
  const auto position = [&text] { return *rc::gen::inRange<std::size_t>(0, text.size() + 1); };
  static const std::vector<std::string> kWords = {"*sms",
                                                  "&a ",
                                                  "{",
                                                  "}",
                                                  "[",
                                                  "]",
                                                  ": ",
                                                  "\n  ",
                                                  "\t",
                                                  "'",
                                                  "\"",
                                                  "|",
                                                  ">-",
                                                  "null",
                                                  "- ",
                                                  "<<: *sms",
                                                  "event.amount",
                                                  "features.",
                                                  "0",
                                                  "-1",
                                                  "true",
                                                  "on: ",
                                                  "where: ",
                                                  "\xFF",
                                                  "#",
                                                  "999999999999999999999",
                                                  "{{ ",
                                                  " }}",
                                                  "? ",
                                                  "!!int ",
                                                  "%",
                                                  "---\n"};
  for (int i = *rc::gen::inRange(1, 6); i > 0; --i) {
    const std::size_t at = position();
    switch (*rc::gen::inRange(0, 4)) {
      case 0:
        text.erase(at, *rc::gen::inRange<std::size_t>(1, 40));
        break;
      case 1:
        text.insert(at, *rc::gen::elementOf(kWords));
        break;
      case 2:
        text.insert(at, text.substr(position(), *rc::gen::inRange<std::size_t>(1, 60)));
        break;
      default:
        if (at < text.size()) text[at] = *rc::gen::arbitrary<char>();
        break;
    }
  }
}

TEST(MutationPropertyTest, NoDamagedTopologyEndsTheProcess) {
  const FilesInMemory good = Retail();
  ASSERT_EQ(good.files.size(), 5U);
  rc::check("a damaged topology is loaded or refused with a reason", [&good] {
    FilesInMemory files = good;
    auto file = std::next(files.files.begin(), *rc::gen::inRange<std::ptrdiff_t>(0, 5));
    Mutate(file->second);
    const LoadOutcome outcome = LoadTopology(files, SomeMessages{});
    if (outcome.topology == nullptr) {
      RC_ASSERT(std::ranges::any_of(outcome.diagnostics, [](const Diagnostic& one) { return one.severity == Severity::kError; }));
    }
    for (const Diagnostic& diagnostic : outcome.diagnostics) {
      RC_ASSERT(diagnostic.line >= 1U && diagnostic.column >= 1U);
      RC_ASSERT(!diagnostic.code.empty() && !diagnostic.message.empty());
    }
  });
}

}  // namespace
}  // namespace antiphon::topology
