#include "services/replay/interrupt.h"

#include <csignal>

#include "state/base/check.h"

namespace antiphon::replay {
namespace {

// A handler has nothing but what is global.
std::atomic<bool> g_interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);
bool g_in_scope = false;

void OnSignal(int /*signal*/) { g_interrupted.store(true); }

void Handle(int signal, void (*handler)(int), int flags) {
  struct sigaction action {};
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
  for (const int signal : {SIGINT, SIGTERM}) Handle(signal, OnSignal, SA_RESTART | static_cast<int>(SA_RESETHAND));
}

InterruptScope::~InterruptScope() {
  for (const int signal : {SIGINT, SIGTERM}) Handle(signal, SIG_DFL, 0);
  g_in_scope = false;
}

const std::atomic<bool>& InterruptScope::interrupted() const { return g_interrupted; }

}  // namespace antiphon::replay
