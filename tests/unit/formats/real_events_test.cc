// Real bank events that lie beside the project; skipped where they are absent.
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "services/formats/json_event_decoder.h"
#include "services/formats/log_reader.h"
#include "services/formats/message_catalog.h"
#include "tests/support/tiny_topology.h"

namespace antiphon::formats {
namespace {

TEST(RealEventsTest, EveryLineIsReadByTheMessagesOfTheVocabulary) {
  const std::string path = ANTIPHON_SHARED_DIR "/data/berka-events.jsonl.zst";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "\nnot run: decoding the real events (no " << path << ")";
  const ProtoMessageCatalog catalog;
  topology::Topology topology;
  for (const std::string& name : catalog.Names()) {
    topology.event_types.push_back(Type(std::string(catalog.EventTypeOf(name)), catalog.Find(name)->fields));
  }
  JsonEventDecoder decoder(topology);
  expression::Arena arena;
  auto reader = LogReader::Open(path);
  ASSERT_TRUE(reader.has_value());
  std::size_t events = 0;
  std::size_t amounts = 0;
  for (LogLine line = reader->Next(); line.kind == LogLine::Kind::kLine; line = reader->Next()) {
    const Decoded decoded = decoder.Decode(line.text, {.partition = 0, .offset = line.offset}, arena);
    ASSERT_EQ(decoded.kind, Decoded::Kind::kEvent) << line.number << ": " << decoded.message;
    ++events;
    const auto amount = topology::FindById(topology.event_types[decoded.event.type].fields, "amount");
    if (amount && decoded.event.fields[*amount].is(expression::Kind::kInt)) ++amounts;
    arena.Reset();
    reader->ReleaseAll();
  }
  EXPECT_EQ(events, 114'919U);
  EXPECT_EQ(amounts, 97'005U + 6'471U + 682U);
}

}  // namespace
}  // namespace antiphon::formats
