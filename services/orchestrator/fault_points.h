#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace antiphon::orchestrator {

// The places at which a test may make the process die, in the order of a commit. See commit_protocol.h, rekeyer.h.
enum class FaultPoint : std::uint8_t {
  kApplied,         // inputs are applied, nothing of the transaction is sealed
  kSealed,          // all records are with the client, offsets are not
  kCommitted,       // the cluster has the transaction, RocksDB does not
  kHalfStored,      // some partitions of the transaction are in RocksDB
  kStored,          // all are
  kRestoring,       // a part of a changelog is read, and not yet in RocksDB
  kRekeyed,         // the re-keyer's records are with the client, offsets are not
  kRekeyCommitted,  // the cluster has its transaction
  kCount,
};
[[nodiscard]] const char* FaultPointName(FaultPoint point);

// FaultPoints: does nothing; a test's does something. Called on workers' threads.
class FaultPoints {
 public:
  FaultPoints() = default;
  FaultPoints(const FaultPoints&) = delete;
  FaultPoints& operator=(const FaultPoints&) = delete;
  virtual ~FaultPoints() = default;

  virtual void Reach(FaultPoint /*point*/) {}
};

// KillAtPoint: kills the process, as SIGKILL does, when the point is reached for the n-th time. "committed:3".
class KillAtPoint final : public FaultPoints {
 public:
  // False if the text names no point and count: nothing is ever killed then.
  [[nodiscard]] bool Parse(const std::string& text);
  void Reach(FaultPoint point) override;

 private:
  FaultPoint point_ = FaultPoint::kCount;
  std::atomic<std::uint32_t> left_ = 0;
};

}  // namespace antiphon::orchestrator
