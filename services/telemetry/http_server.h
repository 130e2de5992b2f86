#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "state/base/result.h"

namespace antiphon::telemetry {

struct HttpAnswer {
  int status = 200;
  std::string content_type;
  std::string body;
};

// What is answered at one path. Called on the server's threads, several at once.
struct HttpPage {
  std::string path;  // "/metrics"
  std::function<HttpAnswer()> answer;
};

// HttpServer: a few pages over HTTP, for scrapers and probes of the bank's own network: no TLS, no authentication, nothing can be changed
// through it. Bounded: kThreads requests at once and kWaiting connections behind them, the others wait in the kernel; one request a
// connection; a client that says nothing is left after some seconds. Its end closes it and waits for what is being answered.
class HttpServer {
 public:
  static constexpr std::size_t kThreads = 4;
  static constexpr std::size_t kWaiting = 16;

  // Listens on "127.0.0.1:9404", "[::1]:9404", "localhost:0"; port 0 is any that is free. kStopProcess if it cannot.
  [[nodiscard]] static Result<std::unique_ptr<HttpServer>> Start(const std::string& listen, std::vector<HttpPage> pages);

  HttpServer() = default;
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  virtual ~HttpServer() = default;

  [[nodiscard]] virtual std::uint16_t port() const = 0;
};

}  // namespace antiphon::telemetry
