#include "tests/hub/server.h"

#include <arpa/inet.h>
#include <csignal>
#include <fstream>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sstream>
#include <sys/socket.h>
#include <unistd.h>

#include "host/bytes.h"
#include "host/crypto.h"
#include "tests/hub/wait.h"

namespace ferry::hub {
namespace {

std::string read_all(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::string random_name() {
  return host::to_hex(host::random_array<std::array<std::uint8_t, 8>>());
}

std::uint16_t port_of(const std::string& address) {
  return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
}

int connect_to(const std::string& address) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  peer.sin_port = htons(port_of(address));
  peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval limit{.tv_sec = 20, .tv_usec = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&peer), sizeof peer) != 0) {
    ::close(fd);
    return -1;
  }
  return fd;
}

}  // namespace

Place::Place() : folder_(std::filesystem::temp_directory_path() / ("ferry-hub-" + random_name())) {
  std::filesystem::create_directory(folder_);
  std::filesystem::permissions(folder_, std::filesystem::perms::owner_all);
  write_registry();
}

Place::~Place() {
  std::filesystem::remove_all(folder_);
}

void Place::write_registry(bool with_other, const std::string& seal) const {
  std::ofstream registry(file("devices.jsonl"));
  registry << R"({"device":")" << kMeter
           << R"(","serial":"0001","product":"acme/m1","user":"meter","password":"secret")"
           << (seal.empty() ? "" : R"(,"seal":")" + seal + "\"") << "}\n";
  if (with_other) {
    registry << R"({"device":")" << kOther
             << R"(","serial":"0002","product":"acme/m1","user":"other","password":"word"})" << '\n';
  }
}

std::string talk_raw(const std::string& address, const std::string& bytes, std::size_t enough) {
  const int fd = connect_to(address);
  if (fd < 0) {
    return {};
  }
  [[maybe_unused]] const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  std::string answer;
  std::array<char, 4096> buffer{};
  ssize_t size = 0;
  while (answer.size() < enough && (size = ::recv(fd, buffer.data(), buffer.size(), 0)) > 0) {
    answer.append(buffer.data(), static_cast<std::size_t>(size));
  }
  ::close(fd);
  return answer;
}

HttpAnswer talk(const std::string& address, const std::string& bytes) {
  const std::string answer = talk_raw(address, bytes);
  const std::size_t end = answer.find("\r\n\r\n");
  if (!answer.starts_with("HTTP/1.1 ") || end == std::string::npos) {
    return {};
  }
  return {.status = std::stoi(answer.substr(9, 3)), .head = answer.substr(0, end), .body = answer.substr(end + 4)};
}

Server::Server(const Place& place, std::vector<std::string> options, std::optional<std::uint64_t> largest_file)
    : output_(place.file(("output-" + random_name()).c_str())) {
  std::vector<std::string> command = {FERRY_PROGRAM,
                                      "hub",
                                      "--json",
                                      "--devices",
                                      place.file("devices.jsonl").string(),
                                      "--dir",
                                      place.file("hub").string()};
  command.insert(command.end(), options.begin(), options.end());
  process_ = std::make_unique<host::ChildProcess>(
      host::ChildProcess::Program{.command = command, .output = output_, .largest_file = largest_file});
  const bool listens = eventually([this] { return process_->has_ended() || !lines().empty(); });
  const auto first = lines();
  if (!listens || first.empty() || first[0].value("event", "") != "listening") {
    ADD_FAILURE() << "the hub does not listen: " << log();
    return;
  }
  http_ = first[0]["http"];
  token_ = first[0]["token"];
  mqtt_port_ = port_of(first[0]["mqtt"]);
}

HttpAnswer Server::get(const std::string& target) const {
  return talk(http_, "GET " + target + " HTTP/1.1\r\nHost: hub\r\nConnection: close\r\nAuthorization: Bearer " +
                         token_ + "\r\n\r\n");
}

Json Server::json(const std::string& target) const {
  return Json::parse(get(target).body, nullptr, false);
}

std::vector<Json> Server::lines() const {
  std::vector<Json> lines;
  std::istringstream text(read_all(output_));
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with('{') && !text.eof()) {
      lines.push_back(Json::parse(line, nullptr, false));
    }
  }
  return lines;
}

std::string Server::log() const {
  return read_all(output_);
}

pid_t Server::broker_pid() const {
  const std::string pid = std::to_string(process_->pid());
  pid_t broker = -1;
  std::istringstream(read_all("/proc/" + pid + "/task/" + pid + "/children")) >> broker;
  for (const auto& task : std::filesystem::directory_iterator("/proc/" + pid + "/task")) {
    std::istringstream(read_all(task.path() / "children")) >> broker;
  }
  return broker;
}

bool is_alive(pid_t pid) {
  const std::string status = read_all("/proc/" + std::to_string(pid) + "/stat");
  const std::size_t name_end = status.rfind(')');
  return name_end != std::string::npos && name_end + 2 < status.size() && status[name_end + 2] != 'Z';
}

}  // namespace ferry::hub
