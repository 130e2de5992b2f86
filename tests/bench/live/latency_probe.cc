// latency_probe: how long from an event to the committed decision on it, as a reader of the decisions sees it: Antiphon's, or lines as
// retail-1 words them.
//
//   latency_probe ADDRESS INPUT:PARTITIONS DECISIONS:PARTITIONS RATE SECONDS [WARM_UP_SECONDS] < LOG
//
// Sends lines of a retail-1 log at RATE a second for SECONDS, keyed by their customer, placed as Java's client does and with the event's
// time as the record's, and reads committed decisions meanwhile. The first WARM_UP_SECONDS of them (5) are not counted: clients connect,
// caches fill. The time of an event is when it is given to the client, so its way to the broker counts. Only decisions as of the event's
// own time: one on an absence names an event of days before. Prints one JSON line:
// {"rate":..,"sent":..,"decided":..,"p50_ms":..,"p99_ms":..,"p999_ms":..,"max_ms":..,"late_ms":..}; late: how far the sender fell behind.
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

namespace {

using Steady = std::chrono::steady_clock;
using Setting = std::pair<const char*, const char*>;

constexpr int kPollMs = 100;
constexpr std::chrono::seconds kWarmUp{5};
constexpr std::chrono::seconds kAfterwards{3};  // decisions on the last events

[[noreturn]] void Die(const std::string& why) {
  std::fprintf(stderr, "latency_probe: %s\n", why.c_str());
  std::exit(1);
}

struct Closes {
  void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
  void operator()(rd_kafka_topic_partition_list_t* list) const { rd_kafka_topic_partition_list_destroy(list); }
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
};
using Client = std::unique_ptr<rd_kafka_t, Closes>;
using List = std::unique_ptr<rd_kafka_topic_partition_list_t, Closes>;
using Message = std::unique_ptr<rd_kafka_message_t, Closes>;

Client Open(rd_kafka_type_t type, const std::string& address, const std::vector<Setting>& settings) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  std::array<char, 512> words{};
  const auto set = [&](const char* name, const char* value) {
    if (rd_kafka_conf_set(conf, name, value, words.data(), words.size()) != RD_KAFKA_CONF_OK) Die(words.data());
  };
  set("bootstrap.servers", address.c_str());
  for (const auto& [name, value] : settings) set(name, value);
  Client client(rd_kafka_new(type, conf, words.data(), words.size()));
  if (client == nullptr) Die(words.data());
  return client;
}

struct Topic {
  std::string name;
  int partitions = 0;
};

Topic TopicOf(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) Die("no TOPIC:PARTITIONS: " + text);
  return {.name = text.substr(0, colon), .partitions = std::atoi(text.c_str() + colon + 1)};
}

// The text after `"name":"`, up to its end; empty if there is none. Good for the canonical lines of both sides.
std::string_view TextOf(std::string_view line, std::string_view name, std::size_t from = 0) {
  const std::size_t at = line.find(name, from);
  if (at == std::string_view::npos) return {};
  const std::size_t begin = at + name.size();
  return line.substr(begin, line.find('"', begin) - begin);
}

std::int64_t NumberOf(std::string_view line, std::string_view name) {
  return std::strtoll(std::string(TextOf(line, name)).c_str(), nullptr, 10);
}

// Of the form 2026-01-01T02:04:50.880Z.
std::int64_t EpochMs(const std::string& text) {
  std::tm fields{};
  int millis = 0;
  if (std::sscanf(text.c_str(), "%d-%d-%dT%d:%d:%d.%dZ", &fields.tm_year, &fields.tm_mon, &fields.tm_mday, &fields.tm_hour, &fields.tm_min,
                  &fields.tm_sec, &millis) != 7) {
    return -1;
  }
  fields.tm_year -= 1900;
  fields.tm_mon -= 1;
  return static_cast<std::int64_t>(timegm(&fields)) * 1000 + millis;
}

// Sent events by id, until their decision is seen.
class Flights {
 public:
  void Sent(std::string id, std::int64_t as_of, Steady::time_point at) {
    const std::lock_guard lock(mutex_);
    sent_.emplace(std::move(id), Flight{.as_of = as_of, .at = at});
  }
  void Decided(std::string_view id, std::int64_t as_of, Steady::time_point at) {
    const std::lock_guard lock(mutex_);
    const auto found = sent_.find(std::string(id));
    if (found == sent_.end() || found->second.as_of != as_of) return;
    latencies_.push_back(std::chrono::duration<double, std::milli>(at - found->second.at).count());
    sent_.erase(found);
  }
  std::vector<double> Sorted() {
    const std::lock_guard lock(mutex_);
    std::ranges::sort(latencies_);
    return latencies_;
  }

 private:
  std::mutex mutex_;
  struct Flight {
    std::int64_t as_of = 0;  // event time, ms
    Steady::time_point at;
  };
  std::unordered_map<std::string, Flight> sent_;
  std::vector<double> latencies_;
};

Client OpenReader(const std::string& address, const Topic& decisions) {
  Client reader = Open(RD_KAFKA_CONSUMER, address,
                       {{"group.id", "latency-probe"},
                        {"enable.auto.commit", "false"},
                        {"isolation.level", "read_committed"},
                        {"fetch.wait.max.ms", "100"},
                        {"fetch.min.bytes", "1"}});
  const List list(rd_kafka_topic_partition_list_new(decisions.partitions));
  for (int partition = 0; partition < decisions.partitions; ++partition) {
    rd_kafka_topic_partition_list_add(list.get(), decisions.name.c_str(), partition)->offset = RD_KAFKA_OFFSET_END;
  }
  if (rd_kafka_assign(reader.get(), list.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) Die("cannot read the decisions");
  return reader;
}

void Read(rd_kafka_t* reader, Flights& flights, const std::atomic<bool>& stop) {
  while (!stop) {
    const Message message(rd_kafka_consumer_poll(reader, kPollMs));
    if (message == nullptr || message->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    const std::string_view line(static_cast<const char*>(message->payload), message->len);
    const std::size_t cause = line.find("\"cause\":{");
    if (cause != std::string_view::npos) {
      flights.Decided(TextOf(line, "\"id\":\"", cause), EpochMs(std::string(TextOf(line, "\"time\":\""))), Steady::now());
    } else {
      flights.Decided(TextOf(line, "\"event\":\""), NumberOf(line, "\"time\":"), Steady::now());
    }
  }
}

struct Pace {
  double rate = 0;  // a second
  std::chrono::seconds length{};
  std::chrono::seconds warm_up = kWarmUp;
};

// Returns how many were sent, and how far behind its time the latest was.
std::pair<std::uint64_t, double> Send(rd_kafka_t* sender, const Topic& input, const Pace& pace, Flights& flights) {
  const Steady::time_point begin = Steady::now();
  std::uint64_t sent = 0;
  double late_ms = 0;
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto due =
        begin + std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(static_cast<double>(sent) / pace.rate));
    if (due - begin >= pace.length) break;
    while (Steady::now() < due) {
      rd_kafka_poll(sender, 0);
      std::this_thread::sleep_until(std::min(due, Steady::now() + std::chrono::milliseconds(1)));
    }
    const Steady::time_point now = Steady::now();
    const std::int64_t time = NumberOf(line, "\"time\":");
    if (now - begin > pace.warm_up) {
      late_ms = std::max(late_ms, std::chrono::duration<double, std::milli>(now - due).count());
      flights.Sent(std::string(TextOf(line, "\"id\":\"")), time, now);
    }
    const std::string_view key = TextOf(line, "\"customer\":\"");
    while (rd_kafka_producev(sender, RD_KAFKA_VTYPE_TOPIC, input.name.c_str(), RD_KAFKA_VTYPE_MSGFLAGS, RD_KAFKA_MSG_F_COPY,
                             RD_KAFKA_VTYPE_KEY, key.data(), key.size(), RD_KAFKA_VTYPE_VALUE, line.data(), line.size(),
                             RD_KAFKA_VTYPE_TIMESTAMP, time, RD_KAFKA_VTYPE_END) == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      rd_kafka_poll(sender, 1);
    }
    ++sent;
  }
  rd_kafka_flush(sender, 10'000);
  return {sent, late_ms};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6 && argc != 7) {
    Die("wants ADDRESS INPUT:PARTITIONS DECISIONS:PARTITIONS RATE SECONDS [WARM_UP_SECONDS], and a log on standard input");
  }
  const std::string address = argv[1];
  const Topic input = TopicOf(argv[2]);
  const Topic decisions = TopicOf(argv[3]);
  const Pace pace{.rate = std::atof(argv[4]),
                  .length = std::chrono::seconds(std::atoi(argv[5])),
                  .warm_up = argc == 7 ? std::chrono::seconds(std::atoi(argv[6])) : kWarmUp};
  std::ios::sync_with_stdio(false);

  Flights flights;
  std::atomic<bool> stop = false;
  const Client reader = OpenReader(address, decisions);
  std::thread reading(Read, reader.get(), std::ref(flights), std::cref(stop));
  const Client sender = Open(RD_KAFKA_PRODUCER, address, {{"partitioner", "murmur2_random"}, {"linger.ms", "5"}, {"acks", "all"}});
  const auto [sent, late_ms] = Send(sender.get(), input, pace, flights);
  std::this_thread::sleep_for(kAfterwards);
  stop = true;
  reading.join();

  const std::vector<double> sorted = flights.Sorted();
  const auto at = [&](double share) {
    return sorted.empty() ? 0.0 : sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(share * static_cast<double>(sorted.size())))];
  };
  std::printf(R"({"rate":%.0f,"sent":%llu,"decided":%zu,"p50_ms":%.1f,"p99_ms":%.1f,"p999_ms":%.1f,"max_ms":%.1f,"late_ms":%.1f})"
              "\n",
              pace.rate, static_cast<unsigned long long>(sent), sorted.size(), at(0.5), at(0.99), at(0.999),
              sorted.empty() ? 0.0 : sorted.back(), late_ms);
  return 0;
}
