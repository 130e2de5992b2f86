package retail1;

import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.state.Stores;

/** The `run` subcommand: until SIGTERM, with a line about its progress now and then. */
final class StreamsRun {
  static final Map<String, String> DEFAULTS = Map.of(
      "bootstrap", "", "input", "retail", "prefix", "streams.", "state", "", "group", "streams", "cache-mib", "600", "commit-ms", "100",
      "progress-ms", "500");

  private StreamsRun() {}

  static void run(Options options) throws InterruptedException {
    AtomicLong processed = new AtomicLong();
    KafkaStreams streams = new KafkaStreams(topology(options, processed), config(options));
    streams.setUncaughtExceptionHandler(error -> {
      error.printStackTrace();
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    });
    Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(Duration.ofSeconds(30))));
    streams.start();
    Progress progress = new Progress(processed);
    while (streams.state() != KafkaStreams.State.ERROR) {
      Thread.sleep(options.number("progress-ms"));
      progress.print();
    }
    System.exit(1);
  }

  private static Topology topology(Options options, AtomicLong processed) {
    var store = Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore(RetailProcessor.STORE), Serdes.ByteArray(), Serdes.ByteArray())
        .withLoggingEnabled(Map.of())
        .withCachingEnabled();
    ByteArraySerializer bytes = new ByteArraySerializer();
    return new Topology()
        .addSource("events", new ByteArrayDeserializer(), new ByteArrayDeserializer(), options.text("input"))
        .addProcessor("retail", () -> new RetailProcessor(processed), "events")
        .addStateStore(store, "retail")
        .addSink(RetailProcessor.DECISIONS, options.text("prefix") + "decisions", bytes, bytes, "retail")
        .addSink(RetailProcessor.CONTACTS, options.text("prefix") + "contacts", bytes, bytes, "retail");
  }

  private static Properties config(Options options) {
    Properties config = new Properties();
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, options.text("group"));
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, options.text("bootstrap"));
    config.put(StreamsConfig.STATE_DIR_CONFIG, options.text("state"));
    config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    config.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
    config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, options.number("commit-ms"));
    config.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, options.number("cache-mib") << 20);
    config.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, SharedBlockCache.class);
    // Fewer and larger polls and batches: the defaults are made for many small topics.
    config.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 5_000);
    config.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 5_000);
    config.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 256 << 10);
    for (String setting : options.settings()) {
      String[] pair = setting.split("=", 2);
      config.put(pair[0], pair[1]);
    }
    return config;
  }
}
