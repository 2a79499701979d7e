#include "tools/modem/module_loop.h"

#include <boost/asio/post.hpp>

namespace ferry::tool {

namespace asio = boost::asio;

ModuleLoop::ModuleLoop(asio::io_context& io, sim::ModemConfig config)
    : io_(io),
      timer_(io),
      network_(io, [this] { wake(); }),
      line_(io, [this] { wake(); }),
      module_(clock_, network_, config) {
  // A PTY or TCP connection has no rate of its own, and holds the module off while it is full.
  module_.uart().host_follows = true;
}

Duration ModuleLoop::elapsed() const {
  return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - started_);
}

// Any number of reasons in one turn make one step.
void ModuleLoop::wake() {
  if (!std::exchange(woken_, true)) {
    asio::post(io_, [this] {
      woken_ = false;
      step();
    });
  }
}

void ModuleLoop::step() {
  clock_.advance_to(Instant{elapsed()});
  constexpr int kRounds = 64;
  for (int round = 0; round < kRounds; ++round) {
    pump();
    if (!module_.poll()) {
      break;
    }
  }
  pump();
  arm();
}

void ModuleLoop::pump() {
  if (from_host_at_ == from_host_size_) {
    from_host_at_ = 0;
    from_host_size_ = line_.read(from_host_);
  }
  const ByteView up = ByteView(from_host_).first(from_host_size_).subspan(from_host_at_);
  from_host_at_ += module_.uart().write(up).value_or(0);

  if (to_host_at_ == to_host_size_) {
    to_host_at_ = 0;
    to_host_size_ = module_.uart().read(to_host_).value_or(0);
  }
  const ByteView down = ByteView(to_host_).first(to_host_size_).subspan(to_host_at_);
  // Nobody listens: a line without a host loses what is sent.
  to_host_at_ += line_.is_connected() ? line_.write(down) : down.size();
}

void ModuleLoop::arm() {
  const Instant next = module_.next_event();
  if (next == kNever) {
    return;
  }
  timer_.expires_at(started_ + std::max(next.time_since_epoch(), clock_.world_now().time_since_epoch() + Duration{1}));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) {
      wake();
    }
  });
}

}  // namespace ferry::tool
