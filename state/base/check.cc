#include "state/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace antiphon {

void CheckFailed(const char* file, int line, const char* condition) {
  std::fprintf(stderr, "antiphon: broken invariant at %s:%d: %s\n", file, line, condition);
  std::abort();
}

}  // namespace antiphon
