#include "services/replay/snapshot.h"

#include <cstring>
#include <string_view>
#include <utility>

#include "services/files/output_file.h"
#include "state/base/hash.h"
#include "state/store/codec.h"
#include "state/store/wire.h"

namespace antiphon::replay {
namespace {

constexpr std::string_view kMagic = "ANTSNAP1";

void AppendU64(files::OutputFile& file, std::uint64_t value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  file.Append(std::string_view(bytes, sizeof bytes));
}

Result<std::string> EncodeBlock(runtime::PartitionTask& task) {
  const store::SlotMap map = store::SlotMap::Identity();
  std::string partition;
  store::EncodePartition(task.partition_state(), map, partition);
  std::string bytes;
  store::WireWriter writer(bytes);
  writer.Text(partition);
  writer.V(task.store().Figures().customers);
  std::string record;
  const auto visited = task.store().ForEach([&](const state::CustomerState& customer) {
    record.clear();
    store::EncodeCustomer(customer, map, record);
    writer.Room();
    writer.Text(customer.customer);
    writer.Text(record);
  });
  if (!visited) return std::unexpected(visited.error());
  writer.Finish();
  return bytes;
}

Result<void> DecodeBlock(std::string_view bytes, runtime::PartitionTask& task) {
  const store::SlotMap map = store::SlotMap::Identity();
  store::WireReader reader(bytes);
  auto partition = store::DecodePartition(reader.Text(), map);
  if (!partition) return std::unexpected(std::move(partition.error()));
  task.RestorePartitionState(*std::move(partition));
  const std::size_t customers = reader.Count(2);
  for (std::size_t i = 0; i < customers && !reader.failed(); ++i) {
    const std::string_view key = reader.Text();
    const std::string_view record = reader.Text();
    auto customer = task.store().Load(key);
    if (!customer) return std::unexpected(std::move(customer.error()));
    if (auto decoded = store::DecodeCustomerInto(record, map, **customer); !decoded) return std::unexpected(std::move(decoded.error()));
    task.store().Touch(**customer);
  }
  if (reader.failed() || !reader.AtEnd()) return Fail(Recovery::kStopProcess, "its bytes are no snapshot");
  return {};
}

}  // namespace

Result<void> WriteSnapshot(const std::string& path, const std::vector<std::unique_ptr<runtime::PartitionTask>>& tasks) {
  const std::string beside = path + ".new";
  auto file = files::OutputFile::Create(beside);
  if (!file) return std::unexpected(std::move(file.error()));
  file->Append(kMagic);
  for (const auto& task : tasks) {
    const auto block = EncodeBlock(*task);
    if (!block) return std::unexpected(block.error());
    AppendU64(*file, block->size());
    AppendU64(*file, HashBytes64(*block));
    file->Append(*block);
  }
  if (auto closed = file->Close(); !closed) return closed;
  return files::RenameFile(beside, path);
}

Result<void> ReadSnapshot(const std::string& path, const std::vector<std::unique_ptr<runtime::PartitionTask>>& tasks) {
  auto bytes = files::ReadWholeFile(path);
  if (!bytes) return std::unexpected(std::move(bytes.error()));
  const Error damaged{Recovery::kStopProcess, path + " is damaged; start again with --force"};
  if (!bytes->starts_with(kMagic)) return std::unexpected(damaged);
  store::WireReader reader(std::string_view(*bytes).substr(kMagic.size()));
  std::size_t place = kMagic.size();
  for (const auto& task : tasks) {
    const std::uint64_t size = reader.U64();
    const std::uint64_t checksum = reader.U64();
    place += 2 * sizeof(std::uint64_t);
    if (reader.failed() || size > bytes->size() - place) return std::unexpected(damaged);
    const std::string_view block = std::string_view(*bytes).substr(place, static_cast<std::size_t>(size));
    if (HashBytes64(block) != checksum) return std::unexpected(damaged);
    if (const auto decoded = DecodeBlock(block, *task); !decoded) {
      return Fail(Recovery::kStopProcess, damaged.message + " (" + decoded.error().message + ")");
    }
    place += block.size();
    reader = store::WireReader(std::string_view(*bytes).substr(place));
  }
  if (place != bytes->size()) return std::unexpected(damaged);
  return {};
}

}  // namespace antiphon::replay
