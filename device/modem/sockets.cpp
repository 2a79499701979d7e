#include "device/modem/sockets.h"

#include "device/at/text.h"

namespace ferry::modem {

namespace {

constexpr Duration kFirstLook = 500ms;  // slow looks: announcements may get lost
constexpr Duration kLongestLook = 30s;
constexpr Duration kStuckAfter = 10s;
constexpr std::uint16_t kMaxGeneration = 16000;

constexpr std::uint16_t bit(std::uint32_t link) {
  return static_cast<std::uint16_t>(1U << (link & 15U));
}

}  // namespace

// --- the user's side ---

Result<Connection> Sockets::open(std::string_view host, std::uint16_t port) {
  return take(0, host, port);
}

Result<Connection> Sockets::open_beside(Connection beside, std::uint16_t port) {
  const Socket* peer = find(beside);
  if (peer == nullptr || (peer->stage != Stage::kOpen && peer->stage != Stage::kEnded)) {
    return ferry::fail(Error::kInvalidArgument);
  }
  const auto opened = take(1, peer->host_text(), port);
  if (opened && !family_.state.command.empty() && family_.peer_field != 0 && peer->link != kNoLink) {
    find(*opened)->stage = Stage::kPeer;
  }
  return opened;
}

Result<Connection> Sockets::take(std::uint8_t first, std::string_view host, std::uint16_t port) {
  if (host.empty() || host.size() > kMaxHost || !at::is_quotable(host)) {
    return ferry::fail(Error::kInvalidArgument);
  }
  for (std::size_t i = 0; i < kCount; ++i) {
    Socket& socket = sockets_[(first + i) % kCount];
    if (socket.stage == Stage::kFree) {
      socket.stage = Stage::kWanted;
      socket.generation = static_cast<std::uint16_t>(socket.generation == kMaxGeneration ? 0 : socket.generation + 1);
      socket.tries = 0;
      socket.port = port;
      socket.host_size = static_cast<std::uint8_t>(
          copy(as_bytes(host), {reinterpret_cast<std::uint8_t*>(socket.host.data()), kMaxHost}));
      return handle(socket);
    }
  }
  return ferry::fail(Error::kNoSpace);
}

ConnectionState Sockets::state(Connection connection) const {
  const Socket* socket = find(connection);
  if (socket == nullptr || socket->stage == Stage::kFailed) {
    return ConnectionState::kFailed;
  }
  return socket->stage == Stage::kOpen || socket->stage == Stage::kEnded ? ConnectionState::kOpen
                                                                         : ConnectionState::kConnecting;
}

Result<std::size_t> Sockets::send(Connection connection, ByteView bytes) {
  const Socket* socket = find(connection);
  if (socket == nullptr || socket->stage == Stage::kFailed) {
    return ferry::fail(socket == nullptr ? Error::kIo : socket->error);
  }
  if (socket->stage == Stage::kEnded) {
    return ferry::fail(Error::kClosed);
  }
  if (socket->stage != Stage::kOpen || (sending_.size > 0 && sending_.link != socket->link)) {
    return 0;
  }
  const std::size_t taken = copy(bytes, ByteSpan(send_buffer_).subspan(sending_.size));
  if (sending_.size == 0) {
    sending_ = {.link = socket->link};
  }
  sending_.size += taken;
  return taken;
}

Result<std::size_t> Sockets::receive(Connection connection, ByteSpan buffer) {
  Socket* socket = find(connection);
  if (socket == nullptr) {
    return ferry::fail(Error::kIo);
  }
  if (const std::size_t taken = socket->ring.read(buffer); taken > 0) {
    socket->full_since = kNever;
    return taken;
  }
  if (socket->stage == Stage::kFailed) {
    return ferry::fail(socket->error);
  }
  return socket->stage == Stage::kEnded ? Result<std::size_t>(ferry::fail(Error::kClosed)) : Result<std::size_t>(0);
}

void Sockets::close(Connection connection) {
  if (Socket* socket = find(connection)) {
    release(*socket);
  }
}

// --- handles and links ---

Connection Sockets::handle(const Socket& socket) const {
  return Connection{static_cast<std::int16_t>(socket.generation * kCount + slot_of(socket))};
}

const Sockets::Socket* Sockets::find(Connection connection) const {
  const auto number = static_cast<std::int16_t>(connection);
  if (number < 0) {
    return nullptr;
  }
  const Socket& socket = sockets_[static_cast<std::size_t>(number) % kCount];
  return socket.stage != Stage::kFree && handle(socket) == connection ? &socket : nullptr;
}

Sockets::Socket* Sockets::find(Connection connection) {
  return const_cast<Socket*>(static_cast<const Sockets*>(this)->find(connection));
}

Sockets::Socket* Sockets::of_link(std::uint32_t link) {
  for (Socket& socket : sockets_) {
    if (socket.stage != Stage::kFree && socket.link == link) {
      return &socket;
    }
  }
  return nullptr;
}

std::uint8_t Sockets::slot_of(const Socket& socket) const {
  return static_cast<std::uint8_t>(&socket - sockets_.data());
}

// The user gave the connection back: the link is closed once everything was sent.
void Sockets::release(Socket& socket) {
  const bool sends = sending_.size > 0 && sending_.link == socket.link && socket.stage == Stage::kOpen;
  if (socket.link != kNoLink && !sends && sending_.link == socket.link) {
    sending_ = {};
  }
  abandon_link(socket);
  socket.stage = Stage::kFree;
  socket.ring.clear();
}

void Sockets::abandon_link(Socket& socket) {
  if (socket.link != kNoLink) {
    links_to_close_ |= bit(socket.link);
    if (frame_.left > 0 && frame_.slot == slot_of(socket)) {
      frame_.slot = kNoLink;
    }
  }
  socket.link = kNoLink;
}

void Sockets::fail(Socket& socket, Error error) {
  if (socket.stage == Stage::kFree || socket.stage == Stage::kFailed) {
    return;
  }
  if (sending_.link == socket.link) {
    sending_ = {};
  }
  abandon_link(socket);
  socket.ring.drop_pending();
  socket.stage = Stage::kFailed;
  socket.error = error;
}

void Sockets::fail_all(Error error) {
  for (Socket& socket : sockets_) {
    if (socket.link != kNoLink || socket.stage == Stage::kOpen) {
      fail(socket, error);
    }
  }
  sending_ = {};
  frame_ = {};
  job_ = {};
}

void Sockets::forget_links() {
  links_to_close_ = 0;
  links_of_push_ = 0;
}

// --- what the module tells ---

void Sockets::on_event(const at::Routed<Event>& event, Instant now) {
  Socket* socket = event.has_link ? of_link(event.link) : nullptr;
  if (socket == nullptr) {
    if (event.event == Event::kOpened && event.has_link && event.value == 0 && event.link < family_.links) {
      links_to_close_ |= bit(event.link);  // nobody waits for it any more
    }
    return;
  }
  if (event.event == Event::kOpened && event.has_value && socket->stage == Stage::kAwaiting) {
    event.value == 0 ? opened(*socket, now) : open_refused(*socket, event.value);
  } else if (event.event == Event::kOpened && event.has_value && socket->stage == Stage::kCreated) {
    socket->stage = Stage::kAwaiting;  // came before the command's own end
    event.value == 0 ? opened(*socket, now) : open_refused(*socket, event.value);
  } else if (event.event == Event::kData || event.event == Event::kClosed) {
    socket->data_waits = true;
    socket->peer_closed = socket->peer_closed || event.event == Event::kClosed;
    look_soon(*socket, now);
  }
}

void Sockets::opened(Socket& socket, Instant now) {
  socket.stage = Stage::kOpen;
  socket.data_waits = !socket.push;
  socket.peer_closed = false;
  socket.state_due = false;
  socket.count_due = false;
  socket.received = 0;
  socket.full_since = kNever;
  socket.ring.clear();
  look_soon(socket, now);
  proved_ = true;
  failed_opens_ = 0;
}

void Sockets::open_refused(Socket& socket, std::uint32_t error) {
  constexpr std::uint8_t kTries = 4;
  ++socket.tries;
  if (error == family_.in_use_error && socket.tries < kTries) {
    abandon_link(socket);
    socket.stage = Stage::kWanted;
    return;
  }
  if (error != family_.refused_error) {
    ++failed_opens_;
  }
  fail(socket, Error::kIo);
}

void Sockets::look_soon(Socket& socket, Instant now) {
  socket.pause = kFirstLook;
  socket.due = now + socket.pause;
}

Result<bool> Sockets::on_header(std::string_view text, std::uint32_t count, Instant now) {
  if (!family_.push_prefix.empty() && text.starts_with(family_.push_prefix)) {
    const auto link = at::number_field(skip(text, family_.push_prefix.size()), 0);
    if (!link || *link >= family_.links || (links_of_push_ & bit(*link)) == 0) {
      return false;  // an announcement with a length, and nothing behind it
    }
    if (count > family_.longest_read) {
      return ferry::fail(Error::kCorrupt);
    }
    const Socket* socket = of_link(*link);
    frame_ = {.slot = socket == nullptr ? kNoLink : slot_of(*socket), .left = count};
    return true;
  }
  if (count == 0) {
    return false;
  }
  if (job_.kind != JobKind::kRead || count > job_.count) {
    return ferry::fail(Error::kCorrupt);
  }
  job_.got_payload = true;
  const Socket* socket = of_link(job_.link);
  frame_ = {.slot = socket == nullptr ? kNoLink : job_.slot, .left = count};
  static_cast<void>(now);
  return true;
}

std::size_t Sockets::payload_room() const {
  return frame_.slot == kNoLink ? frame_.left : sockets_[frame_.slot].ring.room();
}

void Sockets::take_payload(ByteView bytes) {
  frame_.left -= static_cast<std::uint32_t>(bytes.size());
  if (frame_.slot == kNoLink) {
    return;
  }
  Socket& socket = sockets_[frame_.slot];
  socket.ring.write(bytes);
  if (socket.ring.room() == 0 && socket.ring.size() == 0 && frame_.left > 0) {
    socket.received += static_cast<std::uint32_t>(socket.ring.pending());
    socket.ring.commit();  // longer than the buffer: its end cannot be waited for
  }
}

void Sockets::end_payload(Instant now) {
  if (frame_.slot != kNoLink) {
    Socket& socket = sockets_[frame_.slot];
    socket.received += static_cast<std::uint32_t>(socket.ring.pending());
    socket.ring.commit();
    look_soon(socket, now);
  }
  frame_ = {};
}

void Sockets::look_at_all() {
  for (Socket& socket : sockets_) {
    if (socket.stage == Stage::kOpen) {
      socket.data_waits = true;
      socket.state_due = true;
    }
  }
}

// --- time ---

void Sockets::handle_timeout(Instant now) {
  for (Socket& socket : sockets_) {
    if (socket.stage == Stage::kAwaiting && now >= socket.due) {
      ++failed_opens_;
      fail(socket, Error::kTimedOut);
    } else if (socket.stage == Stage::kOpen && now >= socket.due) {
      socket.data_waits = socket.data_waits || !socket.push;
      socket.state_due = true;
      socket.pause = std::min(2 * socket.pause, kLongestLook);
      socket.due = now + socket.pause;
    }
  }
}

Instant Sockets::poll_timeout() const {
  Instant next = sending_.size > 0 ? sending_.not_before : kNever;
  for (const Socket& socket : sockets_) {
    if (socket.stage == Stage::kAwaiting || socket.stage == Stage::kOpen) {
      next = std::min(next, socket.due);
    }
    if (socket.full_since != kNever) {
      next = std::min(next, socket.full_since + kStuckAfter);
    }
  }
  return next;
}

bool Sockets::any_in_use() const {
  return std::any_of(sockets_.begin(), sockets_.end(), [](const Socket& socket) {
    return socket.stage != Stage::kFree && socket.stage != Stage::kFailed;
  });
}

bool Sockets::any() const {
  return any_in_use() || links_to_close_ != 0 || sending_.size > 0;
}

bool Sockets::is_stuck(Instant now) {
  if (frame_.left == 0 || frame_.slot == kNoLink) {
    return false;
  }
  Socket& socket = sockets_[frame_.slot];
  if (socket.ring.room() > 0) {
    socket.full_since = kNever;
    return false;
  }
  if (socket.full_since == kNever) {
    socket.full_since = now;
  }
  const Socket& other = sockets_[(frame_.slot + 1U) % kCount];
  return now - socket.full_since >= kStuckAfter && other.stage != Stage::kFree;
}

// The other connection may be what the user waits for. The next one is opened without push.
void Sockets::fail_stuck() {
  push_is_unsafe_ = true;
  Socket& socket = sockets_[frame_.slot];
  socket.full_since = kNever;
  fail(socket, Error::kIo);
}

}  // namespace ferry::modem
