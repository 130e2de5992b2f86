package retail1;

/**
 * Sums per UTC day, oldest first, for the days that had any; at most as many as the window has days. Each day has the same columns.
 * A window at `now` is the last `days` day buckets, today's included, so it may be asked for a day at or after the newest one.
 */
final class DayBuckets {
  private static final long DAY_MS = 86_400_000;

  private final int days;
  private final int[] day;
  private final long[][] columns;
  private int size;

  DayBuckets(int days, int columns) {
    this.days = days;
    this.day = new int[days];
    this.columns = new long[columns][days];
  }

  void clear() {
    size = 0;
  }

  /** The place of the bucket of `time`, the newest. What has left the window is forgotten. */
  int today(long time) {
    int today = (int) (time / DAY_MS);
    if (size > 0 && day[size - 1] == today) return size - 1;
    int gone = firstIn(today);
    if (gone > 0) {
      size -= gone;
      System.arraycopy(day, gone, day, 0, size);
      for (long[] column : columns) System.arraycopy(column, gone, column, 0, size);
    }
    day[size] = today;
    for (long[] column : columns) column[size] = 0;
    return size++;
  }

  void add(int place, int column, long value) {
    columns[column][place] += value;
  }

  void addBits(int place, int column, long bits) {
    columns[column][place] |= bits;
  }

  long sum(int column, long now) {
    long sum = 0;
    for (int i = firstIn((int) (now / DAY_MS)); i < size; ++i) sum += columns[column][i];
    return sum;
  }

  int bits(int column, long now) {
    long bits = 0;
    for (int i = firstIn((int) (now / DAY_MS)); i < size; ++i) bits |= columns[column][i];
    return Long.bitCount(bits);
  }

  private int firstIn(int today) {
    int first = 0;
    while (first < size && day[first] <= today - days) ++first;
    return first;
  }

  void write(Varints out) {
    out.put(size);
    int previous = 0;
    for (int i = 0; i < size; ++i) {
      out.put(day[i] - previous);
      previous = day[i];
      for (long[] column : columns) out.put(column[i]);
    }
  }

  void read(Varints in) {
    size = (int) in.get();
    int previous = 0;
    for (int i = 0; i < size; ++i) {
      previous += (int) in.get();
      day[i] = previous;
      for (long[] column : columns) column[i] = in.get();
    }
  }
}
