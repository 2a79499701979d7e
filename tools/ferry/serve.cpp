// ferry serve: the built-in FTP server.
#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "host/failure.h"
#include "host/files.h"
#include "servers/ftp/command.h"
#include "servers/ftp/server.h"
#include "tools/ferry/commands.h"
#include "tools/ferry/output.h"

namespace ferry::tool {
namespace {

namespace asio = boost::asio;
namespace ftp = server::ftp;

constexpr Duration kGrace = 10s;

struct ServeOptions {
  std::string folder;
  std::string listen = "127.0.0.1:2121";
  std::string user;
  std::string password_file;
  std::string write_user;
  std::string write_password_file;
  std::string passive;
  std::string advertise;
  ftp::Limits limits;
  bool json = false;
};

std::uint16_t parse_port(std::string_view text) {
  const auto port = ftp::parse_number(text);
  if (!port || *port > 65535) {
    throw host::Failure("'{}' is no port: 0 to 65535", text);
  }
  return static_cast<std::uint16_t>(*port);
}

// "127.0.0.1:2121", "[::]:2121"
ftp::Tcp::endpoint parse_endpoint(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  std::string address = text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) {
    address = address.substr(1, address.size() - 2);
  }
  boost::system::error_code error;
  const auto parsed = asio::ip::make_address(address, error);
  if (colon == std::string::npos || error) {
    throw host::Failure("'{}' is no ADDRESS:PORT such as 0.0.0.0:2121 or [::]:2121", text);
  }
  return {parsed, parse_port(std::string_view(text).substr(colon + 1))};
}

// "50000-50100"
std::optional<ftp::PortRange> parse_range(std::string_view text) {
  if (text.empty()) {
    return std::nullopt;
  }
  const std::size_t dash = text.find('-');
  const std::string_view high = dash == std::string_view::npos ? text : text.substr(dash + 1);
  const ftp::PortRange range(parse_port(text.substr(0, dash)), parse_port(high));
  if (range.first == 0 || range.first > range.second) {
    throw host::Failure("'{}' is no range of ports such as 50000-50100", text);
  }
  return range;
}

// The first line. Passwords come from files, so that no list of processes shows them.
std::string read_password(const std::string& file) {
  std::string password = host::read_text_file(file);
  password.resize(std::min(password.find_first_of("\r\n"), password.size()));
  if (password.empty()) {
    throw host::Failure("{} holds no password", file);
  }
  return password;
}

ftp::ServerConfig make_config(const ServeOptions& options) {
  ftp::ServerConfig config{.folder = options.folder,
                           .listen = parse_endpoint(options.listen),
                           .limits = options.limits,
                           .passive_ports = parse_range(options.passive)};
  if (options.user.empty()) {
    config.accounts.allow_anonymous();
  } else {
    config.accounts.add(options.user, read_password(options.password_file), {});
  }
  if (!options.write_user.empty()) {
    config.accounts.add(options.write_user, read_password(options.write_password_file), {.write = true});
  }
  if (!options.advertise.empty()) {
    boost::system::error_code error;
    config.advertised = asio::ip::make_address_v4(options.advertise, error);
    if (error) {
      throw host::Failure("'{}' is no IPv4 address", options.advertise);
    }
  }
  return config;
}

void announce(const ServeOptions& options, const ftp::ServerConfig& config, std::uint16_t port) {
  const auto address = config.listen.address();
  const std::string host = address.is_v6() ? "[" + address.to_string() + "]" : address.to_string();
  const std::string user = options.user.empty() ? "" : options.user + "@";
  const std::string url = fmt::format("ftp://{}{}:{}/", user, host, port);
  if (options.json) {
    print_json_line({{"url", url}, {"port", port}, {"folder", options.folder}});
  } else {
    std::cout << url << '\n';
  }
  std::cout.flush();
}

void serve(const ServeOptions& options) {
  auto log = std::make_shared<spdlog::logger>("ftp", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  asio::io_context io(1);
  const ftp::ServerConfig config = make_config(options);
  ftp::Server server(io, config, log);
  asio::signal_set signals(io, SIGINT, SIGTERM);
  // The first signal lets transfers end, the second one does not.
  signals.async_wait([&](const boost::system::error_code& error, int) {
    if (error) {
      return;
    }
    log->info("stopping; transfers under way may end");
    signals.async_wait([&](const boost::system::error_code& again, int) {
      if (!again) {
        io.stop();
      }
    });
    server.stop(kGrace, [&] { signals.cancel(); });
  });
  server.start();
  announce(options, config, server.port());
  io.run();
}

}  // namespace

void add_serve(CLI::App& app) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* command = app.add_subcommand("serve", "Serve a folder by FTP");
  command->add_option("DIR", options->folder, "The folder, such as a repository")->required();
  command->add_option("--listen", options->listen, "ADDRESS:PORT; port 0 takes a free one")->capture_default_str();
  CLI::Option* user = command->add_option("--user", options->user, "The account that reads (default: anonymous)");
  CLI::Option* password = command->add_option("--password-file", options->password_file, "Holds its password");
  user->needs(password);
  password->needs(user);
  CLI::Option* write_user =
      command->add_option("--write-user", options->write_user, "An account that may also write, for ferry publish");
  CLI::Option* write_password =
      command->add_option("--write-password-file", options->write_password_file, "Holds its password");
  write_user->needs(write_password);
  write_password->needs(write_user);
  command->add_option("--passive", options->passive, "LOW-HIGH: ports for data connections (default: any)");
  command->add_option("--advertise", options->advertise, "The IPv4 address that replies to PASV name, behind NAT");
  command->add_option("--max-sessions", options->limits.sessions, "Of all clients together")->capture_default_str();
  command->add_option("--max-sessions-per-address", options->limits.sessions_per_address, "Of one address")
      ->capture_default_str();
  command->add_option("--max-upload", options->limits.upload, "Bytes of one file that is stored")
      ->capture_default_str();
  add_json_flag(*command, options->json);
  command->footer(
      "Example: ferry serve repo --listen 0.0.0.0:2121 --passive 50000-50100\n"
      "Prints its URL, logs to stderr, ends on SIGINT or SIGTERM.");
  command->callback([options] { serve(*options); });
}

}  // namespace ferry::tool
