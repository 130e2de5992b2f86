#pragma once

// The subcommands of `antiphon`. Each adds itself to the application; when it was chosen and its arguments are good, it runs and leaves its
// exit code: 0 ok, 1 the answer is no, 2 bad usage or input, 130 interrupted. A new one is a function here and a line in main.cc.
namespace CLI {
class App;
}  // namespace CLI

namespace antiphon::command {

using AddCommand = void (*)(CLI::App& app, int& exit_code);

void AddActivate(CLI::App& app, int& exit_code);
void AddCheck(CLI::App& app, int& exit_code);
void AddDeadLetters(CLI::App& app, int& exit_code);
void AddEval(CLI::App& app, int& exit_code);
void AddExplain(CLI::App& app, int& exit_code);
void AddExport(CLI::App& app, int& exit_code);
void AddPlan(CLI::App& app, int& exit_code);
void AddReplay(CLI::App& app, int& exit_code);
void AddRun(CLI::App& app, int& exit_code);
void AddSimulate(CLI::App& app, int& exit_code);
void AddTest(CLI::App& app, int& exit_code);
void AddTopics(CLI::App& app, int& exit_code);
void AddVerify(CLI::App& app, int& exit_code);
void AddVersion(CLI::App& app, int& exit_code);

}  // namespace antiphon::command
