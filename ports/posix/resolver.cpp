#include "ports/posix/resolver.h"

#include <algorithm>
#include <arpa/inet.h>
#include <atomic>
#include <cstring>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace ferry::posix {
namespace {

constexpr int kMaxLookups = 8;  // a resolver that hangs holds its thread for as long as it likes
constexpr std::size_t kMaxAddresses = 8;
std::atomic<int> lookups_under_way{0};

bool is_literal(const std::string& host) {
  in6_addr address{};
  return ::inet_pton(AF_INET, host.c_str(), &address) == 1 || host.find(':') != std::string::npos;
}

}  // namespace

void Address::set_port(std::uint16_t port) {
  if (bytes.ss_family == AF_INET6) {
    sockaddr_in6 address{};
    std::memcpy(&address, &bytes, sizeof address);
    address.sin6_port = htons(port);
    std::memcpy(&bytes, &address, sizeof address);
  } else {
    sockaddr_in address{};
    std::memcpy(&address, &bytes, sizeof address);
    address.sin_port = htons(port);
    std::memcpy(&bytes, &address, sizeof address);
  }
}

WakeUp::WakeUp() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (!fd_) {
    throw std::system_error(errno, std::generic_category(), "eventfd");
  }
}

void WakeUp::set() const {
  const std::uint64_t one = 1;
  (void)!::write(fd_.get(), &one, sizeof one);
}

void WakeUp::clear() const {
  std::uint64_t count = 0;
  (void)!::read(fd_.get(), &count, sizeof count);
}

std::shared_ptr<Lookup> Lookup::start(std::string host, std::uint16_t port, std::shared_ptr<WakeUp> wake_up) {
  auto lookup = std::make_shared<Lookup>();
  if (is_literal(host)) {
    lookup->run(host, port, AI_NUMERICHOST);
    return lookup;
  }
  if (lookups_under_way.fetch_add(1) >= kMaxLookups) {
    --lookups_under_way;
    return nullptr;
  }
  try {
    std::thread([lookup, host = std::move(host), port, wake_up = std::move(wake_up)] {
      lookup->run(host, port, 0);
      --lookups_under_way;
      wake_up->set();
    }).detach();
  } catch (const std::system_error&) {
    --lookups_under_way;
    return nullptr;
  }
  return lookup;
}

std::shared_ptr<Lookup> Lookup::of(std::vector<Address> addresses) {
  auto lookup = std::make_shared<Lookup>();
  lookup->result_ = std::move(addresses);
  return lookup;
}

void Lookup::run(const std::string& host, std::uint16_t port, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  std::vector<Address> addresses;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) == 0) {
    for (const addrinfo* info = found; info != nullptr && addresses.size() < kMaxAddresses; info = info->ai_next) {
      Address address;
      address.size = std::min<socklen_t>(info->ai_addrlen, sizeof address.bytes);
      std::memcpy(&address.bytes, info->ai_addr, address.size);
      addresses.push_back(address);
    }
    ::freeaddrinfo(found);
  }
  const std::lock_guard guard(mutex_);
  result_ = std::move(addresses);
}

std::optional<std::vector<Address>> Lookup::result() const {
  const std::lock_guard guard(mutex_);
  return result_;
}

}  // namespace ferry::posix
