#include "services/topology_files/folder.h"

#include <algorithm>
#include <fstream>
#include <system_error>

namespace antiphon::topology_files {
namespace {

// Relative, and no part of it leads out of the folder or is hidden.
bool IsInside(const std::filesystem::path& path) {
  return !path.empty() && path.is_relative() &&
         std::ranges::none_of(path, [](const std::filesystem::path& part) { return part.native().starts_with('.'); });
}

}  // namespace

std::optional<std::string> Folder::Read(std::string_view path) const {
  const std::filesystem::path relative(path);
  if (!IsInside(relative)) return std::nullopt;
  const std::filesystem::path full = root_ / relative;
  std::error_code error;
  if (!std::filesystem::is_regular_file(full, error) || error) return std::nullopt;
  const std::uintmax_t size = std::filesystem::file_size(full, error);
  if (error || size > kBytesMax) return std::nullopt;
  std::ifstream file(full, std::ios::binary);
  std::string text(static_cast<std::size_t>(size), '\0');
  if (!file.read(text.data(), static_cast<std::streamsize>(size))) return std::nullopt;
  return text;
}

std::vector<std::string> Folder::List() const {
  std::vector<std::string> paths;
  std::error_code error;
  std::filesystem::recursive_directory_iterator entries(root_, std::filesystem::directory_options::skip_permission_denied, error);
  for (; !error && entries != std::filesystem::recursive_directory_iterator() && paths.size() < kFilesMax; entries.increment(error)) {
    const std::filesystem::path relative = entries->path().lexically_relative(root_);
    std::error_code ignored;
    if (!IsInside(relative)) {
      if (entries->is_directory(ignored)) entries.disable_recursion_pending();
    } else if (entries->is_regular_file(ignored) && entries->file_size(ignored) <= kBytesMax) {
      paths.push_back(relative.generic_string());
    }
  }
  std::ranges::sort(paths);
  return paths;
}

}  // namespace antiphon::topology_files
