#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace antiphon::test {

// Plain librdkafka, past the adapter: what others write, and what others can see. Failures end the program (ANTIPHON_CHECK).

struct RawRecord {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::string>> headers;
};

struct RawMessage {
  std::int32_t partition = 0;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::int64_t timestamp_ms = 0;  // 0: now
};

class RawProducer {
 public:
  // Idempotent; with a transactional id also transactional.
  explicit RawProducer(const std::string& address, const std::string& transactional_id = "");
  RawProducer(const RawProducer&) = delete;
  RawProducer& operator=(const RawProducer&) = delete;
  ~RawProducer();

  void Begin();
  void Send(const std::string& topic, const RawMessage& message);
  void Flush();  // until all is delivered
  void Commit();
  void Abort();
  // Positions of a group without a member: allowed while it has none.
  void SendOffset(const std::string& group, const std::string& topic, std::int32_t partition, std::int64_t next);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// All records of a partition from its start to its end, as a reader sees them.
enum class Reader {
  kCommitted,  // of committed records, now: up to the last stable offset, so without what is being committed
  kSettled,    // of committed records, when each transaction that is begun now has come to its end; not to be asked while one stays open
  kAll,        // of all records, committed or not
};
[[nodiscard]] std::vector<RawRecord> ReadAll(const std::string& address, const std::string& topic, std::int32_t partition,
                                             Reader reader = Reader::kSettled);

// A group's committed position; -1: none.
[[nodiscard]] std::int64_t CommittedPosition(const std::string& address, const std::string& group, const std::string& topic,
                                             std::int32_t partition);

void CreateTopic(const std::string& address, const std::string& topic, std::int32_t partitions);
void DeleteTopic(const std::string& address, const std::string& topic);
void AddPartitions(const std::string& address, const std::string& topic, std::int32_t partitions);  // to so many in all
void DeleteRecords(const std::string& address, const std::string& topic, std::int32_t partition, std::int64_t before);

}  // namespace antiphon::test
