#include "services/replay/interrupt.h"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>

#include "state/base/check.h"

namespace antiphon::replay {
namespace {

// A handler has nothing but what is global.
std::atomic<bool> g_interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);
bool g_in_scope = false;
int g_nothing = -1;  // /dev/null

// A reader that waits for a pipe is not to wait for ever: its standard input ends here.
void OnSignal(int /*signal*/) {
  g_interrupted.store(true);
  if (g_nothing >= 0) ::dup2(g_nothing, STDIN_FILENO);
}

void Handle(int signal, void (*handler)(int), int flags) {
  struct sigaction action{};
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigemptyset(&action.sa_mask);
  ANTIPHON_CHECK(sigaction(signal, &action, nullptr) == 0);
}

}  // namespace

InterruptScope::InterruptScope() {
  ANTIPHON_CHECK(!g_in_scope);
  g_in_scope = true;
  g_interrupted.store(false);
  g_nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  for (const int signal : {SIGINT, SIGTERM}) Handle(signal, OnSignal, SA_RESTART | static_cast<int>(SA_RESETHAND));
}

InterruptScope::~InterruptScope() {
  for (const int signal : {SIGINT, SIGTERM}) Handle(signal, SIG_DFL, 0);
  if (g_nothing >= 0) ::close(g_nothing);
  g_nothing = -1;
  g_in_scope = false;
}

const std::atomic<bool>& InterruptScope::interrupted() const { return g_interrupted; }

}  // namespace antiphon::replay
