// The port on which one session waits for its data connection.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <optional>
#include <utility>

namespace ferry::server::ftp {

using Tcp = boost::asio::ip::tcp;
using PortRange = std::pair<std::uint16_t, std::uint16_t>;  // both included

// Nothing where no port is free. Within `range` the search begins anywhere, so that the next port cannot be guessed.
[[nodiscard]] std::optional<Tcp::acceptor> open_passive(const boost::asio::any_io_executor& executor,
                                                        const boost::asio::ip::address& address,
                                                        std::optional<PortRange> range);

// The first connection from `peer`; those of others are closed, and waiting goes on. A closed socket where the acceptor
// fails or is closed.
[[nodiscard]] boost::asio::awaitable<Tcp::socket> accept_from(Tcp::acceptor& acceptor, boost::asio::ip::address peer);

// An IPv4 address in an IPv6 one's clothes is an IPv4 address.
[[nodiscard]] boost::asio::ip::address plain(const boost::asio::ip::address& address);

}  // namespace ferry::server::ftp
