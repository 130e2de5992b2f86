package retail1;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The subcommands `topic` and `feed`: section 1 of the workload. */
final class Feed {
  static final Map<String, String> TOPIC_DEFAULTS = Map.of("bootstrap", "", "topic", "", "partitions", "4");
  static final Map<String, String> FEED_DEFAULTS = Map.of("bootstrap", "", "input", "retail");

  private Feed() {}

  /** Without retention: the times of the log are far from the wall clock's. */
  static void createTopic(Options options) throws ExecutionException, InterruptedException {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", options.text("bootstrap")))) {
      NewTopic topic = new NewTopic(options.text("topic"), (int) options.number("partitions"), (short) 1);
      admin.createTopics(List.of(topic.configs(Map.of(TopicConfig.RETENTION_MS_CONFIG, "-1")))).all().get();
    }
  }

  /** Standard input, line by line. */
  static void feed(Options options) throws IOException {
    Properties config = new Properties();
    config.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, options.text("bootstrap"));
    config.put(ProducerConfig.LINGER_MS_CONFIG, 20);
    config.put(ProducerConfig.BATCH_SIZE_CONFIG, 256 << 10);
    config.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "none");
    ByteArraySerializer bytes = new ByteArraySerializer();
    long count = 0;
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(config, bytes, bytes);
        Lines lines = new Lines(System.in)) {
      for (byte[] line = lines.next(); line != null; line = lines.next()) {
        String text = new String(line, StandardCharsets.UTF_8);
        byte[] key = Lines.customerOf(text);
        producer.send(new ProducerRecord<>(options.text("input"), null, Lines.timeOf(text), key, line), (metadata, error) -> {
          if (error != null) {
            error.printStackTrace();
            Runtime.getRuntime().halt(1);
          }
        });
        ++count;
      }
    }
    System.out.println("{\"fed\":" + count + "}");
  }
}
