#pragma once

#include <stdlib.h>  // mkdtemp
#include <unistd.h>

#include <filesystem>
#include <string>
#include <system_error>

#include "state/base/check.h"

namespace antiphon::test {

// A directory of its own for one test, gone with it. In memory where the machine offers that: RocksDB syncs at each open and close.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    ANTIPHON_CHECK(mkdtemp(root_.data()) != nullptr);
    path_ = root_ + "/made";
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }

  // Within it; not made yet.
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  static std::filesystem::path Parent() {
    const std::filesystem::path memory("/dev/shm");
    return access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
  }

  std::string root_ = Parent() / "antiphon-test-XXXXXX";
  std::string path_;
};

}  // namespace antiphon::test
