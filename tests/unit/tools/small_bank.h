#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "engine/topology/diagnostic.h"
#include "engine/topology/topology.h"
#include "services/tools/topology_folder.h"

namespace antiphon::tools {

// A bank of two triggers, for tests: an account that stands unused for 14 days (first_steps, by e-mail on working days), and a page read
// three times (savings_sweep, by SMS, for grown-ups only). One push a week; complaints silence; half of the customers are in the holdout.
[[nodiscard]] const topology::Topology& SmallBank();
[[nodiscard]] std::shared_ptr<const topology::Topology> SharedSmallBank();

// Loads it, whatever the folder.
[[nodiscard]] LoadTopologyFolder LoadSmallBank();

// As they are printed, one a line.
[[nodiscard]] std::string Lines(const std::vector<topology::Diagnostic>& diagnostics);

// A file in memory to be given as `out` or `err`, and what was written to it.
class Captured {
 public:
  Captured() : file_(open_memstream(&text_, &size_)) {}
  Captured(const Captured&) = delete;
  Captured& operator=(const Captured&) = delete;
  ~Captured() {
    std::fclose(file_);
    free(text_);
  }
  [[nodiscard]] std::FILE* file() const { return file_; }
  [[nodiscard]] std::string text() const {
    std::fflush(file_);
    return {text_, size_};
  }

 private:
  char* text_ = nullptr;
  std::size_t size_ = 0;
  std::FILE* file_;
};

// A file of its own under the test's temporary folder, gone with it.
class TemporaryFile {
 public:
  TemporaryFile(const std::string& name, const std::string& text);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

[[nodiscard]] std::string ReadAll(const std::string& path);

}  // namespace antiphon::tools
