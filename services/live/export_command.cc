#include "services/live/export_command.h"

#include <nlohmann/json.hpp>

#include "services/archive/exporter.h"
#include "services/live/live_process.h"
#include "services/replay/progress.h"

namespace antiphon::live {
namespace {

constexpr int kExitBad = 2;

struct SpanFigures {
  std::uint64_t commits = 0;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
};

SpanFigures FiguresOf(const archive::SpanInfo& span) {
  SpanFigures figures;
  for (const archive::PartitionSpan& partition : span.partitions) figures.commits += partition.last + 1 - partition.first;
  for (const archive::SegmentInfo& segment : span.segments) {
    figures.records += segment.figures.records;
    figures.bytes += segment.figures.bytes;
  }
  return figures;
}

void PrintJson(std::FILE* output, const archive::ExportReport& report) {
  nlohmann::ordered_json json{{"span", nullptr}};
  if (report.span) {
    const SpanFigures figures = FiguresOf(*report.span);
    json = {{"span", report.span->number},
            {"has_commits", report.span->has_commits},
            {"begins", FormatTime(report.span->begins)},
            {"reaches", FormatTime(report.span->Reaches())},
            {"commits", figures.commits},
            {"records", figures.records},
            {"bytes", figures.bytes}};
  }
  json["notes"] = report.notes;
  std::fprintf(output, "%s\n", json.dump(2).c_str());
}

void PrintWords(std::FILE* output, const archive::ExportReport& report) {
  if (!report.span) {
    std::fprintf(output, "nothing new since the last export\n");
    return;
  }
  const SpanFigures figures = FiguresOf(*report.span);
  std::fprintf(output, "span %llu: %llu commits, %llu records, %llu bytes; the archive reaches to %s\n",
               static_cast<unsigned long long>(report.span->number), static_cast<unsigned long long>(figures.commits),
               static_cast<unsigned long long>(figures.records), static_cast<unsigned long long>(figures.bytes),
               FormatTime(report.span->Reaches()).c_str());
}

}  // namespace

int RunExportCommand(const ExportCommand& command, std::FILE* output, std::FILE* messages) {
  const auto failed = [&](const Error& error) {
    std::fprintf(messages, "antiphon export: %s\n", error.message.c_str());
    return kExitBad;
  };
  auto process = LiveProcess::Open(command.process);
  if (!process) return failed(process.error());
  auto source = (*process)->MakeSource(LiveProcess::Headers::kAll);
  if (!source) return failed(source.error());
  archive::ExportOptions options{.archive = command.archive};
  std::FILE* const terminal = replay::TerminalOrNull(messages);
  if (terminal != nullptr) {
    options.progress = [terminal](std::int32_t partition, std::uint64_t records) {
      std::fprintf(terminal, "\rpartition %d, %llu records ", partition, static_cast<unsigned long long>(records));
      std::fflush(terminal);
    };
  }
  const auto report = archive::ExportSpan((*process)->parts(), **source, (*process)->directory(), options);
  if (terminal != nullptr) std::fprintf(terminal, "\r\033[K");
  if (!report) return failed(report.error());
  for (const std::string& note : report->notes) std::fprintf(messages, "antiphon export: note: %s\n", note.c_str());
  command.json ? PrintJson(output, *report) : PrintWords(output, *report);
  return 0;
}

}  // namespace antiphon::live
