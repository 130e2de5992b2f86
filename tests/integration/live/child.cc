#include "tests/integration/live/child.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>

#include "state/base/check.h"

namespace antiphon::live {
namespace {

using Clock = std::chrono::steady_clock;

Clock::time_point PatienceEnds() { return Clock::now() + std::chrono::milliseconds(kPatienceMs); }

// In name spaces of this process's own: no root is needed where the kernel lets users have them.
bool Mount(const ChildOptions::Disk& disk) {
  if (::unshare(CLONE_NEWNS) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  const std::string size = "size=" + std::to_string(disk.bytes);
  return ::mount("none", disk.folder.c_str(), "tmpfs", 0, size.c_str()) == 0;
}

[[noreturn]] void Become(const ChildOptions& options, int output) {
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  for (const auto& [name, value] : options.environment) ::setenv(name.c_str(), value.c_str(), 1);
  if (options.disk && !Mount(*options.disk)) ::_exit(Child::kNoDisk);
  std::string binary = ANTIPHON_BINARY;
  std::vector<std::string> arguments = options.arguments;
  std::vector<char*> argv{binary.data()};
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  ::execv(binary.c_str(), argv.data());
  ::_exit(127);
}

}  // namespace

Child::Child(const ChildOptions& options) {
  std::array<int, 2> ends{};
  ANTIPHON_CHECK(::pipe2(ends.data(), O_CLOEXEC) == 0);
  pid_ = ::fork();
  ANTIPHON_CHECK(pid_ >= 0);
  if (pid_ == 0) Become(options, ends[1]);
  ::close(ends[1]);
  pipe_ = ends[0];
}

Child::~Child() {
  if (!ended_) {
    Signal(SIGKILL);
    (void)Wait();
  }
  ::close(pipe_);
}

void Child::Signal(int signal) const { ANTIPHON_CHECK(::kill(pid_, signal) == 0); }

bool Child::Read(int at_most_ms) {
  pollfd waiting{.fd = pipe_, .events = POLLIN, .revents = 0};
  if (::poll(&waiting, 1, at_most_ms) <= 0) return true;
  std::array<char, 4096> buffer{};
  const ssize_t got = ::read(pipe_, buffer.data(), buffer.size());
  if (got <= 0) return false;
  printed_.append(buffer.data(), static_cast<std::size_t>(got));
  return true;
}

bool Child::Prints(const std::string& text) {
  for (const auto until = PatienceEnds(); printed_.find(text) == std::string::npos;) {
    if (!Read(100) || Clock::now() > until) return printed_.find(text) != std::string::npos;
  }
  return true;
}

std::optional<int> Child::Wait() {
  for (const auto until = PatienceEnds(); Read(100);) {
    if (Clock::now() > until) return std::nullopt;
  }
  if (!ended_) {
    int status = 0;
    ANTIPHON_CHECK(::waitpid(pid_, &status, 0) == pid_);
    ended_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  return ended_;
}

}  // namespace antiphon::live
