#include "services/live/dead_letters_command.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "services/live/cluster_view.h"
#include "services/live/dead_letter_log.h"
#include "services/live/dead_letter_words.h"
#include "services/live/redrive.h"
#include "services/runtime/clock.h"

namespace antiphon::live {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kExitNo = 1;
constexpr int kExitBad = 2;

std::unexpected<Error> Refuse(std::string message) { return Fail(Recovery::kStopProcess, std::move(message)); }

// Which letters the filters let through.
struct Filter {
  std::string reason;
  std::string topic;
  std::optional<EngineTime> since;

  [[nodiscard]] bool Passes(const Letter& letter) const {
    return (reason.empty() || letter.reason == reason) && (topic.empty() || letter.place.topic == topic) &&
           (!since || letter.written >= *since);
  }
};

Result<Filter> FilterOf(const DeadLettersCommand& command) {
  Filter filter{.reason = command.reason, .topic = command.topic, .since = {}};
  if (!filter.reason.empty() && !IsReason(filter.reason)) {
    return Refuse("--reason: there is no reason " + filter.reason + "; there are " + ReasonNames());
  }
  if (command.since.empty()) return filter;
  if (const auto ago = ParseDuration(command.since)) {
    filter.since = runtime::WallClock().Now() - *ago;
  } else {
    filter.since = ParseTime(command.since);
  }
  if (!filter.since) return Refuse("--since: neither a time like 2026-03-01T09:30:00Z nor a length of time like 2h");
  return filter;
}

// What a list holds: the latest letters, without bytes, and counts of all.
struct Listing {
  std::vector<Letter> letters;  // newest first
  std::map<std::string, std::uint64_t> reasons;
  std::map<RecordPlace, EngineTime> redriven;
  std::uint64_t count = 0;
};

bool IsNewer(const Letter& a, const Letter& b) {
  return std::tie(a.written, a.partition, a.place) > std::tie(b.written, b.partition, b.place);
}

Result<Listing> ReadListing(const ClusterView& view, runtime::EventSource& source, const Filter& filter, std::size_t limit) {
  Listing listing;
  auto& kept = listing.letters;  // a heap, the oldest in front
  auto visited = VisitLetters(view, source,
                              {.letter = [&](const Letter& letter) -> Result<void> {
                                 if (!filter.Passes(letter)) return {};
                                 ++listing.count;
                                 ++listing.reasons[letter.reason];
                                 Letter small = letter;
                                 small.bytes.clear();
                                 small.bytes.shrink_to_fit();
                                 kept.push_back(std::move(small));
                                 std::ranges::push_heap(kept, IsNewer);
                                 if (limit == 0 || kept.size() <= limit) return {};
                                 std::ranges::pop_heap(kept, IsNewer);
                                 kept.pop_back();
                                 return {};
                               },
                               .redriven = [&](const RecordPlace& place, EngineTime when) { listing.redriven[place] = when; }});
  if (!visited) return std::unexpected(std::move(visited.error()));
  std::ranges::sort(kept, IsNewer);
  return listing;
}

Json AsJson(const Letter& letter, const std::map<RecordPlace, EngineTime>& redriven) {
  Json json{
      {"record", ToString(letter.place)}, {"written", FormatTime(letter.written)}, {"reason", letter.reason}, {"message", letter.message}};
  if (!letter.time.empty()) json["time"] = letter.time;
  json["topology_version"] = letter.topology_version;
  if (const auto found = redriven.find(letter.place); found != redriven.end()) json["redriven"] = FormatTime(found->second);
  return json;
}

void PrintListing(std::FILE* output, const Listing& listing) {
  for (const Letter& letter : listing.letters) {
    const auto redriven = listing.redriven.find(letter.place);
    const std::string again = redriven == listing.redriven.end() ? "" : "  (sent again " + FormatTime(redriven->second) + ")";
    std::fprintf(output, "%s  %s  %s: %s%s\n", FormatTime(letter.written).c_str(), ToString(letter.place).c_str(), letter.reason.c_str(),
                 ShownBytes(letter.message).c_str(), again.c_str());
  }
  std::fprintf(output, "%s%llu dead letters", listing.letters.empty() ? "" : "\n", static_cast<unsigned long long>(listing.count));
  if (listing.letters.size() < listing.count) std::fprintf(output, ", the latest %zu are shown (--limit)", listing.letters.size());
  std::fprintf(output, "\n");
  for (const auto& [reason, count] : listing.reasons) {
    const ReasonWords words = WordsOf(reason);
    std::fprintf(output, "  %s, %llu: %.*s\n    what to do: %.*s\n", reason.c_str(), static_cast<unsigned long long>(count),
                 static_cast<int>(words.meaning.size()), words.meaning.data(), static_cast<int>(words.remedy.size()), words.remedy.data());
  }
}

Result<int> List(const DeadLettersCommand& command, const ClusterView& view, const Filter& filter, std::FILE* output) {
  auto source = view.MakeSource();
  if (!source) return std::unexpected(std::move(source.error()));
  const auto listing = ReadListing(view, **source, filter, command.limit);
  if (!listing) return std::unexpected(listing.error());
  if (!command.json) {
    PrintListing(output, *listing);
    return 0;
  }
  Json letters = Json::array();
  for (const Letter& letter : listing->letters) letters.push_back(AsJson(letter, listing->redriven));
  Json reasons = Json::object();
  for (const auto& [reason, count] : listing->reasons) reasons[reason] = count;
  std::fprintf(output, "%s\n", Json{{"count", listing->count}, {"reasons", reasons}, {"letters", letters}}.dump(2).c_str());
  return 0;
}

Result<int> Show(const DeadLettersCommand& command, const ClusterView& view, std::FILE* output) {
  const auto place = ParsePlace(command.show);
  if (!place) return Refuse("--show: TOPIC:PARTITION:OFFSET, as the list has it");
  auto source = view.MakeSource();
  if (!source) return std::unexpected(std::move(source.error()));
  std::optional<Letter> found;
  std::map<RecordPlace, EngineTime> redriven;
  auto visited = VisitLetters(view, **source,
                              {.letter = [&](const Letter& letter) -> Result<void> {
                                 if (letter.place == *place) found = letter;
                                 return {};
                               },
                               .redriven = [&](const RecordPlace& of, EngineTime when) { redriven[of] = when; }});
  if (!visited) return std::unexpected(std::move(visited.error()));
  if (!found) return Refuse("--show: there is no dead letter of " + command.show);
  const ReasonWords words = WordsOf(found->reason);
  if (command.json) {
    Json json = AsJson(*found, redriven);
    json["meaning"] = words.meaning;
    json["remedy"] = words.remedy;
    json["bytes"] = ShownBytes(found->bytes);
    std::fprintf(output, "%s\n", json.dump(2).c_str());
    return 0;
  }
  const auto line = [output](const char* name, std::string_view text) {
    std::fprintf(output, "%-12s%.*s\n", name, static_cast<int>(text.size()), text.data());
  };
  line("record", ToString(found->place));
  line("written", FormatTime(found->written));
  if (!found->time.empty()) line("its time", found->time);
  line("reason", found->reason + ": " + ShownBytes(found->message));
  line("", words.meaning);
  line("what to do", words.remedy);
  line("topology", found->topology_version);
  if (const auto sent = redriven.find(*place); sent != redriven.end()) line("sent again", FormatTime(sent->second));
  line("bytes", std::to_string(found->bytes.size()));
  std::fprintf(output, "\n%s\n", ShownBytes(found->bytes).c_str());
  return 0;
}

Result<RedriveWish> WishOf(const DeadLettersCommand& command, const Filter& filter) {
  RedriveWish wish{.places = {}, .wants = [filter](const Letter& letter) { return filter.Passes(letter); }, .again = command.again};
  for (const std::string& text : command.redrive) {
    auto place = ParsePlace(text);
    if (!place) return Refuse("--redrive: " + text + " is not TOPIC:PARTITION:OFFSET, as the list has it");
    wish.places.insert(*std::move(place));
  }
  return wish;
}

Result<int> RedriveAll(const DeadLettersCommand& command, const ClusterView& view, const Filter& filter, std::FILE* output) {
  const auto wish = WishOf(command, filter);
  if (!wish) return std::unexpected(wish.error());
  const auto report = command.yes ? Redrive(view, *wish) : PlanRedrive(view, *wish);
  if (!report) return std::unexpected(report.error());
  for (const RecordPlace& place : report->unknown) std::fprintf(output, "%s: there is no such dead letter\n", ToString(place).c_str());
  for (const std::string& refused : report->refused) std::fprintf(output, "%s\n", refused.c_str());
  for (const RecordPlace& place : report->before) {
    std::fprintf(output, "%s: was sent again before; --again sends it once more\n", ToString(place).c_str());
  }
  const bool sent = command.yes && report->unknown.empty();
  for (const RecordPlace& place : report->sent)
    std::fprintf(output, "%s: %s\n", ToString(place).c_str(), sent ? "sent again" : "would be sent");
  const std::string ending = sent                      ? " sent again"
                             : report->unknown.empty() ? " would be sent again; say --yes to send them"
                                                       : " would be sent again; nothing was sent, because of the unknown ones";
  std::fprintf(output, "%zu records%s\n", report->sent.size(), ending.c_str());
  return sent && report->refused.empty() ? 0 : kExitNo;
}

Result<int> Run(const DeadLettersCommand& command, std::FILE* output) {
  const auto filter = FilterOf(command);
  if (!filter) return std::unexpected(filter.error());
  if (command.all && filter->reason.empty()) return Refuse("--all needs --reason: letters of one reason have one remedy");
  if (command.all && !command.redrive.empty()) return Refuse("--all and --redrive exclude each other");
  const auto view = ClusterView::Open(command.process);
  if (!view) return std::unexpected(view.error());
  if (command.all || !command.redrive.empty()) return RedriveAll(command, *view, *filter, output);
  return command.show.empty() ? List(command, *view, *filter, output) : Show(command, *view, output);
}

}  // namespace

int RunDeadLettersCommand(const DeadLettersCommand& command, std::FILE* output, std::FILE* messages) {
  const auto code = Run(command, output);
  if (code) return *code;
  std::fprintf(messages, "antiphon dead-letters: %s\n", code.error().message.c_str());
  return kExitBad;
}

}  // namespace antiphon::live
