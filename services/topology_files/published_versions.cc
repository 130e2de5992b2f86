#include "services/topology_files/published_versions.h"

#include <algorithm>
#include <utility>

namespace antiphon::topology_files {

std::optional<std::string> PublishedVersions::Take(std::int64_t offset, std::optional<std::string_view> key,
                                                   std::optional<std::string_view> value) {
  if (offset < next_) return std::nullopt;
  next_ = offset + 1;
  const std::string place = "antiphon.topologies at offset " + std::to_string(offset) + ": ";
  const std::optional<Hash128> version = key ? FromHex(*key) : std::nullopt;
  if (!version || !value) return place + "no version of a topology; passed over";
  auto record = DecodeVersion(*value);
  if (!record) return place + record.error().message + "; passed over";
  if (record->version != *version) return place + "its key is another version's; passed over";
  Entry& entry = by_version_[*version];
  if (entry.record != nullptr) order_.erase(entry.offset);
  entry = {.offset = offset, .record = std::make_shared<const PublishedVersion>(*std::move(record))};
  order_.emplace(offset, *version);
  return std::nullopt;
}

void PublishedVersions::PassTo(std::int64_t next) { next_ = std::max(next_, next); }

const PublishedVersions::Entry* PublishedVersions::Newest() const { return order_.empty() ? nullptr : Find(order_.rbegin()->second); }

const PublishedVersions::Entry* PublishedVersions::Find(const Hash128& version) const {
  const auto found = by_version_.find(version);
  return found == by_version_.end() ? nullptr : &found->second;
}

std::set<std::string> PublishedVersions::AllowedDrops(const Hash128& from, const Hash128& to) const {
  const Entry* before = Find(from);
  const Entry* after = Find(to);
  if (after == nullptr) return {};
  std::set<std::string> allowed = after->record->allowed_drops;
  for (const auto& [offset, version] : order_) {
    const bool between = offset < after->offset && (before == nullptr || offset > before->offset);
    if (!between) continue;
    const std::set<std::string>& more = by_version_.at(version).record->allowed_drops;
    allowed.insert(more.begin(), more.end());
  }
  return allowed;
}

}  // namespace antiphon::topology_files
