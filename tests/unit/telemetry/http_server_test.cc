#include "services/telemetry/http_server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "services/telemetry/health.h"
#include "services/telemetry/telemetry.h"
#include "tests/unit/telemetry/telemetry_support.h"

namespace antiphon::telemetry {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// A connection to a port of this machine; closed at its end.
class Client {
 public:
  explicit Client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { ::close(socket_); }

  void Send(const std::string& text) const {
    EXPECT_EQ(::send(socket_, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }
  // Until the server closes.
  [[nodiscard]] std::string ReadAll() const {
    std::string all;
    std::array<char, 4096> some{};
    for (ssize_t size = 0; (size = ::recv(socket_, some.data(), some.size(), 0)) > 0;)
      all.append(some.data(), static_cast<std::size_t>(size));
    return all;
  }
  [[nodiscard]] std::string Get(const std::string& path, const std::string& method = "GET") const {
    Send(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    return ReadAll();
  }

 private:
  int socket_;
};

std::vector<HttpPage> OnePage() {
  return {{.path = "/page", .answer = [] { return HttpAnswer{.status = 200, .content_type = "text/plain", .body = "hello"}; }}};
}

TEST(HttpServerTest, AnswersItsPagesAndNothingElse) {
  const auto server = HttpServer::Start("127.0.0.1:0", OnePage());
  ASSERT_TRUE(server);
  ASSERT_NE((*server)->port(), 0);
  const std::string answer = Client((*server)->port()).Get("/page");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answer, HasSubstr("Content-Type: text/plain"));
  EXPECT_TRUE(answer.ends_with("\r\n\r\nhello")) << answer;
  EXPECT_THAT(Client((*server)->port()).Get("/other"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(Client((*server)->port()).Get("/../../etc/passwd"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(Client((*server)->port()).Get("/page", "POST"), StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(Client((*server)->port()).Get("/page?" + std::string(20'000, 'x')), StartsWith("HTTP/1.1 4"));
}

TEST(HttpServerTest, APortHasOneOwner) {
  const auto first = HttpServer::Start("127.0.0.1:0", OnePage());
  ASSERT_TRUE(first);
  const auto second = HttpServer::Start("127.0.0.1:" + std::to_string((*first)->port()), OnePage());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().recovery, Recovery::kStopProcess);
  EXPECT_THAT(second.error().message, HasSubstr("127.0.0.1:" + std::to_string((*first)->port())));
}

TEST(HttpServerTest, RefusesWhatIsNoAddressOfThisMachine) {
  EXPECT_FALSE(HttpServer::Start("192.0.2.1:0", OnePage()));
  EXPECT_FALSE(HttpServer::Start("127.0.0.1", OnePage()));
  EXPECT_FALSE(HttpServer::Start("127.0.0.1:99999", OnePage()));
}

TEST(HttpServerTest, ListensOnIPv6) {
  const auto server = HttpServer::Start("[::1]:0", OnePage());
  if (!server) GTEST_SKIP() << "\nnot run: listening on IPv6 (this machine has none)";
  EXPECT_NE((*server)->port(), 0);
}

TEST(HttpServerTest, ServesNoMoreThanItsThreadsAtOnceAndLosesNobody) {
  std::atomic<std::size_t> inside = 0;
  std::atomic<std::size_t> most = 0;
  std::once_flag once;
  std::promise<void> open;
  const std::shared_future<void> opened = open.get_future().share();
  const auto server = HttpServer::Start("127.0.0.1:0", {{.path = "/page", .answer = [&, opened] {
                                                           const std::size_t now = ++inside;
                                                           std::size_t before = most;
                                                           while (before < now && !most.compare_exchange_weak(before, now)) {
                                                           }
                                                           if (now == HttpServer::kThreads) std::call_once(once, [&] { open.set_value(); });
                                                           opened.wait();  // until all threads are taken
                                                           --inside;
                                                           return HttpAnswer{.status = 200, .content_type = "text/plain", .body = "done"};
                                                         }}});
  ASSERT_TRUE(server);
  constexpr std::size_t kAskers = 40;
  std::vector<std::future<std::string>> answers;
  answers.reserve(kAskers);
  for (std::size_t i = 0; i < kAskers; ++i) {
    answers.push_back(std::async(std::launch::async, [&] { return Client((*server)->port()).Get("/page"); }));
  }
  for (std::future<std::string>& answer : answers) EXPECT_THAT(answer.get(), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(most, HttpServer::kThreads);
}

TEST(TelemetryTest, ServesMetricsAndHealthOfTheProcess) {
  SmallEstate estate;
  estate.figures.commits = 12;
  const auto telemetry = Telemetry::Start(estate.parts);
  ASSERT_TRUE(telemetry);
  const std::uint16_t port = (*telemetry)->port();
  const std::string metrics = Client(port).Get("/metrics");
  EXPECT_THAT(metrics, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(metrics, HasSubstr("Content-Type: text/plain; version=0.0.4"));
  EXPECT_THAT(metrics, HasSubstr("\nantiphon_commits_total 12\n"));
  EXPECT_THAT(Client(port).Get("/readyz"), StartsWith("HTTP/1.1 503 "));
  for (auto& worker : estate.figures.workers()) worker.assigned = true;
  EXPECT_THAT(Client(port).Get("/readyz"), StartsWith("HTTP/1.1 200 "));

  estate.figures.workers()[0].rounds = 1;
  estate.figures.workers()[0].round_at_ms = estate.clock.Monotonic().count();
  EXPECT_THAT(Client(port).Get("/healthz"), StartsWith("HTTP/1.1 200 "));
  estate.clock.MoveTo(estate.clock.Now() + kStandsStillAfter + Milliseconds{1});
  EXPECT_THAT(Client(port).Get("/healthz"), StartsWith("HTTP/1.1 503 "));
}

}  // namespace
}  // namespace antiphon::telemetry
