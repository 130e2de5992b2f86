#include "tests/support/kafka/kafka_broker.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "state/base/check.h"

namespace antiphon::test {
namespace {

const std::string kScript = ANTIPHON_KAFKA_BROKER_SCRIPT;

std::string& WhyNot() {
  static std::string why;
  return why;
}

struct Printed {
  int exit_code = 0;
  std::string text;
};

Printed Run(const std::string& command) {
  Printed printed;
  std::FILE* pipe = popen(command.c_str(), "re");
  ANTIPHON_CHECK(pipe != nullptr);
  std::array<char, 4096> buffer{};
  for (std::size_t got = 0; (got = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) printed.text.append(buffer.data(), got);
  const int status = pclose(pipe);
  printed.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
  while (printed.text.ends_with('\n')) printed.text.pop_back();
  return printed;
}

}  // namespace

KafkaBroker* KafkaBroker::Shared() {
  static const std::unique_ptr<KafkaBroker> broker = [] {
    std::string folder = (std::filesystem::temp_directory_path() / "antiphon-kafka-XXXXXX").string();
    ANTIPHON_CHECK(mkdtemp(folder.data()) != nullptr);
    std::unique_ptr<KafkaBroker> made(new KafkaBroker(folder));
    if (!made->Start()) made.reset();
    return made;
  }();
  return broker.get();
}

const std::string& KafkaBroker::Why() { return WhyNot(); }

bool KafkaBroker::Required() {
  const char* said = std::getenv("ANTIPHON_REQUIRE_KAFKA");
  return said != nullptr && std::string_view(said) == "1";
}

KafkaBroker::KafkaBroker(std::string folder) : folder_(std::move(folder)) {
  // It reads until this program is gone, however that came about. No child of this program and of no group of its, it outlives both a
  // signal to the group and ctest, which ends all children of a test that takes too long.
  const std::string command = "exec 3<&0; setsid bash -c 'cat <&3 >/dev/null; \"$0\" kill \"$1/k\" 2>/dev/null; rm -rf \"$1\"' '" +
                              kScript + "' '" + folder_ + "' &";
  guardian_ = popen(command.c_str(), "we");
  ANTIPHON_CHECK(guardian_ != nullptr);
}

KafkaBroker::~KafkaBroker() {
  static_cast<void>(Run("'" + kScript + "' kill '" + folder_ + "/k' 2>&1"));
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
  pclose(guardian_);
}

bool KafkaBroker::Start() {
  // Dead transactions and members are noticed soon; everything else as the script has it.
  const Printed started = Run("'" + kScript + "' start '" + folder_ +
                              "/k' --set transaction.abort.timed.out.transaction.cleanup.interval.ms=1000"
                              " --set group.min.session.timeout.ms=1000 2>&1");
  if (started.exit_code != 0) {
    WhyNot() = "no Kafka broker: " + started.text;
    return false;
  }
  address_ = started.text.substr(started.text.rfind('\n') + 1);
  return true;
}

void KafkaBroker::Kill() { ANTIPHON_CHECK(Run("'" + kScript + "' kill '" + folder_ + "/k' 2>&1").exit_code == 0); }

void KafkaBroker::StartAgain() {
  const Printed started = Run("'" + kScript + "' start '" + folder_ + "/k' 2>&1");
  if (started.exit_code != 0) std::fprintf(stderr, "%s\n", started.text.c_str());
  ANTIPHON_CHECK(started.exit_code == 0);
}

void KafkaBroker::Signal(int signal) const {
  const Printed pid = Run("'" + kScript + "' pid '" + folder_ + "/k'");
  ANTIPHON_CHECK(pid.exit_code == 0);
  ANTIPHON_CHECK(kill(static_cast<pid_t>(std::stol(pid.text)), signal) == 0);
}

void KafkaBroker::Freeze() { Signal(SIGSTOP); }
void KafkaBroker::Thaw() { Signal(SIGCONT); }

std::string KafkaBroker::Tool(std::string_view arguments, std::string_view input) const {
  const std::string file = folder_ + "/input";
  std::ofstream(file, std::ios::binary) << input;
  return Run("'" + kScript + "' tool '" + folder_ + "/k' " + std::string(arguments) + " <'" + file + "' 2>&1").text;
}

}  // namespace antiphon::test
