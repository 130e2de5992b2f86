// What the sink makes of the cluster's answers, on librdkafka's own mock of one: it gives any answer at will, and knows nothing of exactly
// once (tests/integration/kafka asks a real broker for that).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <array>

#include "services/kafka/member_token.h"
#include "services/kafka/output_sink.h"

namespace antiphon::kafka {
namespace {

using runtime::CommitOutcome;
using runtime::CommitReport;
using runtime::LogPosition;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Kafka's numbers of requests.
constexpr std::int16_t kProduce = 0;
constexpr std::int16_t kAddPartitions = 24;
constexpr std::int16_t kEndTransaction = 26;
constexpr std::int16_t kCommitOffsets = 28;

class OutcomeTest : public ::testing::Test {
 protected:
  OutcomeTest() {
    std::array<char, 256> words{};
    owner_ = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), words.data(), words.size());
    cluster_ = rd_kafka_mock_cluster_new(owner_, 1);
    rd_kafka_mock_topic_create(cluster_, "input", 1, 1);
    rd_kafka_mock_topic_create(cluster_, "output", 2, 1);
    OutputSinkOptions options{.client = {}, .group = "group", .node = "node", .topics = {"input", "output"}, .outputs = {1}};
    options.client.settings = {{"bootstrap.servers", rd_kafka_mock_cluster_bootstraps(cluster_)}, {"socket.timeout.ms", "1000"}};
    factory_ = std::make_unique<KafkaOutputSinkFactory>(options);
    auto sink = factory_->Make(0);
    EXPECT_TRUE(sink) << sink.error().message;
    sink_ = std::move(*sink);
  }
  ~OutcomeTest() override {
    sink_.reset();
    rd_kafka_mock_cluster_destroy(cluster_);
    rd_kafka_destroy(owner_);
  }

  void Answer(std::int16_t request, std::initializer_list<rd_kafka_resp_err_t> codes) {
    rd_kafka_mock_push_request_errors_array(cluster_, request, codes.size(), codes.begin());
  }
  void AnswerLate(std::int16_t request, int milliseconds) {
    rd_kafka_mock_broker_push_request_error_rtts(cluster_, 1, request, 1, RD_KAFKA_RESP_ERR_NO_ERROR, milliseconds);
  }

  void Append(std::int32_t partition = 0) {
    const Result<void> appended = sink_->Append({1, partition}, "key", "value");
    ASSERT_TRUE(appended) << appended.error().message;
  }
  CommitReport Commit() {
    const std::vector<LogPosition> positions = {{.log = {0, 0}, .next = 1}};
    return sink_->Commit(positions, member_);
  }

  rd_kafka_t* owner_ = nullptr;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
  std::unique_ptr<KafkaOutputSinkFactory> factory_;
  std::unique_ptr<runtime::OutputSink> sink_;
  KafkaMemberToken member_{1, "member"};
};

TEST_F(OutcomeTest, AnEndThatWasSentTwiceReplacesTheProducer) {
  AnswerLate(kEndTransaction, 2'500);
  Append();
  EXPECT_EQ(Commit().outcome, CommitOutcome::kCommitted) << "which the library says without a word of the second";
  EXPECT_EQ(factory_->replaced(), 0U);
  Append();
  EXPECT_EQ(factory_->replaced(), 1U);
  EXPECT_EQ(Commit().outcome, CommitOutcome::kCommitted);
}

TEST_F(OutcomeTest, ARecordThatWasSentTwiceReplacesTheProducer) {
  AnswerLate(kProduce, 2'500);
  Append();
  EXPECT_EQ(Commit().outcome, CommitOutcome::kCommitted);
  Append();
  EXPECT_EQ(factory_->replaced(), 1U);
}

TEST_F(OutcomeTest, AnswersThatAskForPatienceReplaceNothing) {
  Answer(kAddPartitions, {RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS, RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS});
  Append();
  EXPECT_EQ(Commit().outcome, CommitOutcome::kCommitted);
  Append();
  EXPECT_EQ(factory_->replaced(), 0U);
}

TEST_F(OutcomeTest, OnlyARefusedMemberIsCertain) {
  for (const auto& [code, outcome] : {
           std::pair{RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, CommitOutcome::kNotCommitted},
           std::pair{RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, CommitOutcome::kNotCommitted},
           std::pair{RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, CommitOutcome::kNotCommitted},
           std::pair{RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, CommitOutcome::kUnknown},
           std::pair{RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, CommitOutcome::kUnknown},
       }) {
    Answer(kCommitOffsets, {code});
    Append();
    const CommitReport report = Commit();
    EXPECT_EQ(report.outcome, outcome) << rd_kafka_err2name(code) << ": " << report.why.message;
    EXPECT_THAT(report.ends, IsEmpty());
    EXPECT_EQ(report.why.recovery, code == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED ? Recovery::kStopProcess : Recovery::kRestartTask);
    EXPECT_FALSE(sink_->Append({1, 0}, "key", "value")) << "it is spent";
    sink_.reset();
    sink_ = std::move(*factory_->Make(0));
  }
}

TEST_F(OutcomeTest, ACommitThatFailsIsUnknown) {
  Answer(kEndTransaction, {RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH});
  Append();
  EXPECT_EQ(Commit().outcome, CommitOutcome::kUnknown);
}

TEST_F(OutcomeTest, ARecordThatIsRefusedIsUnknownAndNamed) {
  Answer(kProduce, {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE});
  Append();
  const CommitReport report = Commit();
  EXPECT_EQ(report.outcome, CommitOutcome::kUnknown);
  EXPECT_EQ(report.why.recovery, Recovery::kStopProcess) << "it would be refused again";
  EXPECT_THAT(report.why.message, ::testing::HasSubstr("output [0]"));
}

// The cluster has the record already, and does not say where.
TEST_F(OutcomeTest, ALogWhoseOffsetsWereNotToldIsMissing) {
  Append(1);
  EXPECT_THAT(Commit().ends, ElementsAre(LogPosition{{1, 1}, 1}));
  Answer(kProduce, {RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER});
  Append(1);
  const CommitReport report = Commit();
  EXPECT_EQ(report.outcome, CommitOutcome::kCommitted) << report.why.message;
  EXPECT_THAT(report.ends, IsEmpty());
}

}  // namespace
}  // namespace antiphon::kafka
