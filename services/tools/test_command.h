#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/topology/diagnostic.h"
#include "services/tools/test_report.h"
#include "services/tools/topology_folder.h"

namespace antiphon::tools {

// `antiphon test`, as its arguments say. Source: docs/testing-topologies.md.
struct TestOptions {
  std::vector<std::string> paths = {};  // topology folders, folders of scenario files, or scenario files
  std::string topology = {};            // else the nearest folder around each path that holds a topology.yaml
  std::string filter = {};              // only scenarios whose name holds this text
  std::string junit = {};               // write JUnit XML to this file
  bool json = false;
  bool verbose = false;  // name the scenarios that pass too
};

// Runs the scenarios: the report goes to `out`, complaints to `err`. Returns the exit code: 0 all passed, 1 some failed, 2 bad usage or
// input (a missing file, a topology or a scenario with mistakes, no scenario at all).
[[nodiscard]] int RunTest(const TestOptions& options, const LoadTopologyFolder& load, std::FILE* out, std::FILE* err);

// A topology, and the same without experiments: which of them a scenario runs on is its word.
struct TestedTopology {
  explicit TestedTopology(std::shared_ptr<const topology::Topology> loaded) : with(std::move(loaded)), without(WithoutExperiments(*with)) {}
  std::shared_ptr<const topology::Topology> with;
  topology::Topology without;
};

// The scenarios of one file, over a topology; of those whose name holds `filter`. Complaints about the file are in `diagnostics`; nothing
// is run if there are any.
struct TestedFile {
  FileResult result;
  std::vector<topology::Diagnostic> diagnostics;
};
[[nodiscard]] TestedFile TestFile(const TestedTopology& topology, std::string_view text, const std::string& file, std::string_view filter);

}  // namespace antiphon::tools
