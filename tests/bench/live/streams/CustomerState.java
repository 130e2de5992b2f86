package retail1;

/**
 * The state of one customer, section 3 of the workload. Reused: read() replaces all of it.
 *
 * <p>Stored as varints in the order of write(): flags, opened_at, last_balance, salary run (amount, time), due time of the unused run,
 * decisions, contacts, history (count; time, send_at - time, offer, score), then the three DayBuckets (count; day - previous day, columns).
 */
final class CustomerState {
  static final int CURRENT = 1;
  static final int SAVINGS = 1 << 1;
  static final int CARD = 1 << 2;
  static final int LOAN = 1 << 3;
  static final int MORTGAGE = 1 << 4;
  private static final int HAS_TRANSACTION = 1 << 5;
  private static final int HISTORY_MAX = 20;

  // Columns of credits and debits.
  static final int COUNT = 0;
  static final int SUM = 1;
  static final int SALARIES = 2;
  static final int CATEGORIES = 1;

  int holds;
  boolean hasTransaction;
  long openedAt;
  long lastBalance;
  long salaryAmount;
  /** 0: no run. */
  long salaryTime;
  /** 0: no run. */
  long unusedDue;
  long decisions;
  long contacts;
  int historySize;
  final long[] contactTime = new long[HISTORY_MAX];
  final long[] contactSendAt = new long[HISTORY_MAX];
  final int[] contactOffer = new int[HISTORY_MAX];
  final long[] contactScore = new long[HISTORY_MAX];
  final DayBuckets credits = new DayBuckets(90, 3);
  final DayBuckets debits = new DayBuckets(30, 2);
  final DayBuckets mortgageViews = new DayBuckets(7, 1);

  private final Varints in = new Varints();
  private final Varints out = new Varints();

  boolean holds(int product) {
    return (holds & product) != 0;
  }

  void addContact(long time, long sendAt, int offer, long score) {
    if (historySize == HISTORY_MAX) {
      --historySize;
      System.arraycopy(contactTime, 1, contactTime, 0, historySize);
      System.arraycopy(contactSendAt, 1, contactSendAt, 0, historySize);
      System.arraycopy(contactOffer, 1, contactOffer, 0, historySize);
      System.arraycopy(contactScore, 1, contactScore, 0, historySize);
    }
    contactTime[historySize] = time;
    contactSendAt[historySize] = sendAt;
    contactOffer[historySize] = offer;
    contactScore[historySize++] = score;
  }

  /** Contacts of the history to be sent less than `length` before `sendAt`. */
  int contactsWithin(long length, long sendAt) {
    int count = 0;
    for (int i = 0; i < historySize; ++i) count += sendAt - contactSendAt[i] < length ? 1 : 0;
    return count;
  }

  byte[] write() {
    out.startWriting();
    out.put(holds | (hasTransaction ? HAS_TRANSACTION : 0));
    out.put(openedAt);
    out.put(lastBalance);
    out.put(salaryAmount);
    out.put(salaryTime);
    out.put(unusedDue);
    out.put(decisions);
    out.put(contacts);
    out.put(historySize);
    for (int i = 0; i < historySize; ++i) {
      out.put(contactTime[i]);
      out.put(contactSendAt[i] - contactTime[i]);
      out.put(contactOffer[i]);
      out.put(contactScore[i]);
    }
    credits.write(out);
    debits.write(out);
    mortgageViews.write(out);
    return out.written();
  }

  /** null: an unknown customer. */
  void read(byte[] stored) {
    if (stored == null) {
      clear();
      return;
    }
    in.startReading(stored);
    int flags = (int) in.get();
    holds = flags & (HAS_TRANSACTION - 1);
    hasTransaction = (flags & HAS_TRANSACTION) != 0;
    openedAt = in.get();
    lastBalance = in.get();
    salaryAmount = in.get();
    salaryTime = in.get();
    unusedDue = in.get();
    decisions = in.get();
    contacts = in.get();
    historySize = (int) in.get();
    for (int i = 0; i < historySize; ++i) {
      contactTime[i] = in.get();
      contactSendAt[i] = contactTime[i] + in.get();
      contactOffer[i] = (int) in.get();
      contactScore[i] = in.get();
    }
    credits.read(in);
    debits.read(in);
    mortgageViews.read(in);
  }

  private void clear() {
    holds = 0;
    hasTransaction = false;
    openedAt = 0;
    lastBalance = 0;
    salaryAmount = 0;
    salaryTime = 0;
    unusedDue = 0;
    decisions = 0;
    contacts = 0;
    historySize = 0;
    credits.clear();
    debits.clear();
    mortgageViews.clear();
  }

  /** The due time of the unused run of a stored state, 0 if there is none. Reads no further than it. */
  static long unusedDueOf(byte[] stored, Varints reader) {
    reader.startReading(stored);
    for (int before = 0; before < 5; ++before) reader.get();
    return reader.get();
  }
}
