#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "services/archive/judged_lines.h"
#include "services/archive/manifest.h"
#include "services/archive/verifier.h"
#include "state/base/result.h"

namespace antiphon::live {

// Whose journals are played, and what of them.
struct PlayWish {
  std::string process;       // a run's own topics, by its process file
  std::string archive;       // an archive alone; with `process`: the topics, from the archive's last state that is early enough
  archive::Stretch stretch;  // of an archive: the spans that have it; of topics: where to begin alone
  std::optional<std::int32_t> partition;  // else all
};

struct PlayedPartition {
  std::int32_t partition = 0;
  archive::Verdict verdict;  // of all spans together; the first difference
};
struct Played {
  std::vector<PlayedPartition> partitions;
  std::uint64_t first_span = 0;  // 0: no span was played
  std::uint64_t last_span = 0;
  [[nodiscard]] bool equal() const;
  [[nodiscard]] Hash128 state() const;
};

// Where the lines of a partition go; asked once per partition and span. Without it they are compared with what was written.
using LinesOf = std::function<Result<archive::JudgedLines*>(std::int32_t partition)>;

// Plays journals, partition by partition. Only reads; of a cluster committed records, and no group is joined or left behind. The error's
// message is for the operator; kStopProcess if the wish cannot be met, with what could be.
[[nodiscard]] Result<Played> PlayJournals(const PlayWish& wish, const LinesOf& lines);

}  // namespace antiphon::live
