// The bytes of one data connection.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>

#include "servers/ftp/session.h"

namespace ferry::server::ftp {

using Progress = std::function<void(std::size_t bytes)>;

// Each ends when all is said, or the connection fails or is closed by somebody else.
[[nodiscard]] boost::asio::awaitable<Session::TransferEnd> send_file(boost::asio::ip::tcp::socket& socket,
                                                                     const Source& source, std::uint64_t offset,
                                                                     const Progress& progress);
[[nodiscard]] boost::asio::awaitable<Session::TransferEnd> send_text(boost::asio::ip::tcp::socket& socket,
                                                                     std::string_view text, const Progress& progress);
// Finishes the sink when the client has ended the connection in order.
[[nodiscard]] boost::asio::awaitable<Session::TransferEnd> receive_file(boost::asio::ip::tcp::socket& socket,
                                                                        Sink& sink, const Progress& progress);

}  // namespace ferry::server::ftp
