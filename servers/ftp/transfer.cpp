#include "servers/ftp/transfer.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/sendfile.h>

namespace ferry::server::ftp {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr auto kQuiet = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kSendPiece = 262144;  // between two looks at other sessions
constexpr std::size_t kReceivePiece = 131072;
constexpr int kUnsent = 128 * 1024;  // bytes in the kernel that the network has not taken yet

// Hundreds of slow downloads would else hold megabytes of kernel memory each.
void bound_unsent(tcp::socket& socket) {
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kUnsent, sizeof kUnsent);
}

Session::TransferEnd end_of(TreeError error) {
  switch (error) {
    case TreeError::kNoSpace:
      return Session::TransferEnd::kNoSpace;
    case TreeError::kTooLarge:
      return Session::TransferEnd::kTooLarge;
    default:
      return Session::TransferEnd::kFileFailed;
  }
}

}  // namespace

asio::awaitable<Session::TransferEnd> send_file(tcp::socket& socket, const Source& source, std::uint64_t offset,
                                                const Progress& progress) {
  bound_unsent(socket);
  boost::system::error_code ignored;
  socket.native_non_blocking(true, ignored);
  auto at = static_cast<off_t>(offset);
  while (static_cast<std::uint64_t>(at) < source.size()) {
    auto [error] = co_await socket.async_wait(tcp::socket::wait_write, kQuiet);
    if (error) {
      co_return Session::TransferEnd::kLost;
    }
    const std::size_t piece = std::min<std::uint64_t>(kSendPiece, source.size() - static_cast<std::uint64_t>(at));
    const ssize_t sent = ::sendfile(socket.native_handle(), source.descriptor(), &at, piece);
    if (sent == 0) {
      co_return Session::TransferEnd::kFileFailed;  // shorter than it was
    }
    if (sent < 0 && errno != EAGAIN && errno != EINTR) {
      co_return errno == EIO ? Session::TransferEnd::kFileFailed : Session::TransferEnd::kLost;
    }
    progress(sent < 0 ? 0 : static_cast<std::size_t>(sent));
  }
  co_return Session::TransferEnd::kDone;
}

asio::awaitable<Session::TransferEnd> send_text(tcp::socket& socket, std::string_view text, const Progress& progress) {
  bound_unsent(socket);
  while (!text.empty()) {
    auto [error, sent] = co_await socket.async_write_some(asio::buffer(text), kQuiet);
    if (error) {
      co_return Session::TransferEnd::kLost;
    }
    text.remove_prefix(sent);
    progress(sent);
  }
  co_return Session::TransferEnd::kDone;
}

asio::awaitable<Session::TransferEnd> receive_file(tcp::socket& socket, Sink& sink, const Progress& progress) {
  std::vector<std::uint8_t> piece(kReceivePiece);
  for (;;) {
    auto [error, size] = co_await socket.async_read_some(asio::buffer(piece), kQuiet);
    if (error == asio::error::eof) {
      break;
    }
    if (error) {
      co_return Session::TransferEnd::kLost;
    }
    progress(size);
    if (const auto written = sink.write(ByteView(piece).first(size)); !written) {
      co_return end_of(written.error());
    }
  }
  const auto finished = sink.finish();
  co_return finished ? Session::TransferEnd::kDone : end_of(finished.error());
}

}  // namespace ferry::server::ftp
