package retail1;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The subcommand `plain`: the same rules in a loop over standard input, states encoded in a map, no broker. For the digests. */
final class Plain implements Rules.Output {
  static final Map<String, String> DEFAULTS = Map.of("out", "");

  private final OutputStream decisions;
  private final OutputStream contacts;

  private Plain(OutputStream decisions, OutputStream contacts) {
    this.decisions = decisions;
    this.contacts = contacts;
  }

  static void run(Options options) throws IOException {
    Path out = Path.of(options.text("out"));
    Files.createDirectories(out);
    try (OutputStream decisions = new BufferedOutputStream(Files.newOutputStream(out.resolve("decisions.jsonl")));
        OutputStream contacts = new BufferedOutputStream(Files.newOutputStream(out.resolve("contacts.jsonl")));
        Lines lines = new Lines(System.in)) {
      new Plain(decisions, contacts).run(lines);
    }
  }

  private void run(Lines lines) throws IOException {
    Rules rules = new Rules(this);
    Map<String, byte[]> store = new HashMap<>();
    UnusedTimers timers = new UnusedTimers();
    Event event = new Event();
    CustomerState state = new CustomerState();
    for (byte[] line = lines.next(); line != null; line = lines.next()) {
      event.read(line);
      for (UnusedTimers.Timer timer = timers.next(event.time); timer != null; timer = timers.next(event.time)) {
        String key = new String(timer.customer(), StandardCharsets.UTF_8);
        state.read(store.get(key));
        if (state.unusedDue != timer.due()) continue;
        rules.onUnusedDue(timer.customer(), state);
        store.put(key, state.write());
      }
      byte[] customer = Lines.customerOf(new String(line, StandardCharsets.UTF_8));
      String key = new String(customer, StandardCharsets.UTF_8);
      state.read(store.get(key));
      if (rules.onEvent(customer, state, event)) store.put(key, state.write());
      if (event.type == Event.Type.ACCOUNT_OPENED) timers.add(state.unusedDue, customer);
    }
  }

  @Override
  public void decision(byte[] customer, byte[] line, long time) {
    write(decisions, line);
  }

  @Override
  public void contact(byte[] customer, byte[] line, long time) {
    write(contacts, line);
  }

  private static void write(OutputStream out, byte[] line) {
    try {
      out.write(line);
      out.write('\n');
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
