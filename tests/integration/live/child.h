#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace antiphon::live {

// How long anything may take on a loaded machine before a test gives up. Nothing is asserted about how long it takes.
inline constexpr int kPatienceMs = 60'000;

struct ChildOptions {
  std::vector<std::string> arguments;              // of the binary
  std::map<std::string, std::string> environment;  // beside the test's own
  // A disk of so many bytes mounted at a folder, seen by the process alone and gone with it.
  struct Disk {
    std::string folder;
    std::size_t bytes = 0;
  };
  std::optional<Disk> disk;
};

// Child: the built binary as a process of its own, what it prints read through a pipe. Killed with this object.
class Child {
 public:
  static constexpr int kNoDisk = 126;  // exit code where such disks cannot be had

  explicit Child(const ChildOptions& options);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  // True as soon as it has printed `text`; false when it has ended, or patience is over.
  [[nodiscard]] bool Prints(const std::string& text);
  // Reads what it prints for at most so long; false when it has ended.
  bool Read(int at_most_ms);
  void Signal(int signal) const;
  // Where its own view of the files is to be seen.
  [[nodiscard]] std::string Root() const { return "/proc/" + std::to_string(pid_) + "/root"; }
  // Its exit code, or minus the signal that ended it; nothing: patience is over.
  [[nodiscard]] std::optional<int> Wait();

  [[nodiscard]] const std::string& printed() const { return printed_; }

 private:
  pid_t pid_ = -1;
  int pipe_ = -1;
  std::string printed_;
  std::optional<int> ended_;
};

struct Done {
  int code = 0;
  std::string printed;
};

}  // namespace antiphon::live
