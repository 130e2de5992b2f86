#include "services/archive/manifest.h"

#include <algorithm>
#include <array>
#include <exception>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "state/base/check.h"

namespace antiphon::archive {
namespace {

using Json = nlohmann::ordered_json;

// What a manifest may say that nlohmann does not know. Caught in DecodeManifest.
struct BadManifest : std::exception {
  explicit BadManifest(std::string text) : message(std::move(text)) {}
  [[nodiscard]] const char* what() const noexcept override { return message.c_str(); }
  std::string message;
};

Hash128 HashOf(const std::string& hex) {
  constexpr std::size_t kHalf = 16;
  if (hex.size() != 2 * kHalf || hex.find_first_not_of("0123456789abcdef") != std::string::npos) throw BadManifest("no hash: " + hex);
  return {.high = std::stoull(hex.substr(0, kHalf), nullptr, 16), .low = std::stoull(hex.substr(kHalf), nullptr, 16)};
}

EngineTime TimeOf(const std::string& text) {
  const auto time = ParseTime(text);
  if (!time) throw BadManifest("no time: " + text);
  return *time;
}

// Of the archive, below its folder: a manifest must not lead out of it.
std::string PathOf(std::string text) {
  const std::filesystem::path path(text);
  if (text.empty() || path.is_absolute() || std::ranges::any_of(path, [](const auto& part) { return part == ".." || part == "."; })) {
    throw BadManifest("a path that leads out of the archive: " + text);
  }
  return text;
}

Json SegmentAsJson(const SegmentInfo& segment) {
  Json json{{"file", segment.file},
            {"role", segment.role},
            {"topic", segment.topic},
            {"partition", segment.partition},
            {"begin", segment.begin},
            {"next", segment.next},
            {"end", segment.end},
            {"records", segment.figures.records},
            {"bytes", segment.figures.bytes},
            {"digest", ToHex(segment.figures.digest)}};
  if (segment.expired) json["expired"] = true;
  return json;
}

SegmentInfo SegmentOf(const Json& json) {
  SegmentInfo segment{.file = PathOf(json.at("file")),
                      .role = json.at("role"),
                      .topic = json.at("topic"),
                      .partition = json.at("partition"),
                      .begin = json.at("begin"),
                      .next = json.at("next"),
                      .end = json.at("end"),
                      .expired = json.value("expired", false),
                      .figures = {.records = json.at("records"), .bytes = json.at("bytes"), .digest = HashOf(json.at("digest"))}};
  if (segment.begin < 0 || segment.begin > segment.next || segment.next > segment.end) throw BadManifest(segment.file + ": no offsets");
  return segment;
}

Json SpanAsJson(const SpanInfo& span) {
  Json partitions = Json::array();
  for (std::size_t i = 0; i < span.partitions.size(); ++i) {
    const PartitionSpan& one = span.partitions[i];
    partitions.push_back({{"partition", i},
                          {"first_commit", one.first},
                          {"last_commit", one.last},
                          {"customers", one.customers},
                          {"clock", one.clock ? Json(FormatTime(*one.clock)) : Json()},
                          {"topology", ToHex(one.topology)}});
  }
  Json topologies = Json::array();
  for (const Hash128& version : span.topologies) topologies.push_back(ToHex(version));
  Json segments = Json::array();
  for (const SegmentInfo& segment : span.segments) segments.push_back(SegmentAsJson(segment));
  return {{"number", span.number},
          {"folder", span.folder},
          {"made", FormatTime(span.made)},
          {"has_commits", span.has_commits},
          {"begins", FormatTime(span.begins)},
          {"reaches", FormatTime(span.Reaches())},
          {"topologies", std::move(topologies)},
          {"partitions", std::move(partitions)},
          {"segments", std::move(segments)}};
}

SpanInfo SpanOf(const Json& json) {
  SpanInfo span{.number = json.at("number"),
                .folder = PathOf(json.at("folder")),
                .made = TimeOf(json.at("made")),
                .has_commits = json.at("has_commits"),
                .begins = TimeOf(json.at("begins")),
                .topologies = {},
                .partitions = {},
                .segments = {}};
  for (const Json& version : json.at("topologies")) span.topologies.push_back(HashOf(version));
  for (const Json& one : json.at("partitions")) {
    const Json& clock = one.at("clock");
    if (one.at("partition") != span.partitions.size()) throw BadManifest("partitions that are not in order");
    span.partitions.push_back({.first = one.at("first_commit"),
                               .last = one.at("last_commit"),
                               .customers = one.at("customers"),
                               .clock = clock.is_null() ? std::nullopt : std::optional(TimeOf(clock)),
                               .topology = HashOf(one.at("topology"))});
  }
  for (const Json& segment : json.at("segments")) span.segments.push_back(SegmentOf(segment));
  return span;
}

// Spans follow each other without a gap, with the same partitions.
void CheckSpans(const std::vector<SpanInfo>& spans) {
  for (std::size_t i = 0; i < spans.size(); ++i) {
    const SpanInfo& span = spans[i];
    if (span.number != i + 1 || span.partitions.empty()) throw BadManifest("spans that are not in order");
    for (std::size_t p = 0; p < span.partitions.size(); ++p) {
      if (span.SnapshotOf(static_cast<std::int32_t>(p)) == nullptr) throw BadManifest(span.folder + ": a partition without a snapshot");
      if (i == 0) continue;
      if (spans[i - 1].partitions.size() != span.partitions.size() || spans[i - 1].partitions[p].last + 1 != span.partitions[p].first) {
        throw BadManifest(span.folder + ": partition " + std::to_string(p) + " does not go on where the span before ended");
      }
    }
  }
}

Manifest Read(std::string_view text) {
  const Json json = Json::parse(text);
  const std::uint32_t version = json.at("antiphon_archive");
  if (version > kArchiveVersion) {
    throw BadManifest("the archive has version " + std::to_string(version) + ", this program reads up to " +
                      std::to_string(kArchiveVersion) + "; take a newer one");
  }
  Manifest manifest{.group = json.at("group"), .prefix = json.at("prefix"), .spans = {}};
  for (const Json& span : json.at("spans")) manifest.spans.push_back(SpanOf(span));
  CheckSpans(manifest.spans);
  return manifest;
}

}  // namespace

EngineTime SpanInfo::Reaches() const {
  EngineTime latest = begins;
  for (const PartitionSpan& partition : partitions) latest = std::max(latest, partition.clock.value_or(latest));
  return latest;
}

const SegmentInfo* SpanInfo::Find(std::string_view topic, std::int32_t partition) const {
  const auto found = std::ranges::find_if(segments, [&](const SegmentInfo& segment) {
    return segment.topic == topic && segment.partition == partition && segment.role != kSnapshotRole;
  });
  return found != segments.end() ? &*found : nullptr;
}

const SegmentInfo* SpanInfo::SnapshotOf(std::int32_t partition) const {
  const auto found = std::ranges::find_if(
      segments, [&](const SegmentInfo& segment) { return segment.role == kSnapshotRole && segment.partition == partition; });
  return found != segments.end() ? &*found : nullptr;
}

std::string EncodeManifest(const Manifest& manifest) {
  Json spans = Json::array();
  for (const SpanInfo& span : manifest.spans) spans.push_back(SpanAsJson(span));
  const Json json{
      {"antiphon_archive", kArchiveVersion}, {"group", manifest.group}, {"prefix", manifest.prefix}, {"spans", std::move(spans)}};
  return json.dump(1) + "\n";
}

Result<Manifest> DecodeManifest(std::string_view text, const std::string& path) {
  try {
    return Read(text);
  } catch (const std::exception& exception) {  // of nlohmann, and BadManifest
    return Fail(Recovery::kStopProcess, path + ": " + exception.what());
  }
}

Result<SpanRange> SpansOf(const Manifest& manifest, const Stretch& stretch) {
  const std::vector<SpanInfo>& spans = manifest.spans;
  const auto first_with_commits = std::ranges::find(spans, true, &SpanInfo::has_commits);
  if (first_with_commits == spans.end()) {
    const std::string from = spans.empty() ? "" : "; what is exported from now on begins at " + FormatTime(spans.back().Reaches());
    return Fail(Recovery::kStopProcess, "the archive has no decisions yet" + from);
  }
  SpanRange range{.first = static_cast<std::size_t>(first_with_commits - spans.begin()), .last = spans.size() - 1};
  const EngineTime earliest = first_with_commits->begins;
  const EngineTime latest = spans.back().Reaches();
  if (stretch.from && *stretch.from < earliest) {
    return Fail(Recovery::kStopProcess, "--from " + FormatTime(*stretch.from) + " is before the archive, which begins at " +
                                            FormatTime(earliest) + ": the earliest date that it has");
  }
  if (stretch.from && *stretch.from > latest) {
    return Fail(Recovery::kStopProcess,
                "--from " + FormatTime(*stretch.from) + " is after the archive, which reaches to " + FormatTime(latest));
  }
  if (stretch.to && *stretch.to > latest + Milliseconds{1}) {
    return Fail(Recovery::kStopProcess, "--to " + FormatTime(*stretch.to) + " is after the archive, which reaches to " +
                                            FormatTime(latest) + ": export again, or ask for less");
  }
  while (stretch.from && range.first < range.last && spans[range.first + 1].begins <= *stretch.from) ++range.first;
  while (stretch.to && range.last > range.first) {
    // Every partition of the span before has come so far.
    const std::vector<PartitionSpan>& before = spans[range.last - 1].partitions;
    const bool all = std::ranges::all_of(before, [&](const PartitionSpan& one) { return one.clock && *one.clock >= *stretch.to; });
    if (!all) break;
    --range.last;
  }
  return range;
}

}  // namespace antiphon::archive
