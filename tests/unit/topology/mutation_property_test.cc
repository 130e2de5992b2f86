#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "services/topology_files/folder.h"
#include "tests/support/mutated_yaml.h"
#include "tests/unit/topology/topology_support.h"

namespace antiphon::topology {
namespace {

FilesInMemory Retail() {
  const topology_files::Folder folder(ANTIPHON_WORKLOADS_DIR "/retail-1/topology");
  FilesInMemory files;
  for (const std::string& path : folder.List()) files.files[path] = *folder.Read(path);
  return files;
}

TEST(MutationPropertyTest, NoDamagedTopologyEndsTheProcess) {
  const FilesInMemory good = Retail();
  ASSERT_EQ(good.files.size(), 5U);
  rc::check("a damaged topology is loaded or refused with a reason", [&good] {
    FilesInMemory files = good;
    auto file = std::next(files.files.begin(), *rc::gen::inRange<std::ptrdiff_t>(0, 5));
    test::MutateYaml(file->second, {"*sms", "<<: *sms", "event.amount", "features.", "on: ", "where: ", "{{ ", " }}"});
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
