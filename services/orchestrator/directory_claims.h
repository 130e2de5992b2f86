#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

namespace antiphon::orchestrator {

// DirectoryClaims: who within the process has the local store of a partition: a worker, or the standby keeper, one at a time. Whoever opens
// it has a claim, and keeps it until it is closed. Thread-safe; outlives its claims.
class DirectoryClaims {
 public:
  // Claim: ends with this object.
  class Claim {
   public:
    Claim(Claim&& other) noexcept : claims_(std::exchange(other.claims_, nullptr)), partition_(other.partition_) {}
    Claim& operator=(Claim&& other) noexcept {
      std::swap(claims_, other.claims_);
      std::swap(partition_, other.partition_);
      return *this;
    }
    ~Claim() {
      if (claims_ != nullptr) claims_->End(partition_);
    }

   private:
    friend class DirectoryClaims;
    Claim(DirectoryClaims& claims, std::int32_t partition) : claims_(&claims), partition_(partition) {}

    DirectoryClaims* claims_;
    std::int32_t partition_;
  };

  DirectoryClaims() = default;
  DirectoryClaims(const DirectoryClaims&) = delete;
  DirectoryClaims& operator=(const DirectoryClaims&) = delete;

  // Nothing while somebody has it. Never blocks.
  [[nodiscard]] std::optional<Claim> Take(std::int32_t partition) {
    const std::lock_guard lock(mutex_);
    if (!taken_.insert(partition).second) return std::nullopt;
    return Claim(*this, partition);
  }

 private:
  void End(std::int32_t partition) {
    const std::lock_guard lock(mutex_);
    taken_.erase(partition);
  }

  std::mutex mutex_;
  std::set<std::int32_t> taken_;  // guarded by mutex_
};

}  // namespace antiphon::orchestrator
