#include "services/replay/resume_point.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

namespace antiphon::replay {
namespace {

using Json = nlohmann::json;

constexpr int kVersion = 2;

Json ToJson(const Hash128& hash) { return Json::array({hash.high, hash.low}); }
void Read(const Json& json, Hash128& hash) {
  hash.high = json.at(0).get<std::uint64_t>();
  hash.low = json.at(1).get<std::uint64_t>();
}

// Keys of two texts, or of a stage and a text, as [first, second, count].
template <typename Key>
Json PairsToJson(const std::map<std::pair<Key, std::string>, std::uint64_t>& counts) {
  Json list = Json::array();
  for (const auto& [key, count] : counts) {
    if constexpr (std::is_enum_v<Key>) {
      list.push_back({static_cast<unsigned>(key.first), key.second, count});
    } else {
      list.push_back({key.first, key.second, count});
    }
  }
  return list;
}

template <typename Key>
void ReadPairs(const Json& list, std::map<std::pair<Key, std::string>, std::uint64_t>& counts) {
  for (const Json& item : list) {
    if constexpr (std::is_enum_v<Key>) {
      const auto stage = item.at(0).get<unsigned>();
      if (stage >= decision::kStageCount) throw Json::other_error::create(501, "stage", &item);
      counts[{static_cast<Key>(stage), item.at(1).get<std::string>()}] = item.at(2).get<std::uint64_t>();
    } else {
      counts[{item.at(0).get<std::string>(), item.at(1).get<std::string>()}] = item.at(2).get<std::uint64_t>();
    }
  }
}

Json FailuresToJson(const std::map<FailureName, std::uint64_t>& failures) {
  Json list = Json::array();
  for (const auto& [name, count] : failures) list.push_back({name.owner, name.expression, name.kind, count});
  return list;
}

void ReadFailures(const Json& list, std::map<FailureName, std::uint64_t>& failures) {
  for (const Json& item : list) {
    failures[{.owner = item.at(0).get<std::string>(), .expression = item.at(1).get<std::string>(), .kind = item.at(2).get<std::string>()}] =
        item.at(3).get<std::uint64_t>();
  }
}

Json TotalsToJson(const Totals& totals) {
  Json files = Json::array();
  for (const LineDigest& file : totals.files) files.push_back({{"lines", file.lines}, {"sum", ToJson(file.sum)}});
  return {{"files", std::move(files)},
          {"counters", totals.counters},
          {"decisions_by_cause", totals.decisions_by_cause},
          {"contact_records_by_status", totals.contact_records_by_status},
          {"decisions_silent", totals.decisions_silent},
          {"funnel", totals.funnel},
          {"closings", PairsToJson(totals.closings)},
          {"silences", PairsToJson(totals.silences)},
          {"said", PairsToJson(totals.said)},
          {"failures", FailuresToJson(totals.failures)},
          {"reached", totals.reached}};
}

void Read(const Json& json, Totals& totals) {
  for (std::size_t i = 0; i < kRecordFiles; ++i) {
    totals.files[i].lines = json.at("files").at(i).at("lines").get<std::uint64_t>();
    Read(json.at("files").at(i).at("sum"), totals.files[i].sum);
  }
  json.at("counters").get_to(totals.counters);
  json.at("decisions_by_cause").get_to(totals.decisions_by_cause);
  json.at("contact_records_by_status").get_to(totals.contact_records_by_status);
  json.at("decisions_silent").get_to(totals.decisions_silent);
  json.at("funnel").get_to(totals.funnel);
  ReadPairs(json.at("closings"), totals.closings);
  ReadPairs(json.at("silences"), totals.silences);
  ReadPairs(json.at("said"), totals.said);
  ReadFailures(json.at("failures"), totals.failures);
  json.at("reached").get_to(totals.reached);
}

Json FiguresToJson(const ReadFigures& read) {
  return {{"lines", read.lines},
          {"last_hash", read.last_hash},
          {"events", read.events},
          {"controls", read.controls},
          {"events_by_type", read.events_by_type},
          {"skipped", Json(read.skipped)},
          {"dead_letters", Json(read.dead_letters)}};
}

void Read(const Json& json, ReadFigures& read) {
  json.at("lines").get_to(read.lines);
  json.at("last_hash").get_to(read.last_hash);
  json.at("events").get_to(read.events);
  json.at("controls").get_to(read.controls);
  json.at("events_by_type").get_to(read.events_by_type);
  for (const auto& [type, count] : json.at("skipped").items()) read.skipped[type] = count.get<std::uint64_t>();
  for (const auto& [reason, count] : json.at("dead_letters").items()) read.dead_letters[reason] = count.get<std::uint64_t>();
}

Json HeldToJson(const std::vector<HeldLine>& held) {
  Json list = Json::array();
  for (const HeldLine& line : held) {
    list.push_back(
        {{"partition", line.partition}, {"time", ToEpochMs(line.time)}, {"file", static_cast<unsigned>(line.file)}, {"text", line.text}});
  }
  return list;
}

void Read(const Json& list, std::vector<HeldLine>& held) {
  for (const Json& item : list) {
    HeldLine& line = held.emplace_back();
    item.at("partition").get_to(line.partition);
    line.time = FromEpochMs(item.at("time").get<std::int64_t>());
    const auto file = item.at("file").get<unsigned>();
    if (file >= kRecordFiles) throw Json::other_error::create(501, "file", &item);
    line.file = static_cast<RecordFile>(file);
    item.at("text").get_to(line.text);
  }
}

void Read(const Json& json, ResumePoint& point) {
  json.at("semantics_version").get_to(point.semantics_version);
  json.at("topology").get_to(point.topology);
  Read(json.at("topology_version"), point.topology_version);
  json.at("logs").get_to(point.logs);
  json.at("journal").get_to(point.journal);
  json.at("store").get_to(point.store);
  json.at("partitions").get_to(point.partitions);
  json.at("until").get_to(point.until);
  point.clock = FromEpochMs(json.at("clock").get<std::int64_t>());
  Read(json.at("read"), point.read);
  const Json& tasks = json.at("tasks");
  point.tasks = {.events = tasks.at(0).get<std::uint64_t>(),
                 .duplicates = tasks.at(1).get<std::uint64_t>(),
                 .timers = tasks.at(2).get<std::uint64_t>(),
                 .controls = tasks.at(3).get<std::uint64_t>()};
  Read(json.at("totals"), point.totals);
  json.at("record_bytes").get_to(point.record_bytes);
  json.at("dead_letter_bytes").get_to(point.dead_letter_bytes);
  json.at("journal_bytes").get_to(point.journal_bytes);
  Read(json.at("held"), point.held);
  json.at("seconds").get_to(point.seconds);
}

}  // namespace

std::string ResumePointAsJson(const ResumePoint& point) {
  const Json json{{"version", kVersion},
                  {"semantics_version", point.semantics_version},
                  {"topology", point.topology},
                  {"topology_version", ToJson(point.topology_version)},
                  {"logs", point.logs},
                  {"journal", point.journal},
                  {"store", point.store},
                  {"partitions", point.partitions},
                  {"until", point.until},
                  {"clock", ToEpochMs(point.clock)},
                  {"read", FiguresToJson(point.read)},
                  {"tasks", Json::array({point.tasks.events, point.tasks.duplicates, point.tasks.timers, point.tasks.controls})},
                  {"totals", TotalsToJson(point.totals)},
                  {"record_bytes", point.record_bytes},
                  {"dead_letter_bytes", point.dead_letter_bytes},
                  {"journal_bytes", point.journal_bytes},
                  {"held", HeldToJson(point.held)},
                  {"seconds", point.seconds}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<ResumePoint> ParseResumePoint(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    if (json.at("version").get<int>() != kVersion) {
      return Fail(Recovery::kStopProcess, "resume.json is of another version of antiphon; start again with --force");
    }
    ResumePoint point;
    Read(json, point);
    return point;
  } catch (const Json::exception& exception) {
    return Fail(Recovery::kStopProcess, std::string("resume.json is damaged; start again with --force (") + exception.what() + ")");
  }
}

}  // namespace antiphon::replay
