#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace antiphon::topology {

// SourceFiles: the port through which a load reads the files of one topology folder; the engine touches no file. Paths are relative to the
// folder, with '/', without "." or "..". Implemented on disk by services/topology_files, in memory by tests and by whoever keeps versions.
class SourceFiles {
 public:
  virtual ~SourceFiles() = default;
  // Nothing if there is no such file or it cannot be read.
  [[nodiscard]] virtual std::optional<std::string> Read(std::string_view path) const = 0;
  // Every file of the folder, sorted; those too large to be meant may be left out.
  [[nodiscard]] virtual std::vector<std::string> List() const = 0;
};

// Does `path` fit `pattern`? `*` is any run of characters but '/', `**` any run, `?` one character but '/'.
[[nodiscard]] bool FitsGlob(std::string_view path, std::string_view pattern);

}  // namespace antiphon::topology
