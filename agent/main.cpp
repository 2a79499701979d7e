#include <algorithm>
#include <csignal>
#include <exception>
#include <iostream>
#include <vector>

#include "agent/agent.h"

namespace {

volatile std::sig_atomic_t stop_requested = 0;
ferry::agent::Agent* running_agent = nullptr;

void stop(int /*signal*/) {
  stop_requested = 1;
  if (running_agent != nullptr) {
    running_agent->wake();
  }
}

void take_signals() {
  struct sigaction action = {};
  action.sa_handler = stop;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

// After a reset the visit has been made: --now is not said again.
std::vector<char*> arguments_after_reset(int argc, char** argv) {
  std::vector<char*> arguments(argv, argv + argc);
  std::erase_if(arguments, [](const char* argument) { return std::string_view(argument) == "--now"; });
  arguments.push_back(nullptr);
  return arguments;
}

int run(int argc, char** argv) {
  int exit_code = 0;
  const auto cause = ferry::posix::ProcessBoard::take_reset_cause();
  auto options = ferry::agent::parse_options(argc, argv, exit_code);
  if (!options) {
    return exit_code;
  }
  options->visit_now = options->visit_now && cause != ferry::ResetCause::kSoftware;
  take_signals();
  ferry::agent::Ending ending{};
  {
    ferry::agent::Agent agent(*options, cause);
    running_agent = &agent;
    ending = agent.run(stop_requested);
    running_agent = nullptr;
  }
  if (ending == ferry::agent::Ending::kReset) {
    ferry::posix::ProcessBoard::restart(arguments_after_reset(argc, argv).data());
    throw std::runtime_error("the program cannot be started again");
  }
  return ending == ferry::agent::Ending::kNotUpgraded ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "ferry-agent: " << error.what() << '\n';
    return 1;
  }
}
