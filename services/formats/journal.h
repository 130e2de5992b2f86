#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "state/base/hash.h"
#include "state/base/result.h"
#include "state/base/time.h"

namespace antiphon::formats {

// The journal: the exact order in which partitions consumed their inputs. Source: docs/time-and-determinism.md, "The journal".
// The file, integers little-endian:
//   file    := "ANTJRNL1" frame*              the first frame holds the header; it occurs once
//   frame   := length:u32 checksum:u64 payload      checksum: XXH3-64 of the payload
//   payload := antiphon.v1.JournalFrame (protobuf): header | commit | sources
// A frame that was not written to its end can only be the last one: it is dropped and reported. Damage before that is an error.

// A log that the journal refers to. `position`: among the arguments, from 0.
struct JournalSource {
  std::uint32_t position = 0;
  std::string name;
  Hash128 digest;  // of the uncompressed content; zero as long as it was not read to its end
  std::uint64_t bytes = 0;
  friend bool operator==(const JournalSource&, const JournalSource&) = default;
};

struct JournalHeader {
  std::uint32_t semantics_version = 0;  // of the engine: another one is refused or announced by the reader's caller
  Hash128 topology_version;
  std::uint32_t partitions = 0;
  std::vector<JournalSource> sources;
  friend bool operator==(const JournalHeader&, const JournalHeader&) = default;
};

// The floor from here on, until the next one.
struct JournalFloor {
  EngineTime floor{};
  friend bool operator==(const JournalFloor&, const JournalFloor&) = default;
};
// The clock went on to `to` without a record.
struct JournalTick {
  EngineTime to{};
  friend bool operator==(const JournalTick&, const JournalTick&) = default;
};
// Records [from, to) of a source: uncompressed bytes of a file, offsets of a topic's partition (0 for files).
struct JournalRange {
  std::uint32_t source = 0;  // position
  std::uint32_t partition = 0;
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  std::uint64_t records = 0;  // of a topic: so many are in it, the first at `from`; 0 for files
  friend bool operator==(const JournalRange&, const JournalRange&) = default;
};
// A record that has no place of its own (a request, a control record, a line of standard input), in full.
struct JournalRecord {
  std::uint32_t source = 0;
  std::uint64_t offset = 0;  // as the decoder was told: an id may be made of it
  std::string bytes;
  friend bool operator==(const JournalRecord&, const JournalRecord&) = default;
};
// Of a live run: from here on the partition decides under this version of the topology, in a commit that says so in its settings; or the
// record before, which asked for it, was refused.
struct JournalActivation {
  Hash128 version;
  std::string refused;  // why, as the dead letter says; empty: activated
  friend bool operator==(const JournalActivation&, const JournalActivation&) = default;
};
using JournalEntry = std::variant<JournalFloor, JournalTick, JournalRange, JournalRecord, JournalActivation>;

inline constexpr std::uint32_t kAllPartitions = 0xFFFFFFFF;

struct JournalCommit {
  std::uint32_t partition = kAllPartitions;  // whose inputs these are
  std::vector<JournalEntry> entries;         // in order
  friend bool operator==(const JournalCommit&, const JournalCommit&) = default;
};

// JournalWriter: appends to one file. Not thread-safe. Errors are kStopProcess; after one, nothing may be appended.
class JournalWriter {
 public:
  // A new file; fails if it exists.
  [[nodiscard]] static Result<JournalWriter> Create(const std::string& path, const JournalHeader& header);
  // Goes on after the last whole frame; a torn one is cut off. Read the header first, by JournalReader.
  [[nodiscard]] static Result<JournalWriter> Resume(const std::string& path);
  ~JournalWriter();
  JournalWriter(JournalWriter&&) noexcept;
  JournalWriter& operator=(JournalWriter&&) noexcept;

  [[nodiscard]] Result<void> Append(const JournalCommit& commit);
  // The sources as they are known now (digests at the end of the logs); replaces the header's.
  [[nodiscard]] Result<void> AppendSources(const std::vector<JournalSource>& sources);
  // To the operating system.
  [[nodiscard]] Result<void> Flush();
  // To the disk.
  [[nodiscard]] Result<void> Sync();

 private:
  class Impl;
  explicit JournalWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// JournalReader: gives the commits back, one after the other. Not thread-safe.
class JournalReader {
 public:
  // Fails if the file is no journal or its header is damaged. Looks through the whole file once: for the newest sources and for a torn end.
  [[nodiscard]] static Result<JournalReader> Open(const std::string& path);
  ~JournalReader();
  JournalReader(JournalReader&&) noexcept;
  JournalReader& operator=(JournalReader&&) noexcept;

  [[nodiscard]] const JournalHeader& header() const;  // with the newest sources
  // Nothing at the end.
  [[nodiscard]] Result<std::optional<JournalCommit>> Next();
  // What was dropped at the end of the file, in words; empty if nothing was.
  [[nodiscard]] const std::string& torn() const;

 private:
  class Impl;
  explicit JournalReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace antiphon::formats
