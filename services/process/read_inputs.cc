#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/topology/paths.h"
#include "services/process/reading.h"
#include "services/process/topic_names.h"

namespace antiphon::process {
namespace {

using topology::MapReader;
using topology::Words;
using topology::YamlNode;

constexpr std::size_t kInputsMax = 1'000;
constexpr std::size_t kSchemaIdsMax = 10'000;

const Words<Payload>& PayloadWords() {
  static const Words<Payload> kWords = {{"json", Payload::kJson}, {"protobuf", Payload::kProtobuf}};
  return kWords;
}

const Words<Envelope>& EnvelopeWords() {
  static const Words<Envelope> kWords = {{"none", Envelope::kNone},
                                         {"cloudevents_binary", Envelope::kCloudEventsBinary},
                                         {"cloudevents_structured", Envelope::kCloudEventsStructured},
                                         {"debezium", Envelope::kDebezium}};
  return kWords;
}

// Reads one `inputs` list; what the inputs must not share is checked as they come.
class InputsReader {
 public:
  InputsReader(Reading& reading, ProcessConfig& config) : reading_(reading), loading_(reading.loading()), config_(config) {}

  void Read(const YamlNode& node) {
    if (!node.is_sequence() || node.items.empty()) {
      reading_.loading().Error(node, "wrong_type", "`inputs` must be a list of topics", "- {topic: core.transactions, format: json}");
      return;
    }
    if (node.items.size() > kInputsMax) {
      loading_.Error(node, "too_many_definitions", "more than " + std::to_string(kInputsMax) + " inputs");
      return;
    }
    for (const YamlNode& item : node.items) ReadInput(item);
    CheckReplies();
  }

 private:
  void ReadInput(const YamlNode& node) {
    MapReader map(loading_, node, "an input");
    InputTopic input;
    if (const YamlNode* topic = map.Require("topic")) {
      input.topic = TopicName(*topic, "topic");
      if (!input.topic.empty() && !topics_.insert(input.topic).second) {
        loading_.Error(*topic, "duplicate_topic", "the topic " + input.topic + " is an input twice", "keep one of them");
      }
    }
    if (const YamlNode* format = map.Require("format")) ReadFormat(*format, input.format);
    input.keyed_by = map.Word<KeyedBy>("key", {{"customer", KeyedBy::kCustomer}, {"other", KeyedBy::kOther}}).value_or(KeyedBy::kCustomer);
    ReadCustomers(map, input);
    ReadWait(map, input);
    input.start = map.Word<StartAt>("start", {{"earliest", StartAt::kEarliest}, {"latest", StartAt::kLatest}}).value_or(StartAt::kEarliest);
    if (const YamlNode* replies = map.Find("replies")) {
      input.replies = TopicName(*replies, "replies");
      replies_.emplace_back(replies, input.replies);
    }
    ReadCorrelationHeader(map, input);
    map.Finish();
    config_.inputs.push_back(std::move(input));
  }

  void ReadCustomers(MapReader& map, InputTopic& input) {
    const YamlNode* const customers = map.Find("customers");
    if (customers == nullptr) return;
    input.format.customers = topology::ReadPath(loading_, *customers, "customers").value_or(std::vector<std::string>());
    if (input.keyed_by != KeyedBy::kOther) {
      loading_.Error(*customers, "contradiction", "a record that is handed to several customers has to be re-keyed", "write `key: other`");
    } else if (input.format.payload != Payload::kJson) {
      loading_.Error(*customers, "contradiction", "several customers are read from JSON only",
                     "send one record for each of them, or write JSON");
    }
  }

  void ReadWait(MapReader& map, InputTopic& input) {
    constexpr Milliseconds kWaitMax{60'000};
    const YamlNode* const node = map.Find("wait");
    const auto wait = map.Duration("wait");
    if (!wait) return;
    if (*wait < Milliseconds{0} || *wait > kWaitMax) {
      loading_.Error(*node, "out_of_range", "`wait` must be between 0ms and " + FormatDuration(kWaitMax));
      return;
    }
    input.wait = *wait;
  }

  void ReadCorrelationHeader(MapReader& map, InputTopic& input) {
    constexpr std::size_t kHeaderMax = 200;
    const YamlNode* const header = map.Find("correlation_header");
    if (header == nullptr) return;
    input.correlation_header = map.Text("correlation_header", input.correlation_header);
    if (input.correlation_header.empty() || input.correlation_header.size() > kHeaderMax) {
      loading_.Error(*header, "bad_name", "`correlation_header` must be the name of a record header, at most 200 bytes");
    } else if (map.node().Find("replies") == nullptr) {
      loading_.Error(*header, "contradiction", "`correlation_header` is of answers, and this input gives none",
                     "write `replies: TOPIC`, or leave it out");
    }
  }

  std::string TopicName(const YamlNode& node, std::string_view what) {
    std::string name = topology::ReadText(loading_, node, what).value_or("");
    if (!node.is_scalar()) return {};
    if (!IsTopicName(name)) {
      loading_.Error(node, "bad_topic", "'" + name.substr(0, 60) + "' cannot be the name of a topic",
                     "letters, digits, '.', '_' and '-', at most 249");
      return {};
    }
    if (IsKeptTopic(name, config_.topic_prefix)) {
      loading_.Error(node, "kept_topic", "Antiphon keeps the topic " + name + " itself",
                     "choose another topic, or another `topics: {prefix: ..}`");
      return {};
    }
    return name;
  }

  void ReadFormat(const YamlNode& node, RecordFormat& format) {
    if (node.is_scalar()) {
      std::vector<std::string> names;
      for (const auto& [name, payload] : PayloadWords()) names.emplace_back(name);
      if (const auto word = topology::ReadWord(loading_, node, "format", names)) format.payload = PayloadWords()[*word].second;
      return;
    }
    MapReader map(loading_, node, "a format");
    const YamlNode* const payload = map.Require("payload");
    if (payload != nullptr) format.payload = map.Word<Payload>("payload", PayloadWords()).value_or(Payload::kJson);
    format.envelope = map.Word<Envelope>("envelope", EnvelopeWords()).value_or(Envelope::kNone);
    ReadRegistry(map, format);
    ReadMessage(map, format);
    ReadMeaning(map, format);
    ReadDebezium(map, format);
    if (format.payload == Payload::kProtobuf &&
        (format.envelope == Envelope::kCloudEventsStructured || format.envelope == Envelope::kDebezium)) {
      loading_.Error(*map.Find("envelope"), "contradiction", "this envelope is JSON itself, so its payload is JSON",
                     "write `payload: json`");
    }
    map.Finish();
  }

  void ReadRegistry(MapReader& map, RecordFormat& format) {
    const YamlNode* const registry = map.Find("registry");
    if (registry == nullptr) {
      if (const YamlNode* empty = map.node().Find("registry")) {
        loading_.Error(*empty, "missing_value", "`registry` has no value", "write {} for frames with any schema id, or {ids: [7]}");
      }
      return;
    }
    format.registry_framed = true;
    MapReader frame(loading_, *registry, "`registry`");
    if (const YamlNode* ids = frame.Find("ids")) {
      const auto scalars = frame.Scalars("ids");
      if (!ids->is_map() && (scalars.empty() || scalars.size() > kSchemaIdsMax)) {
        loading_.Error(*ids, "out_of_range", "`ids` must name between 1 and " + std::to_string(kSchemaIdsMax) + " schemas",
                       "leave it out to take any");
        return;
      }
      for (const YamlNode* scalar : scalars) {
        const auto id = topology::ReadInt(loading_, *scalar, "ids", 0, UINT32_MAX);
        if (id) format.schema_ids.push_back(static_cast<std::uint32_t>(*id));
      }
      std::ranges::sort(format.schema_ids);
      format.schema_ids.erase(std::ranges::unique(format.schema_ids).begin(), format.schema_ids.end());
    }
    for (const YamlNode* scalar : frame.Scalars("guids")) {
      if (auto guid = topology::ReadText(loading_, *scalar, "guids")) format.schema_guids.push_back(*std::move(guid));
    }
    frame.Finish();
  }

  // What a topic as a whole says of its records.
  void ReadMeaning(MapReader& map, RecordFormat& format) {
    format.event = map.Text("event");
    format.customer = map.Text("customer");
    format.time = map.Word<formats::TimeFrom>("time", {{"envelope", formats::TimeFrom::kEnvelope},
                                                       {"payload", formats::TimeFrom::kPayload},
                                                       {"record", formats::TimeFrom::kRecord}})
                      .value_or(formats::TimeFrom::kEnvelope);
  }

  void ReadDebezium(MapReader& map, RecordFormat& format) {
    const YamlNode* first = nullptr;
    for (const char* key : {"operations", "snapshots", "decimals", "times"}) {
      const YamlNode* const found = map.Find(key);
      if (first == nullptr) first = found;
    }
    if (first != nullptr && format.envelope != Envelope::kDebezium) {
      loading_.Error(*first, "contradiction", "this is of Debezium's records", "write `envelope: debezium`, or leave it out");
    }
    if (const YamlNode* operations = map.Find("operations")) {
      MapReader types(loading_, *operations, "`operations`");
      for (const char* operation : {"c", "u", "d", "r"}) {
        if (types.node().Find(operation) != nullptr) format.operations.emplace(operation, types.Text(operation));
      }
      types.Finish();
    }
    format.snapshot_is_backfill = map.Word<bool>("snapshots", {{"backfill", true}, {"events", false}}).value_or(true);
    format.decimals = map.Word<formats::ColumnDecimals>(
                             "decimals", {{"text", formats::ColumnDecimals::kText}, {"bytes", formats::ColumnDecimals::kBytes}})
                          .value_or(formats::ColumnDecimals::kText);
    format.times = map.Word<formats::ColumnTimes>("times", {{"milliseconds", formats::ColumnTimes::kMilliseconds},
                                                            {"microseconds", formats::ColumnTimes::kMicroseconds},
                                                            {"nanoseconds", formats::ColumnTimes::kNanoseconds}})
                       .value_or(formats::ColumnTimes::kMilliseconds);
  }

  void ReadMessage(MapReader& map, RecordFormat& format) {
    const YamlNode* const descriptor = map.Find("descriptor");
    const YamlNode* const message = map.Find("message");
    format.descriptor = reading_.Text(map, "descriptor");
    format.message = map.Text("message");
    if (format.payload != Payload::kProtobuf) {
      for (const YamlNode* of_protobuf : {descriptor, message}) {
        if (of_protobuf != nullptr) {
          loading_.Error(*of_protobuf, "contradiction", "`descriptor` and `message` are of protobuf", "write `payload: protobuf`");
        }
      }
      return;
    }
    if ((descriptor == nullptr) != (message == nullptr)) {
      loading_.Error(map.node(), "missing_key", "`descriptor` and `message` go together",
                     "give both, or neither for the events of antiphon.v1.Event");
    }
    if (descriptor == nullptr || format.descriptor.empty()) return;
    format.descriptor = reading_.Absolute(format.descriptor).string();
    if (!reading_.Exists(format.descriptor)) {
      loading_.Error(*descriptor, "no_file", "the descriptor " + format.descriptor + " cannot be read",
                     "protoc --include_imports --descriptor_set_out=FILE writes it; relative paths are relative to the process file");
    }
  }

  // An answer must not come back as a request.
  void CheckReplies() {
    for (const auto& [node, topic] : replies_) {
      if (!topic.empty() && topics_.contains(topic)) {
        loading_.Error(*node, "contradiction", "the topic " + topic + " is an input too: answers would be read as requests",
                       "give the answers a topic of their own");
      }
    }
  }

  Reading& reading_;
  topology::Loading& loading_;
  ProcessConfig& config_;
  std::set<std::string, std::less<>> topics_;
  std::vector<std::pair<const YamlNode*, std::string>> replies_;
};

}  // namespace

void ReadInputs(Reading& reading, const YamlNode* node, ProcessConfig& config) {
  if (node != nullptr) InputsReader(reading, config).Read(*node);
}

}  // namespace antiphon::process
