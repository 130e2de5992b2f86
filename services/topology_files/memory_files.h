#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/topology/source_files.h"

namespace antiphon::topology_files {

// A topology's files by path, whatever they were read from.
using Files = std::map<std::string, std::string, std::less<>>;

// MemoryFiles: the files of a version that is kept.
class MemoryFiles final : public topology::SourceFiles {
 public:
  explicit MemoryFiles(Files files) : files_(std::move(files)) {}

  [[nodiscard]] std::optional<std::string> Read(std::string_view path) const override {
    const auto found = files_.find(path);
    if (found == files_.end()) return std::nullopt;
    return found->second;
  }
  [[nodiscard]] std::vector<std::string> List() const override {
    std::vector<std::string> paths;
    for (const auto& [path, content] : files_) paths.push_back(path);
    return paths;
  }

 private:
  Files files_;
};

// NotedFiles: those of somebody else, and which of them were read: what a version consists of. Used by one thread.
class NotedFiles final : public topology::SourceFiles {
 public:
  // `files` outlives it.
  explicit NotedFiles(const topology::SourceFiles& files) : files_(files) {}

  [[nodiscard]] std::optional<std::string> Read(std::string_view path) const override {
    auto content = files_.Read(path);
    if (content) noted_.insert_or_assign(std::string(path), *content);
    return content;
  }
  [[nodiscard]] std::vector<std::string> List() const override { return files_.List(); }

  [[nodiscard]] const Files& noted() const { return noted_; }

 private:
  const topology::SourceFiles& files_;
  mutable Files noted_;
};

}  // namespace antiphon::topology_files
