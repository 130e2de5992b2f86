#include "services/telemetry/http_server.h"

#include <httplib.h>
#include <sys/socket.h>

#include <charconv>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>

namespace antiphon::telemetry {
namespace {

constexpr time_t kPatienceSeconds = 5;
constexpr std::size_t kBodyBytesMax = 1024;  // nobody has anything to send
constexpr int kMethodNotAllowed = 405;
constexpr int kNoPort = -1;

// BoundedTasks: the library's own pool queues without a bound. A connection that finds no place makes the acceptor wait: the kernel's
// backlog is bounded too.
class BoundedTasks final : public httplib::TaskQueue {
 public:
  BoundedTasks() {
    for (std::size_t i = 0; i < HttpServer::kThreads; ++i) threads_.emplace_back([this] { Work(); });
  }

  void enqueue(std::function<void()> task) override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return tasks_.size() < HttpServer::kWaiting; });
    tasks_.push_back(std::move(task));
    changed_.notify_all();
  }

  void shutdown() override {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  void Work() {
    while (true) {
      std::function<void()> task;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return over_ || !tasks_.empty(); });
        if (tasks_.empty()) return;
        task = std::move(tasks_.front());
        tasks_.pop_front();
      }
      changed_.notify_all();
      task();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  bool over_ = false;
  std::vector<std::thread> threads_;
};

class Server final : public HttpServer {
 public:
  ~Server() override {
    if (!thread_.joinable()) return;
    server_.stop();
    thread_.join();
  }

  [[nodiscard]] bool Listen(const std::string& host, std::uint16_t port, std::vector<HttpPage> pages) {
    server_.new_task_queue = [] { return new BoundedTasks; };  // the library owns it
    // Its own options share a port with whoever else listens there (SO_REUSEPORT): a scrape would then ask one of two processes.
    server_.set_socket_options([](int socket) {
      const int yes = 1;
      (void)::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    server_.set_keep_alive_max_count(1);
    server_.set_read_timeout(kPatienceSeconds);
    server_.set_write_timeout(kPatienceSeconds);
    server_.set_payload_max_length(kBodyBytesMax);
    // Before the library waits for a body.
    server_.set_pre_routing_handler([](const httplib::Request& request, httplib::Response& response) {
      if (request.method == "GET" || request.method == "HEAD") return httplib::Server::HandlerResponse::Unhandled;
      response.status = kMethodNotAllowed;
      return httplib::Server::HandlerResponse::Handled;
    });
    for (HttpPage& page : pages) {
      server_.Get(page.path, [answer = std::move(page.answer)](const httplib::Request&, httplib::Response& response) {
        HttpAnswer made = answer();
        response.status = made.status;
        response.set_content(std::move(made.body), made.content_type);
      });
    }
    const int bound = port == 0 ? server_.bind_to_any_port(host) : server_.bind_to_port(host, port) ? int{port} : kNoPort;
    if (bound <= 0) return false;
    port_ = static_cast<std::uint16_t>(bound);
    thread_ = std::thread([this] { (void)server_.listen_after_bind(); });
    // A stop before it listens would find nothing to stop.
    while (!server_.is_running()) std::this_thread::yield();
    return true;
  }

  [[nodiscard]] std::uint16_t port() const override { return port_; }

 private:
  httplib::Server server_;
  std::thread thread_;
  std::uint16_t port_ = 0;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::Start(const std::string& listen, std::vector<HttpPage> pages) {
  const std::size_t colon = listen.rfind(':');
  std::string host = listen.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  const std::string_view digits = colon == std::string::npos ? std::string_view() : std::string_view(listen).substr(colon + 1);
  std::uint16_t port = 0;
  const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  const bool is_address = !digits.empty() && error == std::errc{} && rest == digits.data() + digits.size();
  auto server = std::make_unique<Server>();
  if (is_address && server->Listen(host, port, std::move(pages))) return server;
  return Fail(Recovery::kStopProcess, "http: cannot listen on " + listen + ": the port is taken, or the address is not this machine's");
}

}  // namespace antiphon::telemetry
