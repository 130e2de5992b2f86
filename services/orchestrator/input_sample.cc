#include "services/orchestrator/input_sample.h"

#include <algorithm>
#include <utility>

#include "services/formats/dead_letter.h"
#include "services/orchestrator/lane.h"
#include "services/runtime/partitioner.h"

namespace antiphon::orchestrator {
namespace {

constexpr Milliseconds kWait{50};

bool IsRedriven(const runtime::LogRecord& record) {
  return std::ranges::find(record.headers, formats::kRedriveHeader, &runtime::Header::name) != record.headers.end();
}

// One input, until all is read or time is over.
class Sampler {
 public:
  Sampler(const ProcessParts& parts, std::uint32_t input, formats::RecordDecoder& decoder)
      : parts_(parts),
        decoder_(decoder),
        memory_(decoder, 1),
        is_keyed_(parts.config->inputs[input].keyed_by == process::KeyedBy::kCustomer) {
    sample_.input = input;
  }

  [[nodiscard]] Result<InputSample> Read(runtime::EventSource& source, runtime::LogDirectory& directory, Milliseconds deadline) {
    const std::vector<runtime::LogId> logs = Logs();
    if (auto assigned = Begin(logs, source, directory); !assigned) return std::unexpected(std::move(assigned.error()));
    auto read = ReadAll(logs, source, deadline);
    source.Unassign(logs);
    if (!read) return std::unexpected(std::move(read.error()));
    return sample_;
  }

 private:
  [[nodiscard]] std::vector<runtime::LogId> Logs() const {
    std::int32_t partitions = static_cast<std::int32_t>(parts_.settings.partitions);
    if (!is_keyed_) partitions = static_cast<std::int32_t>(std::ranges::count(parts_.sources, sample_.input, &runtime::LogId::topic));
    const std::int32_t looked_at = std::min(partitions, InputSample::kPartitionsMax);
    std::vector<runtime::LogId> logs;
    logs.reserve(static_cast<std::size_t>(looked_at));
    for (std::int32_t i = 0; i < looked_at; ++i) logs.push_back({.topic = sample_.input, .partition = i * partitions / looked_at});
    return logs;
  }

  [[nodiscard]] Result<void> Begin(const std::vector<runtime::LogId>& logs, runtime::EventSource& source,
                                   runtime::LogDirectory& directory) {
    const auto starts = directory.Starts(logs);
    if (!starts) return std::unexpected(starts.error());
    const auto ends = directory.HighWatermarks(logs);
    if (!ends) return std::unexpected(ends.error());
    const auto committed = directory.Committed(logs);
    if (!committed) return std::unexpected(committed.error());
    sample_.begun = std::ranges::any_of(*committed, [](const auto& position) { return position.has_value(); });
    std::vector<runtime::LogPosition> from;
    from.reserve(logs.size());
    for (std::size_t i = 0; i < logs.size(); ++i) {
      from.push_back({.log = logs[i], .next = std::max((*starts)[i], (*ends)[i] - InputSample::kRecordsMax)});
    }
    return source.Assign(from);
  }

  [[nodiscard]] Result<void> ReadAll(const std::vector<runtime::LogId>& logs, runtime::EventSource& source, Milliseconds deadline) {
    const auto ends = source.StableEnds(logs);
    if (!ends) return std::unexpected(ends.error());
    while (parts_.clock->Monotonic() < deadline) {
      bool all = true;
      for (std::size_t i = 0; i < logs.size(); ++i) {
        while (source.Position(logs[i]) < (*ends)[i]) {
          auto record = source.Take(logs[i]);
          if (!record) return std::unexpected(std::move(record.error()));
          if (!*record) break;
          if (auto looked = Look(**record, logs[i]); !looked) return looked;
        }
        all = all && source.Position(logs[i]) >= (*ends)[i];
      }
      if (all) return {};
      source.Wait(kWait);
    }
    return {};
  }

  [[nodiscard]] Result<void> Look(const runtime::LogRecord& record, runtime::LogId log) {
    sample_.newest = std::max(sample_.newest, record.timestamp);
    if (!is_keyed_ || IsRedriven(record)) return {};
    memory_.Reset();
    const auto item = DecodeItem(record, log, {}, decoder_, memory_);
    if (!item) return std::unexpected(item.error());
    if (item->decoded.kind != formats::Decoded::Kind::kEvent) return {};
    ++sample_.records;
    const std::uint32_t belongs = runtime::PartitionOf(item->decoded.event.customer, parts_.settings.partitions);
    if (belongs == static_cast<std::uint32_t>(log.partition)) return {};
    if (sample_.broken++ == 0) sample_.first = {.log = log, .offset = record.offset, .belongs = belongs};
    return {};
  }

  const ProcessParts& parts_;
  formats::RecordDecoder& decoder_;
  LaneMemory memory_;
  bool is_keyed_;
  InputSample sample_;
};

}  // namespace

Result<std::vector<InputSample>> SampleInputs(const ProcessParts& parts, const Decoders& decoders, runtime::EventSource& source,
                                              runtime::LogDirectory& directory) {
  const Milliseconds deadline = parts.clock->Monotonic() + InputSample::kWithin;
  std::vector<InputSample> samples;
  for (std::uint32_t input = 0; input < parts.topics->inputs(); ++input) {
    auto sample = Sampler(parts, input, *decoders[input]).Read(source, directory, deadline);
    if (!sample) return std::unexpected(std::move(sample.error()));
    samples.push_back(*std::move(sample));
  }
  return samples;
}

SampleVerdict JudgeKeys(const InputSample& sample, const ProcessParts& parts) {
  if (!sample.first) return {};
  const std::string& topic = parts.topics->topics()[sample.input].name;
  const auto percent = (100 * sample.broken + sample.records - 1) / sample.records;
  return {.message = topic + ": " + std::to_string(sample.broken) + " of the " + std::to_string(sample.records) +
                     " latest records that were looked at (" + std::to_string(percent) +
                     " %) are not in the partition of their customer; the first is " + topic + "[" +
                     std::to_string(sample.first->log.partition) + "] at offset " + std::to_string(sample.first->offset) +
                     ", whose customer belongs in partition " + std::to_string(sample.first->belongs) + " of " +
                     std::to_string(parts.settings.partitions) +
                     " (murmur2 of his id). If the topic is keyed by something else, or placed by another partitioner, write `key: other` "
                     "for this input; else correct the producer",
          .refused = !sample.begun || 2 * sample.broken >= sample.records};
}

std::string JudgeClock(const InputSample& sample, const ProcessParts& parts) {
  const EngineTime now = parts.clock->Now();
  if (!parts.settings.wall_clock || sample.newest <= now + parts.settings.ahead) return {};
  return parts.topics->topics()[sample.input].name + ": its newest record is of " + FormatTime(sample.newest) +
         ", and this machine's clock says " + FormatTime(now) +
         ": one of the two is wrong. Compare this machine with its time server; events further ahead than `clock: {ahead}` "
         "become dead letters";
}

}  // namespace antiphon::orchestrator
