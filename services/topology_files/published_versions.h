#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "services/topology_files/published_version.h"
#include "state/base/hash.h"
#include "state/base/result.h"

namespace antiphon::topology_files {

// PublishedVersions: what stands in antiphon.topologies, as far as it was read. The place of a version is that of its last record, and the
// one whose record comes last is the newest: so to publish a version again is to go back to it. Value type, not thread-safe.
// Source: docs/live.md, "Topology versions".
class PublishedVersions {
 public:
  struct Entry {
    std::int64_t offset = 0;
    std::shared_ptr<const PublishedVersion> record;
  };

  // The record at `offset`; one that was taken already is passed over. A key that is no version, a tombstone and a damaged value are
  // passed over too, with the words for the log; nothing if it is well.
  std::optional<std::string> Take(std::int64_t offset, std::optional<std::string_view> key, std::optional<std::string_view> value);
  // The topic was read up to here.
  void PassTo(std::int64_t next);

  [[nodiscard]] std::int64_t next() const { return next_; }
  // nullptr: there is none.
  [[nodiscard]] const Entry* Newest() const;
  [[nodiscard]] const Entry* Find(const Hash128& version) const;
  [[nodiscard]] const std::map<Hash128, Entry>& all() const { return by_version_; }

  // What may be dropped on the way from one version to another: what was allowed with the other, and with every one between the two.
  [[nodiscard]] std::set<std::string> AllowedDrops(const Hash128& from, const Hash128& to) const;

 private:
  std::map<Hash128, Entry> by_version_;
  std::map<std::int64_t, Hash128> order_;  // by offset
  std::int64_t next_ = 0;
};

}  // namespace antiphon::topology_files
