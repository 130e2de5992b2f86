#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace antiphon::process {

// Surroundings: the port through which a process file's values are read that do not stand in it: environment variables and files. What it
// gives may be a secret: nobody prints it.
class Surroundings {
 public:
  Surroundings() = default;
  Surroundings(const Surroundings&) = delete;
  Surroundings& operator=(const Surroundings&) = delete;
  virtual ~Surroundings() = default;

  // Nothing if it is not set.
  [[nodiscard]] virtual std::optional<std::string> Variable(const std::string& name) const = 0;
  // The whole file; nothing if it cannot be read or is larger than 16 MiB.
  [[nodiscard]] virtual std::optional<std::string> File(const std::filesystem::path& path) const = 0;
};

// Of this machine and process. Reads when asked, keeps nothing.
class SystemSurroundings final : public Surroundings {
 public:
  // Not while another thread changes the environment; nobody does.
  [[nodiscard]] std::optional<std::string> Variable(const std::string& name) const override;
  [[nodiscard]] std::optional<std::string> File(const std::filesystem::path& path) const override;
};

}  // namespace antiphon::process
