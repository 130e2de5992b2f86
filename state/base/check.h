#pragma once

namespace antiphon {

// Ends the process with the place and the broken condition. Called by ANTIPHON_CHECK only.
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition);

}  // namespace antiphon

// A broken invariant ends the process, in all builds: a wrong ledger is worse than a stopped one.
#define ANTIPHON_CHECK(condition)                              \
  do {                                                         \
    if (!(condition)) [[unlikely]]                             \
      ::antiphon::CheckFailed(__FILE__, __LINE__, #condition); \
  } while (false)
