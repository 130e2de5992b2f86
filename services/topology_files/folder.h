#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/topology/source_files.h"

namespace antiphon::topology_files {

// Folder: the files of a topology on disk, as the engine's loader reads them. Files larger than kBytesMax, hidden files and folders, and
// what is no regular file are not there; paths out of the folder are refused. Links to files are followed (mounted configuration consists
// of them), links to folders are not. Reads when asked, keeps nothing. Not for use while somebody writes the folder.
class Folder : public topology::SourceFiles {
 public:
  static constexpr std::uintmax_t kBytesMax = std::uintmax_t{16} << 20U;
  static constexpr std::size_t kFilesMax = 20'000;

  explicit Folder(std::filesystem::path root) : root_(std::move(root)) {}

  [[nodiscard]] std::optional<std::string> Read(std::string_view path) const override;
  [[nodiscard]] std::vector<std::string> List() const override;

 private:
  std::filesystem::path root_;
};

}  // namespace antiphon::topology_files
