#include "services/process/surroundings.h"

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <system_error>

namespace antiphon::process {
namespace {

constexpr std::size_t kBytesMax = std::size_t{16} << 20U;

}  // namespace

std::optional<std::string> SystemSurroundings::Variable(const std::string& name) const {
  const char* const value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

std::optional<std::string> SystemSurroundings::File(const std::filesystem::path& path) const {
  std::error_code error;
  if (std::filesystem::is_directory(path, error) || error) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string text;
  // By pieces, as a mounted secret may be a pipe or have no size.
  char piece[4096];
  while (file.read(piece, sizeof piece) || file.gcount() > 0) {
    text.append(piece, static_cast<std::size_t>(file.gcount()));
    if (text.size() > kBytesMax) return std::nullopt;
  }
  if (file.bad()) return std::nullopt;
  return text;
}

}  // namespace antiphon::process
