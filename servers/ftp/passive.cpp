#include "servers/ftp/passive.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <random>

namespace ferry::server::ftp {
namespace {

namespace asio = boost::asio;

std::optional<Tcp::acceptor> try_port(const asio::any_io_executor& executor, const asio::ip::address& address,
                                      std::uint16_t port) {
  boost::system::error_code error;
  Tcp::acceptor acceptor(executor);
  const Tcp::endpoint endpoint(address, port);
  acceptor.open(endpoint.protocol(), error);
  if (!error) {
    acceptor.set_option(asio::socket_base::reuse_address(true), error);
    acceptor.bind(endpoint, error);
  }
  if (!error) {
    acceptor.listen(asio::socket_base::max_listen_connections, error);
  }
  if (error) {
    return std::nullopt;
  }
  return acceptor;
}

}  // namespace

std::optional<Tcp::acceptor> open_passive(const asio::any_io_executor& executor, const asio::ip::address& address,
                                          std::optional<PortRange> range) {
  if (!range) {
    return try_port(executor, address, 0);
  }
  static std::random_device entropy;
  const std::uint32_t count = range->second - range->first + 1U;
  const std::uint32_t start = entropy() % count;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto port = static_cast<std::uint16_t>(range->first + (start + i) % count);
    if (auto acceptor = try_port(executor, address, port)) {
      return acceptor;
    }
  }
  return std::nullopt;
}

asio::awaitable<Tcp::socket> accept_from(Tcp::acceptor& acceptor, asio::ip::address peer) {
  for (;;) {
    Tcp::socket socket(acceptor.get_executor());
    auto [error] = co_await acceptor.async_accept(socket, asio::as_tuple(asio::use_awaitable));
    if (error) {
      co_return Tcp::socket(acceptor.get_executor());
    }
    boost::system::error_code gone;
    const Tcp::endpoint from = socket.remote_endpoint(gone);
    if (!gone && plain(from.address()) == peer) {
      co_return socket;
    }
  }
}

asio::ip::address plain(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  return address;
}

}  // namespace ferry::server::ftp
