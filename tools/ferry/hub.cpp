// ferry hub: the business server.
#include "servers/hub/hub.h"

#include <csignal>
#include <cstdlib>
#include <fmt/format.h>
#include <mutex>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "host/text.h"
#include "servers/hub/api.h"
#include "tools/ferry/commands.h"
#include "tools/ferry/config_file.h"
#include "tools/ferry/output.h"

namespace ferry::tool {
namespace {

struct Options {
  hub::HubOptions hub;
  std::string silent_after = "24h";
  std::string keep_readings, keep_hours, keep_events;  // empty: for ever
  std::filesystem::path config;
  bool json = false;
  bool verbose = false;
};

// Lines on stdout from several threads; the one that says where the hub listens is the first.
class Printer {
 public:
  void print_first(const Json& line) {
    const std::lock_guard lock(mutex_);
    print_json_line(line);
    for (const Json& held : held_) {
      print_json_line(held);
    }
    std::cout.flush();
    held_.clear();
    is_open_ = true;
  }

  void print(Json line) {
    const std::lock_guard lock(mutex_);
    if (!is_open_) {
      held_.push_back(std::move(line));
      return;
    }
    print_json_line(line);
    std::cout.flush();
  }

 private:
  std::mutex mutex_;
  bool is_open_ = false;
  std::vector<Json> held_;
};

Json event_line(const hub::StoredEvent& event) {
  Json line{{"event", "device"}};
  line.update(hub::to_json(event));
  return line;
}

// From here on they come out of sigwait() only, in whatever thread.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    sigaddset(&signals, number);
  }
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

void serve_until_told(hub::Hub& server, const sigset_t& signals) {
  int number = 0;
  while (sigwait(&signals, &number) == 0) {
    if (number != SIGHUP) {
      spdlog::info("ends");
      return;
    }
    try {
      server.reload();
    } catch (const std::exception& error) {
      spdlog::error("{}; the registry stays as it was", error.what());
    }
  }
}

void set_up_log(bool verbose) {
  spdlog::set_default_logger(spdlog::stderr_logger_mt("hub"));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  spdlog::set_level(verbose ? spdlog::level::debug : spdlog::level::info);
}

std::int64_t seconds_of(const std::string& text) {
  return text.empty() ? 0 : host::parse_length(text).count();
}

hub::HubOptions with_lengths(const Options& options) {
  hub::HubOptions all = options.hub;
  all.silent_after = seconds_of(options.silent_after);
  all.retention = {.raw = seconds_of(options.keep_readings),
                   .hours = seconds_of(options.keep_hours),
                   .events = seconds_of(options.keep_events)};
  return all;
}

void run(const Options& options) {
  set_up_log(options.verbose);
  const sigset_t signals = block_signals();
  Printer printer;
  hub::HubOptions hub_options = with_lengths(options);
  if (options.json) {
    hub_options.on_event = [&printer](const hub::StoredEvent& event) { printer.print(event_line(event)); };
  } else {
    hub_options.on_event = [](const hub::StoredEvent& event) {
      spdlog::info("{} {}{}{}", event.device, event.kind, event.version.empty() ? "" : " " + event.version,
                   event.error == 0 ? "" : fmt::format(" ({})", name(static_cast<Error>(event.error))));
    };
  }
  hub::Hub server(hub_options);
  const hub::Listening& at = server.listening();
  if (options.json) {
    printer.print_first({{"event", "listening"},
                         {"http", at.http},
                         {"mqtt", at.mqtt},
                         {"token", at.token},
                         {"setup", at.setup.empty() ? Json(nullptr) : Json(at.setup)}});
  } else {
    fmt::print("HTTP API:  {}://{}/api/v1/summary\nAPI token: {}\nMQTT:      {}://{}\n",
               hub_options.certificate.empty() ? "http" : "https", at.http, at.token,
               hub_options.mqtt_certificate.empty() && !hub_options.mqtt.starts_with("mqtts:") ? "mqtt" : "mqtts",
               at.mqtt);
    if (!at.setup.empty()) {
      fmt::print("Nobody has an account yet. Make the first one here, once: {}\n", at.setup);
    }
    std::fflush(stdout);
  }
  serve_until_told(server, signals);
  server.stop();
}

std::filesystem::path default_folder() {
  const char* state = std::getenv("STATE_DIRECTORY");  // set by systemd
  return state != nullptr && *state != '\0' ? state : "ferry-hub";
}

}  // namespace

void add_hub(CLI::App& app) {
  auto options = std::make_shared<Options>();
  hub::HubOptions& hub = options->hub;
  hub.folder = default_folder();
  CLI::App* command = app.add_subcommand("hub", "Run the business server: takes devices' data and events");
  command->add_option("--listen", hub.listen, "Address and port of the HTTP API; port 0: a free one")
      ->capture_default_str();
  command->add_option("--mqtt-listen", hub.mqtt_listen, "Address and port for devices, of the broker that is started")
      ->capture_default_str();
  CLI::Option* broker =
      command->add_option("--mqtt", hub.mqtt, "mqtt[s]://user@host:port: take this broker, start none")
          ->excludes("--mqtt-listen");
  command->add_option("--mqtt-password-file", hub.mqtt_password_file, "File with the password of that account")
      ->needs(broker);
  command
      ->add_option("--mqtt-ca", hub.mqtt_authority,
                   "PEM certificate of who signed that broker's; the system's authorities if not given")
      ->needs(broker);
  CLI::Option* mqtt_certificate =
      command
          ->add_option("--mqtt-tls-cert", hub.mqtt_certificate,
                       "PEM certificate of the broker that is started, with its chain: devices log in over TLS")
          ->excludes(broker);
  CLI::Option* mqtt_key =
      command->add_option("--mqtt-tls-key", hub.mqtt_key, "PEM key of that certificate")->needs(mqtt_certificate);
  mqtt_certificate->needs(mqtt_key);
  command
      ->add_option("--mqtt-tls-client-ca", hub.mqtt_client_authority,
                   "PEM certificate of who signs devices' certificates: without one of them nobody logs in")
      ->needs(mqtt_certificate);
  command->add_option("--devices", hub.devices, "Registry (JSON lines) of `ferry provision --devices`");
  command->add_option("--db", hub.database,
                      "sqlite:FILE or postgresql://user:password@host:port/name; hub.sqlite in --dir if not given");
  command->add_option("--name", hub.name,
                      "Of this hub among those that share a broker; made once and kept in --dir if not given");
  command->add_option("--dir", hub.folder, "Folder of the hub's own files")->capture_default_str();
  command->add_option("--token-file", hub.token_file, "File with the API token; made where it is missing");
  CLI::Option* certificate = command->add_option("--tls-cert", hub.certificate,
                                                 "PEM certificate of the HTTP API, with its chain: serve HTTPS");
  CLI::Option* key = command->add_option("--tls-key", hub.key, "PEM key of that certificate")->needs(certificate);
  certificate->needs(key);
  command->add_option("--silent-after", options->silent_after, "A device that says nothing for so long is silent")
      ->capture_default_str();
  command->add_option("--keep-readings", options->keep_readings, "How long, such as 90d; for ever if not given");
  command->add_option("--keep-hours", options->keep_hours, "Likewise, of roll-ups by hour; those by day stay");
  command->add_option("--keep-events", options->keep_events, "Likewise, of devices' events");
  command->add_flag("--verbose", options->verbose, "Log refused messages too");
  command->add_flag("--json", options->json, "Print one JSON object a line: where it listens, then devices' events");
  command->add_option("--config", options->config, "File with these options, \"name = value\"; the command line wins");
  command->footer(
      "Example: ferry hub --devices devices.jsonl --mqtt-listen 0.0.0.0:1883 --listen 127.0.0.1:8080 --dir hub\n"
      "SIGHUP: read the registry anew.");
  add_hub_database(*command);
  command->callback([command, options] {
    if (!command->get_subcommands().empty()) {
      return;  // they have done it
    }
    if (!options->config.empty()) {
      apply_config_file(*command, options->config);
    }
    run(*options);
  });
}

}  // namespace ferry::tool
