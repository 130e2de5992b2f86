// The event path must not reach the system's allocator: this program counts what does.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "tests/unit/expression/test_host.h"

namespace {
std::atomic<std::size_t> allocations{0};
}  // namespace

// Not inlined: the compiler would see malloc meet delete.
[[gnu::noinline]] void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return std::malloc(size == 0 ? 1 : size);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }

namespace antiphon::expression {
namespace {

TEST(AllocationTest, ASteadyStateDoesNotAllocate) {
  const TestHost host = BankHost();
  const char* const texts[] = {
      "features.balance >= 5000000 && features.visits > 3 && event.amount < 10",
      "event.purpose + '-' + string(event.amount) == 'salary-15000'",
      "[event.amount, 2, 3].filter(x, x > 2).map(x, x * 2).exists(x, x == 6)",
      "event.purpose.upperAscii().replace('A', 'b').split('b').join(',').size() > 2",
      "{'a': event.amount, 'b': features.visits}.transformMap(k, v, v + 1)['b'] == 4",
      "now.getHours('Europe/Prague') > 9 && now - duration('1h') < now",
      "event.purpose.matches('^sal.*y$') && customer.holds('savings')",
      "request.context.?page.orValue('none').startsWith('/') && !has(event.note)",
      "'%s of %d'.format([event.purpose, event.amount]) == 'salary of 15000'",
      "event.note == 'x' || features.visits / (features.visits - 3) == 1",
  };
  for (const char* const text : texts) {
    const Program program = CompileOrDie(text, host.declarations);
    Arena arena;
    for (int i = 0; i < 10; ++i) {
      (void)program.Evaluate(host, arena);
      arena.Reset();
    }
    const std::size_t before = allocations.load();
    for (int i = 0; i < 1000; ++i) {
      (void)program.Evaluate(host, arena);
      arena.Reset();
    }
    EXPECT_EQ(allocations.load() - before, 0U) << text;
  }
}

}  // namespace
}  // namespace antiphon::expression
