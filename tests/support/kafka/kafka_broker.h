#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace antiphon::test {

// KafkaBroker: a real Kafka broker of this test program, on free loopback ports and in a folder of its own, made by the script `broker` of
// this folder. It ends with the program, whichever way that ends: a guardian process waits for it.
class KafkaBroker {
 public:
  // The one of this program, started at the first call; a few seconds. Nothing: there can be none here, see Why().
  [[nodiscard]] static KafkaBroker* Shared();
  // Why there is none, in one line.
  [[nodiscard]] static const std::string& Why();
  // Whether the build says that Kafka must be there (ANTIPHON_REQUIRE_KAFKA in the environment).
  [[nodiscard]] static bool Required();

  KafkaBroker(const KafkaBroker&) = delete;
  KafkaBroker& operator=(const KafkaBroker&) = delete;
  ~KafkaBroker();

  [[nodiscard]] const std::string& address() const { return address_; }

  void Kill();        // kill -9
  void StartAgain();  // on the same data and ports; returns when it serves
  void Freeze();      // connections stay open and nothing answers
  void Thaw();

  // A class of Kafka's own tools, in a JVM; BOOTSTRAP in the arguments becomes the address. Gives `input` to it; returns what it printed.
  [[nodiscard]] std::string Tool(std::string_view arguments, std::string_view input = {}) const;

 private:
  explicit KafkaBroker(std::string folder);
  [[nodiscard]] bool Start();
  void Signal(int signal) const;

  std::string folder_;
  std::string address_;
  std::FILE* guardian_ = nullptr;
};

}  // namespace antiphon::test
