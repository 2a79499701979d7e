#include "device/ftp/client.h"

#include <algorithm>

namespace ferry::ftp {

namespace {

// Bounds the work of one poll().
constexpr int kRoundsPerPoll = 4;

}  // namespace

Client::Client(Network& network, Timeouts timeouts) : network_(network), dialogue_(timeouts) {}

Client::~Client() {
  close();
}

void Client::connect(const Server& server, Instant now) {
  if (dialogue_.step() == Step::kIdle) {
    if (server.host != server_.host || server.port != server_.port) {
      dialogue_.forget_server();
    }
    server_ = server;
  }
  dialogue_.connect(server.user, server.password, now);
  follow_dialogue(now);
}

void Client::retrieve(std::string_view path, std::uint32_t offset, std::optional<std::uint32_t> expected,
                      std::uint32_t limit, Sink& sink, Instant now) {
  if (offset > expected.value_or(limit)) {
    return dialogue_.refuse(Error::kOutOfRange);
  }
  sink_ = &sink;
  dialogue_.retrieve(path, Intake(offset, expected, limit), now);
}

void Client::size(std::string_view path, Instant now) {
  dialogue_.size(path, now);
}

void Client::store(std::string_view path, ByteView content, Instant now) {
  content_ = content;
  dialogue_.upload(Dialogue::Upload::kStore, path, now);
}

void Client::append(std::string_view path, ByteView content, Instant now) {
  content_ = content;
  dialogue_.upload(Dialogue::Upload::kAppend, path, now);
}

void Client::quit(Instant now) {
  dialogue_.leave(now);
  dialogue_.forget_server();
  follow_dialogue(now);
}

void Client::close() {
  dialogue_.reset();
  close_connection(data_);
  close_connection(control_);
}

void Client::poll(Instant now) {
  pump_rounds(now);
  if (now >= dialogue_.poll_timeout()) {
    dialogue_.handle_timeout(now);
    pump_rounds(now);
  }
}

void Client::pump_rounds(Instant now) {
  due_ = kNever;
  for (int round = 0; pump(now); ++round) {
    if (round == kRoundsPerPoll) {
      due_ = now;
      return;
    }
  }
}

Instant Client::poll_timeout() const {
  return std::min(due_, dialogue_.poll_timeout());
}

ClientState Client::state() const {
  switch (dialogue_.step()) {
    case Step::kIdle:
      return ClientState::kIdle;
    case Step::kReady:
      return ClientState::kReady;
    case Step::kFailed:
      return ClientState::kFailed;
    default:
      return ClientState::kWorking;
  }
}

std::uint32_t Client::delivered() const {
  return dialogue_.intake().delivered();
}

// One round over both connections. True when anything moved.
bool Client::pump(Instant now) {
  bool moved = follow_dialogue(now);
  moved = watch_connecting(now) || moved;
  moved = transmit(now) || moved;
  moved = receive_control(now) || moved;
  moved = follow_dialogue(now) || moved;
  moved = move_data(now) || moved;
  return follow_dialogue(now) || moved;
}

// Opens the connections that the dialogue asks for and closes those that its step does not hold.
bool Client::follow_dialogue(Instant now) {
  if (!info(dialogue_.step()).holds_data) {
    close_connection(data_);
  }
  if (!info(dialogue_.step()).holds_control) {
    close_connection(control_);
  }
  if (dialogue_.step() == Step::kConnecting && control_ == Connection::kNone) {
    const auto opened = network_.open(server_.host, server_.port);
    control_ = opened.value_or(Connection::kNone);
    if (!opened) {
      dialogue_.signal(Signal::kLost, now, opened.error());
    }
    return true;
  }
  if (const auto port = dialogue_.poll_data_port()) {
    const auto opened = network_.open_beside(control_, *port);
    data_ = opened.value_or(Connection::kNone);
    if (!opened) {
      dialogue_.signal(Signal::kDataLost, now);
    }
    return true;
  }
  return false;
}

bool Client::watch_connecting(Instant now) {
  const Step step = dialogue_.step();
  if (step != Step::kConnecting && step != Step::kDataConnecting) {
    return false;
  }
  const bool is_control = step == Step::kConnecting;
  const ConnectionState state = network_.state(is_control ? control_ : data_);
  if (state == ConnectionState::kOpen) {
    dialogue_.signal(is_control ? Signal::kConnected : Signal::kDataConnected, now);
  } else if (state == ConnectionState::kFailed) {
    dialogue_.signal(is_control ? Signal::kLost : Signal::kDataLost, now, Error::kIo);
  }
  return state != ConnectionState::kConnecting;
}

bool Client::transmit(Instant now) {
  const ByteView pending = dialogue_.poll_transmit();
  if (pending.empty()) {
    return false;
  }
  const auto taken = network_.send(control_, pending);
  if (!taken) {
    dialogue_.signal(Signal::kLost, now, taken.error());
    return true;
  }
  dialogue_.transmitted(*taken);
  bytes_over_the_air_ += *taken;
  return *taken > 0;
}

bool Client::receive_control(Instant now) {
  if (!dialogue_.hears_control()) {
    return false;
  }
  std::array<std::uint8_t, kBufferSize> buffer;
  const auto size = network_.receive(control_, buffer);
  if (!size) {
    dialogue_.signal(Signal::kLost, now, size.error());
    return true;
  }
  bytes_over_the_air_ += *size;
  dialogue_.receive(ByteView(buffer).first(*size), now);
  return *size > 0;
}

bool Client::move_data(Instant now) {
  switch (dialogue_.step()) {
    case Step::kReceiving:
    case Step::kDraining:
    case Step::kOrphaned:
      return receive_data(now);
    case Step::kSending:
      return send_data(now);
    default:
      return false;
  }
}

bool Client::receive_data(Instant now) {
  std::array<std::uint8_t, kBufferSize> buffer;
  const auto size = network_.receive(data_, buffer);
  if (!size) {
    dialogue_.signal(size.error() == Error::kClosed ? Signal::kDataEnded : Signal::kDataLost, now);
    return true;
  }
  bytes_over_the_air_ += *size;
  const ByteView admitted = dialogue_.admit(ByteView(buffer).first(*size), now);
  if (const Status written = admitted.empty() ? ok() : sink_->write(admitted); !written) {
    dialogue_.signal(Signal::kSinkFailed, now, written.error());
  }
  return *size > 0;
}

bool Client::send_data(Instant now) {
  if (content_.empty()) {
    dialogue_.signal(Signal::kDataEnded, now);
    return true;
  }
  const auto taken = network_.send(data_, content_);
  if (!taken) {
    dialogue_.signal(Signal::kDataLost, now);
    return true;
  }
  content_ = content_.subspan(*taken);
  bytes_over_the_air_ += *taken;
  dialogue_.sent_data(*taken, now);
  return *taken > 0;
}

void Client::close_connection(Connection& connection) {
  if (connection != Connection::kNone) {
    network_.close(connection);
    connection = Connection::kNone;
  }
}

}  // namespace ferry::ftp
