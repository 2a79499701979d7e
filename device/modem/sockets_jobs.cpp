// Which exchange the connections need next, and what its end means.
#include <utility>

#include "device/at/text.h"
#include "device/modem/sockets.h"

namespace ferry::modem {

namespace {

constexpr Duration kSendPause = 200ms;  // the module's buffer was full
constexpr Duration kSendPatience = 60s;

constexpr std::uint16_t bit(std::uint32_t link) {
  return static_cast<std::uint16_t>(1U << (link & 15U));
}

}  // namespace

bool Sockets::begin_next(Line& line, Instant now) {
  return begin_send(line, now) || begin_read(line, now) || begin_open(line, now) || begin_close(line, now) ||
         begin_state(line, now);
}

bool Sockets::begin(Line& line, Job job, JobKind kind, const at::Exchange& exchange, Instant now, ByteView payload) {
  const Socket& socket = sockets_[job.slot];
  job.kind = kind;
  job.generation = socket.generation;
  job_ = job;
  line.begin(exchange,
             {.link = job.link,
              .count = job.count,
              .port = socket.port,
              .mode = static_cast<std::uint8_t>(socket.push ? 1 : 0),
              .host = socket.host_text()},
             now, payload);
  return true;
}

bool Sockets::begin_send(Line& line, Instant now) {
  if (sending_.size == 0 || now < sending_.not_before) {
    return false;
  }
  const auto size = static_cast<std::uint16_t>(std::min<std::size_t>(sending_.size, family_.longest_send));
  return begin(line, {.link = sending_.link, .count = size}, JobKind::kSend, family_.send, now,
               ByteView(send_buffer_).first(size));
}

bool Sockets::begin_read(Line& line, Instant now) {
  for (std::size_t i = 0; i < kCount; ++i) {
    const auto slot = static_cast<std::uint8_t>((next_read_ + i) % kCount);
    Socket& socket = sockets_[slot];
    if (socket.stage != Stage::kOpen || !socket.data_waits) {
      continue;
    }
    if (socket.push) {
      socket.data_waits = false;
      socket.count_due = socket.peer_closed;
      continue;
    }
    const std::size_t room = socket.ring.room();
    if (room < socket.ring.capacity() / 2) {
      continue;  // a shallow read costs as many turnarounds as a deep one
    }
    socket.data_waits = false;
    next_read_ = static_cast<std::uint8_t>((slot + 1) % kCount);
    const auto size = static_cast<std::uint16_t>(std::min<std::size_t>(room, family_.longest_read));
    return begin(line, {.slot = slot, .link = socket.link, .count = size}, JobKind::kRead, family_.read, now);
  }
  return false;
}

bool Sockets::begin_open(Line& line, Instant now) {
  for (Socket& socket : sockets_) {
    const std::uint8_t slot = slot_of(socket);
    if (socket.stage == Stage::kPeer) {
      const Socket& beside = sockets_[(slot + 1U) % kCount];
      if (beside.link == kNoLink) {
        socket.stage = Stage::kWanted;
        continue;
      }
      return begin(line, {.slot = slot, .link = beside.link}, JobKind::kPeer, family_.state, now);
    }
    if (socket.stage == Stage::kWanted && !family_.create.command.empty()) {
      return begin(line, {.slot = slot}, JobKind::kCreate, family_.create, now);
    }
    if (socket.stage == Stage::kWanted && choose_link(socket)) {
      socket.stage = Stage::kCreated;
    }
    if (socket.stage == Stage::kCreated) {
      socket.push = push_ && !push_is_unsafe_;
      links_of_push_ = static_cast<std::uint16_t>(socket.push ? links_of_push_ | bit(socket.link)
                                                              : links_of_push_ & ~bit(socket.link));
      push_is_unsafe_ = push_is_unsafe_ && slot == 0;  // meant for the connection that carries files
      return begin(line, {.slot = slot, .link = socket.link}, JobKind::kOpen, family_.open, now);
    }
  }
  return false;
}

bool Sockets::choose_link(Socket& socket) {
  for (std::uint8_t i = 0; i < family_.links; ++i) {
    const std::uint8_t link = next_link_;
    next_link_ = static_cast<std::uint8_t>((next_link_ + 1) % family_.links);
    if ((links_to_close_ & bit(link)) == 0 && of_link(link) == nullptr) {
      socket.link = link;
      return true;
    }
  }
  return false;
}

bool Sockets::begin_close(Line& line, Instant now) {
  for (std::uint8_t link = 0; link < family_.links; ++link) {
    if ((links_to_close_ & bit(link)) != 0 && !(sending_.size > 0 && sending_.link == link)) {
      return begin(line, {.link = link}, JobKind::kClose, family_.close, now);
    }
  }
  return false;
}

bool Sockets::begin_state(Line& line, Instant now) {
  for (Socket& socket : sockets_) {
    if (socket.stage != Stage::kOpen) {
      continue;
    }
    const Job job{.slot = slot_of(socket), .link = socket.link};
    if (std::exchange(socket.count_due, false)) {
      if (family_.count.command.empty()) {
        socket.stage = Stage::kEnded;
        continue;
      }
      return begin(line, job, JobKind::kCount, family_.count, now);
    }
    if (std::exchange(socket.state_due, false) && !family_.state.command.empty()) {
      return begin(line, job, JobKind::kState, family_.state, now);
    }
  }
  return false;
}

void Sockets::finish(at::Runner& runner, Instant now) {
  const Job job = job_;
  job_ = {};
  if (job.kind == JobKind::kSend) {
    return finish_send(runner, job, now);
  }
  if (job.kind == JobKind::kClose) {
    links_to_close_ &= static_cast<std::uint16_t>(~bit(job.link));
    links_of_push_ &= static_cast<std::uint16_t>(~bit(job.link));
    return;
  }
  Socket& socket = sockets_[job.slot];
  if (socket.stage == Stage::kFree || socket.stage == Stage::kFailed || socket.generation != job.generation) {
    if (job.kind == JobKind::kCreate && runner.outcome() == at::Outcome::kDone) {
      links_to_close_ |= bit(at::number(runner.info()).value_or(0));
    }
    return;
  }
  switch (job.kind) {
    case JobKind::kPeer:
      return finish_peer(socket, runner);
    case JobKind::kCreate:
      return finish_create(socket, runner);
    case JobKind::kOpen:
      return finish_open(socket, runner, now);
    case JobKind::kRead:
      return finish_read(socket, runner, job.got_payload);
    case JobKind::kCount:
      return finish_count(socket, runner);
    case JobKind::kState:
      return finish_state(socket, runner, now);
    default:
      return;
  }
}

// The data connection goes to the address that the control connection has, whatever the name means by now.
void Sockets::finish_peer(Socket& socket, const at::Runner& runner) {
  const std::string_view address = at::unquoted(at::field(runner.info(), family_.peer_field));
  socket.stage = Stage::kWanted;
  if (runner.outcome() == at::Outcome::kDone && !address.empty() && address.size() <= kMaxHost &&
      at::is_quotable(address)) {
    std::copy(address.begin(), address.end(), socket.host.begin());
    socket.host_size = static_cast<std::uint8_t>(address.size());
  }
}

void Sockets::finish_create(Socket& socket, const at::Runner& runner) {
  const auto link = at::number(runner.info());
  if (runner.outcome() != at::Outcome::kDone || !link || *link >= family_.links) {
    ++failed_opens_;
    return fail(socket, Error::kIo);
  }
  socket.link = static_cast<std::uint8_t>(*link);
  socket.stage = Stage::kCreated;
}

void Sockets::finish_open(Socket& socket, const at::Runner& runner, Instant now) {
  if (socket.stage != Stage::kCreated) {
    return;  // Event::kOpened came first
  }
  if (runner.outcome() == at::Outcome::kTimedOut) {
    ++failed_opens_;
    return fail(socket, Error::kTimedOut);
  }
  if (runner.outcome() != at::Outcome::kDone) {
    return open_refused(socket, family_.opens_later ? family_.in_use_error : 1U);
  }
  if (!family_.opens_later) {
    return opened(socket, now);
  }
  socket.stage = Stage::kAwaiting;
  socket.due = now + family_.open_timeout;
}

void Sockets::finish_send(const at::Runner& runner, const Job& job, Instant now) {
  const bool again = runner.outcome() == at::Outcome::kLater;
  std::size_t taken = 0;
  if (runner.outcome() == at::Outcome::kDone) {
    taken = family_.sent_field == 0
                ? job.count
                : std::min<std::size_t>(at::number_field(runner.info(), family_.sent_field).value_or(0), job.count);
  }
  if (sending_.size == 0 || sending_.link != job.link) {
    return;
  }
  if (taken == 0 && sending_.give_up_at == kNever) {
    sending_.give_up_at = now + kSendPatience;
  }
  if ((runner.outcome() != at::Outcome::kDone && !again) || now >= sending_.give_up_at) {
    Socket* socket = of_link(job.link);
    sending_ = {};
    return socket == nullptr ? void() : fail(*socket, Error::kIo);
  }
  if (taken == 0) {
    sending_.not_before = now + kSendPause;
    return;
  }
  sending_.give_up_at = kNever;
  sending_.size -= taken;
  std::copy_n(send_buffer_.begin() + static_cast<std::ptrdiff_t>(taken), sending_.size, send_buffer_.begin());
}

void Sockets::finish_read(Socket& socket, const at::Runner& runner, bool got_payload) {
  const bool refused = runner.outcome() == at::Outcome::kRefused;
  const bool is_empty = refused && !family_.no_data.empty() && runner.info() == family_.no_data;
  if (runner.outcome() == at::Outcome::kTimedOut || (refused && !is_empty)) {
    return fail(socket, refused ? Error::kIo : Error::kTimedOut);
  }
  socket.data_waits = socket.data_waits || got_payload;  // until it is empty: nothing announces what came meanwhile
  socket.count_due = !socket.data_waits && socket.peer_closed;
}

void Sockets::finish_count(Socket& socket, const at::Runner& runner) {
  if (runner.outcome() == at::Outcome::kTimedOut) {
    return fail(socket, Error::kTimedOut);
  }
  if (runner.outcome() != at::Outcome::kDone) {
    return socket.push ? void(socket.stage = Stage::kEnded) : fail(socket, Error::kIo);
  }
  const auto total = at::number_field(runner.info(), 0);
  const auto unread = at::number_field(runner.info(), 2);
  if (unread.value_or(0) > 0 && !socket.push) {
    socket.data_waits = true;
    return;
  }
  if (total && *total != socket.received) {
    return fail(socket, Error::kIo);  // the module threw away what was not read
  }
  socket.stage = Stage::kEnded;
}

void Sockets::finish_state(Socket& socket, const at::Runner& runner, Instant now) {
  if (runner.outcome() != at::Outcome::kDone) {
    return;
  }
  const auto state = at::number_field(runner.info(), family_.state_field);
  if (state.value_or(0) != family_.state_open && !socket.peer_closed) {
    socket.peer_closed = true;  // and the line that told so got lost
    socket.data_waits = true;
    look_soon(socket, now);
  }
}

}  // namespace ferry::modem
