#include "services/live/journal_play.h"

#include <algorithm>
#include <map>
#include <utility>

#include "services/archive/archived_span.h"
#include "services/live/live_process.h"

namespace antiphon::live {
namespace {

using archive::Archive;
using archive::ArchivedSpan;
using archive::Verdict;

Result<archive::JudgedLines*> LinesFor(const LinesOf& lines, std::int32_t partition) {
  if (lines) return lines(partition);
  return nullptr;
}

Result<std::vector<std::int32_t>> PartitionsOf(const PlayWish& wish, std::int32_t partitions) {
  if (wish.partition && (*wish.partition < 0 || *wish.partition >= partitions)) {
    return Fail(Recovery::kStopProcess, "--partition: there are partitions 0 to " + std::to_string(partitions - 1));
  }
  if (wish.partition) return std::vector{*wish.partition};
  std::vector<std::int32_t> all;
  for (std::int32_t i = 0; i < partitions; ++i) all.push_back(i);
  return all;
}

// What was found of one partition in one span more.
void Add(Verdict& sum, Verdict&& found, const std::string& where) {
  sum.equal = found.equal;
  if (!found.equal) sum.difference = where + ": " + found.difference;
  sum.commits += found.commits;
  sum.records += found.records;
  sum.lines += found.lines;
  sum.expired += found.expired;
  sum.customers = found.customers;
  sum.state = found.state;
  sum.cuts = std::move(found.cuts);
}

Result<Played> PlayArchive(const PlayWish& wish, const LinesOf& lines) {
  const auto archive = Archive::Open(wish.archive);
  if (!archive) return std::unexpected(archive.error());
  const auto range = archive::SpansOf(archive->manifest(), wish.stretch);
  if (!range) return std::unexpected(range.error());
  const std::vector<archive::SpanInfo>& spans = archive->manifest().spans;
  const auto partitions = PartitionsOf(wish, static_cast<std::int32_t>(spans.back().partitions.size()));
  if (!partitions) return std::unexpected(partitions.error());
  runtime::WallClock clock;
  Played played{.partitions = {}, .first_span = spans[range->first].number, .last_span = spans[range->last].number};
  for (const std::int32_t partition : *partitions) {
    played.partitions.push_back({.partition = partition, .verdict = {}});
    played.partitions.back().verdict.equal = true;
  }
  for (std::size_t i = range->first; i <= range->last; ++i) {
    const auto span = ArchivedSpan::Open(*archive, i, clock);
    if (!span) return std::unexpected(span.error());
    for (PlayedPartition& one : played.partitions) {
      if (!one.verdict.equal) continue;  // what follows would only repeat it
      const auto to = LinesFor(lines, one.partition);
      if (!to) return std::unexpected(to.error());
      auto verdict = (*span)->Verify(one.partition, *to, i > range->first ? &one.verdict.cuts : nullptr);
      if (!verdict) return Fail(verdict.error().recovery, spans[i].folder + ": " + verdict.error().message);
      Add(one.verdict, *std::move(verdict), spans[i].folder);
    }
  }
  return played;
}

Result<Played> PlayTopics(const PlayWish& wish, const LinesOf& lines) {
  auto process = LiveProcess::Open(wish.process);
  if (!process) return std::unexpected(std::move(process.error()));
  const auto partitions = PartitionsOf(wish, (*process)->partitions());
  if (!partitions) return std::unexpected(partitions.error());
  auto source = (*process)->MakeSource();
  if (!source) return std::unexpected(std::move(source.error()));
  std::optional<Archive> archive;
  if (!wish.archive.empty()) {
    auto opened = Archive::Open(wish.archive);
    if (!opened) return std::unexpected(std::move(opened.error()));
    archive = *std::move(opened);
  }
  Played played;
  for (const std::int32_t partition : *partitions) {
    archive::VerifyOptions options;
    std::optional<archive::ArchivedStart> start;
    if (archive) {
      auto found = archive::StartBefore(*archive, wish.stretch.from, partition);
      if (!found) return std::unexpected(std::move(found.error()));
      start = *std::move(found);
      if (start) options = {.start = &start->fold, .windows = start->windows};
    }
    const auto to = LinesFor(lines, partition);
    if (!to) return std::unexpected(to.error());
    options.lines = *to;
    auto verdict = archive::VerifyPartition((*process)->parts(), partition, **source, (*process)->directory(), options);
    if (!verdict) return std::unexpected(std::move(verdict.error()));
    played.partitions.push_back({.partition = partition, .verdict = *std::move(verdict)});
  }
  return played;
}

}  // namespace

bool Played::equal() const {
  return std::ranges::all_of(partitions, [](const PlayedPartition& one) { return one.verdict.equal; });
}

Hash128 Played::state() const {
  Hash128 sum;
  for (const PlayedPartition& one : partitions) sum += one.verdict.state;
  return sum;
}

Result<Played> PlayJournals(const PlayWish& wish, const LinesOf& lines) {
  if (wish.process.empty() && wish.archive.empty()) {
    return Fail(Recovery::kStopProcess, "give --process FILE for a run's topics, or --archive DIR for an archive");
  }
  return wish.process.empty() ? PlayArchive(wish, lines) : PlayTopics(wish, lines);
}

}  // namespace antiphon::live
