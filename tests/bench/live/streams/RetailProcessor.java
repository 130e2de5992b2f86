package retail1;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/** One task: the customers of one partition. Timers are kept in memory and built anew from the store when the task starts. */
final class RetailProcessor implements Processor<byte[], byte[], byte[], byte[]>, Rules.Output {
  static final String STORE = "customers";
  static final String DECISIONS = "decisions";
  static final String CONTACTS = "contacts";

  private final AtomicLong processed;
  private final Rules rules = new Rules(this);
  private final Event event = new Event();
  private final CustomerState state = new CustomerState();
  private final UnusedTimers timers = new UnusedTimers();
  private ProcessorContext<byte[], byte[]> context;
  private KeyValueStore<byte[], byte[]> store;

  RetailProcessor(AtomicLong processed) {
    this.processed = processed;
  }

  @Override
  public void init(ProcessorContext<byte[], byte[]> context) {
    this.context = context;
    store = context.getStateStore(STORE);
    timers.clear();
    Varints reader = new Varints();
    try (KeyValueIterator<byte[], byte[]> customers = store.all()) {
      while (customers.hasNext()) {
        KeyValue<byte[], byte[]> customer = customers.next();
        long due = CustomerState.unusedDueOf(customer.value, reader);
        if (due != 0) timers.add(due, customer.key);
      }
    }
    context.schedule(Duration.ofHours(1), PunctuationType.STREAM_TIME, this::fireDue);
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    byte[] customer = record.key();
    event.read(record.value());
    state.read(store.get(customer));
    boolean fired = state.unusedDue != 0 && state.unusedDue <= event.time;
    if (fired) rules.onUnusedDue(customer, state);
    boolean changed = rules.onEvent(customer, state, event);
    if (event.type == Event.Type.ACCOUNT_OPENED) timers.add(state.unusedDue, customer);
    if (fired || changed) store.put(customer, state.write());
    processed.lazySet(processed.get() + 1);
  }

  private void fireDue(long streamTime) {
    for (UnusedTimers.Timer timer = timers.next(streamTime); timer != null; timer = timers.next(streamTime)) {
      state.read(store.get(timer.customer()));
      if (state.unusedDue != timer.due()) continue;
      rules.onUnusedDue(timer.customer(), state);
      store.put(timer.customer(), state.write());
    }
  }

  @Override
  public void decision(byte[] customer, byte[] line, long time) {
    context.forward(new Record<>(customer, line, time), DECISIONS);
  }

  @Override
  public void contact(byte[] customer, byte[] line, long time) {
    context.forward(new Record<>(customer, line, time), CONTACTS);
  }
}
