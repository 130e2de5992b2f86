package retail1;

import java.util.Comparator;
import java.util.PriorityQueue;

/** Customers by the due time of their unused run. May name runs that are over: the state of the customer says whether one is still open. */
final class UnusedTimers {
  record Timer(long due, byte[] customer) {}

  private final PriorityQueue<Timer> timers = new PriorityQueue<>(Comparator.comparingLong(Timer::due));

  void clear() {
    timers.clear();
  }

  void add(long due, byte[] customer) {
    timers.add(new Timer(due, customer));
  }

  /** The earliest timer due at or before `time`, taken out; null if there is none. */
  Timer next(long time) {
    return timers.isEmpty() || timers.peek().due() > time ? null : timers.poll();
  }
}
