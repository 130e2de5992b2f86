package retail1;

import java.util.Arrays;
import java.util.List;

/** Workload retail-1 on Kafka Streams. */
public final class Main {
  private static final String USAGE = """
      retail1.Main topic --bootstrap ADDRESS --topic TOPIC [--partitions N]
      retail1.Main feed  --bootstrap ADDRESS [--input TOPIC] < LOG
      retail1.Main run   --bootstrap ADDRESS --state FOLDER [--input TOPIC] [--prefix PREFIX] [--group ID] [--cache-mib N] [--commit-ms N]
                         [--progress-ms N] [--set KEY=VALUE of Kafka Streams]..
      retail1.Main plain --out FOLDER < LOG
      """;

  private Main() {}

  public static void main(String[] arguments) throws Exception {
    List<String> rest = Arrays.asList(arguments).subList(Math.min(1, arguments.length), arguments.length);
    try {
      switch (arguments.length == 0 ? "help" : arguments[0]) {
        case "topic" -> Feed.createTopic(new Options(Feed.TOPIC_DEFAULTS, rest));
        case "feed" -> Feed.feed(new Options(Feed.FEED_DEFAULTS, rest));
        case "run" -> StreamsRun.run(new Options(StreamsRun.DEFAULTS, rest));
        case "plain" -> Plain.run(new Options(Plain.DEFAULTS, rest));
        default -> throw new IllegalArgumentException(USAGE);
      }
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
    }
  }
}
