#pragma once

#include <stdlib.h>  // mkdtemp

#include <filesystem>
#include <string>
#include <system_error>

#include "state/base/check.h"

namespace antiphon::store::test {

// A directory of its own for one test, gone with it.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    ANTIPHON_CHECK(mkdtemp(root_.data()) != nullptr);
    path_ = root_ + "/store";
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
  std::string root_ = std::filesystem::temp_directory_path() / "antiphon-store-XXXXXX";
  std::string path_;
};

}  // namespace antiphon::store::test
