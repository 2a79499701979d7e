#include "servers/ftp/connection.h"

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

namespace ferry::server::ftp {
namespace {

namespace asio = boost::asio;

constexpr auto kQuiet = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kReadPiece = 2048;
constexpr Duration kLongestSleep = 1h;
constexpr auto kGoodBye = std::chrono::seconds(5);  // for the last reply to leave

asio::ip::address end_address(const Tcp::socket& socket, bool remote) {
  boost::system::error_code error;
  const Tcp::endpoint end = remote ? socket.remote_endpoint(error) : socket.local_endpoint(error);
  return plain(end.address());
}

// "127,0,0,1"
std::string with_commas(const asio::ip::address& address) {
  std::string text = address.to_string();
  std::replace(text.begin(), text.end(), '.', ',');
  return text;
}

}  // namespace

Instant now() {
  return Instant(std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

struct Connection::Passive {
  explicit Passive(Tcp::acceptor port) : acceptor(std::move(port)), data(acceptor.get_executor()) {}
  void close() {
    boost::system::error_code ignored;
    acceptor.close(ignored);
    data.close(ignored);
  }
  Tcp::acceptor acceptor;
  Tcp::socket data;
  bool in_use = false;  // by a transfer
};

Connection::Connection(Tcp::socket socket, ConnectionContext context)
    : socket_(std::move(socket)),
      context_(std::move(context)),
      peer_(end_address(socket_, true)),
      local_(end_address(socket_, false)),
      name_(peer_.to_string()),
      session_(surroundings(), now()),
      clock_(socket_.get_executor()),
      room_(socket_.get_executor()) {}

Connection::~Connection() {
  context_.on_end();
}

Surroundings Connection::surroundings() const {
  const asio::ip::address shown = context_.advertised ? asio::ip::address(*context_.advertised) : local_;
  return {.tree = context_.tree,
          .accounts = context_.accounts,
          .limits = context_.limits,
          .ipv6 = peer_.is_v6(),
          .address = with_commas(shown)};
}

void Connection::start() {
  boost::system::error_code ignored;
  socket_.set_option(Tcp::no_delay(true), ignored);
  socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  // Telnet's Synch before ABOR comes as urgent data.
  socket_.set_option(asio::socket_base::out_of_band_inline(true), ignored);
  asio::co_spawn(socket_.get_executor(), read_control(), asio::detached);
  asio::co_spawn(socket_.get_executor(), watch_clock(), asio::detached);
  pump();
}

void Connection::shut_down() {
  session_.shut_down(now());
  pump();
}

void Connection::cut() {
  ended_ = true;
  boost::system::error_code ignored;
  socket_.close(ignored);
  clock_.cancel();
  room_.cancel();
  drop_data();
}

// --- Control connection ---

asio::awaitable<void> Connection::read_control() {
  const auto self = shared_from_this();
  std::array<std::uint8_t, kReadPiece> piece;
  while (!ended_) {
    if (!session_.wants_input()) {
      room_.expires_at(asio::steady_timer::time_point::max());
      co_await room_.async_wait(kQuiet);
      continue;
    }
    auto [error, size] = co_await socket_.async_read_some(asio::buffer(piece), kQuiet);
    if (ended_) {
      break;
    }
    if (error) {
      session_.input_ended(now());
      pump();
      break;
    }
    session_.set_wall_time(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
    session_.receive(ByteView(piece).first(size), now());
    pump();
  }
}

asio::awaitable<void> Connection::write_control(std::string text) {
  const auto self = shared_from_this();
  auto [error, size] = co_await asio::async_write(socket_, asio::buffer(text), kQuiet);
  writing_ = false;
  if (ended_) {
    co_return;
  }
  if (error && !session_.transferring()) {
    cut();
    co_return;
  }
  pump();
}

// Wakes the session when it wants to. A deadline that has moved away meanwhile is looked at once more: that is cheaper
// than a timer that is set for each piece of data.
asio::awaitable<void> Connection::watch_clock() {
  const auto self = shared_from_this();
  while (!ended_ && !session_.closed()) {
    wake_ = std::min(session_.poll_timeout(), now() + kLongestSleep);
    clock_.expires_after(std::max(wake_ - now(), Duration(1)));
    co_await clock_.async_wait(kQuiet);
    if (!ended_) {
      session_.handle_timeout(now());
      pump();
    }
  }
  leaving_ = true;
  if (!ended_) {
    clock_.expires_after(kGoodBye);
    co_await clock_.async_wait(kQuiet);
    cut();
  }
}

void Connection::pump() {
  if (ended_) {
    return;
  }
  for (auto event = session_.poll_event(); event && !ended_; event = session_.poll_event()) {
    handle(std::move(*event));
  }
  send_replies();
  if (session_.wants_input()) {
    room_.cancel();
  }
  if (session_.poll_timeout() < wake_ || (session_.closed() && !std::exchange(leaving_, true))) {
    clock_.cancel();
  }
}

void Connection::send_replies() {
  if (writing_ || ended_) {
    return;
  }
  std::string text = session_.poll_transmit();
  if (text.empty() && session_.closed()) {
    cut();
    return;
  }
  if (!text.empty()) {
    writing_ = true;
    asio::co_spawn(socket_.get_executor(), write_control(std::move(text)), asio::detached);
  }
}

void Connection::handle(Event event) {
  if (std::holds_alternative<OpenPassive>(event)) {
    open_port();
    return;
  }
  if (std::holds_alternative<AbortTransfer>(event)) {
    drop_data();
    return;
  }
  if (std::holds_alternative<LoginFailed>(event)) {
    context_.on_login_failed();
    return;
  }
  if (const auto* note = std::get_if<Note>(&event)) {
    context_.log->info("{} {}", name_, note->text);
    return;
  }
  waiting_ = std::move(event);
  start_transfer();
}

// --- Data connection ---

void Connection::open_port() {
  drop_data();
  auto acceptor = ftp::open_passive(socket_.get_executor(), local_, context_.passive_ports);
  if (!acceptor) {
    session_.passive_failed(now());
    return;
  }
  const std::uint16_t port = acceptor->local_endpoint().port();
  passive_ = std::make_shared<Passive>(std::move(*acceptor));
  asio::co_spawn(socket_.get_executor(), wait_for_data(passive_), asio::detached);
  session_.passive_opened(port, now());
}

asio::awaitable<void> Connection::wait_for_data(std::shared_ptr<Passive> passive) {
  const auto self = shared_from_this();
  Tcp::socket data = co_await accept_from(passive->acceptor, peer_);
  if (!data.is_open() || passive != passive_) {
    co_return;
  }
  boost::system::error_code ignored;
  passive->acceptor.close(ignored);
  passive->data = std::move(data);
  start_transfer();
}

void Connection::start_transfer() {
  if (!waiting_ || !passive_ || !passive_->data.is_open() || passive_->in_use) {
    return;
  }
  passive_->in_use = true;
  asio::co_spawn(socket_.get_executor(), run_transfer(passive_, std::move(*waiting_)), asio::detached);
  waiting_.reset();
}

asio::awaitable<void> Connection::run_transfer(std::shared_ptr<Passive> passive, Event event) {
  const auto self = shared_from_this();
  session_.data_connected(now());
  pump();
  const Session::TransferEnd end = co_await carry(*passive, event);
  event = Note{};  // a sink that was not finished takes back what it wrote, before anybody is told
  passive->close();
  if (ended_ || passive != passive_) {
    co_return;  // aborted meanwhile
  }
  passive_.reset();
  session_.transfer_ended(end, now());
  pump();
}

asio::awaitable<Session::TransferEnd> Connection::carry(Passive& passive, Event& event) {
  const Progress progress = [this](std::size_t bytes) { session_.data_moved(bytes, now()); };
  if (const auto* file = std::get_if<SendFile>(&event)) {
    co_return co_await send_file(passive.data, *file->source, file->offset, progress);
  }
  if (const auto* text = std::get_if<SendText>(&event)) {
    co_return co_await send_text(passive.data, text->text, progress);
  }
  co_return co_await receive_file(passive.data, *std::get<ReceiveFile>(event).sink, progress);
}

void Connection::drop_data() {
  waiting_.reset();
  if (passive_) {
    passive_->close();
    passive_.reset();
  }
}

}  // namespace ferry::server::ftp
