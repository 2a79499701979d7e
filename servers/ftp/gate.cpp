#include "servers/ftp/gate.h"

namespace ferry::server::ftp {

Gate::Answer Gate::enter(const std::string& address, Instant now) {
  forget(now);
  if (sessions_ >= limits_.sessions) {
    return Answer::kServerFull;
  }
  Visitor& visitor = visitors_[address];
  if (now >= visitor.forgiven) {
    visitor.failures = 0;
  }
  if (visitor.failures >= limits_.failed_logins_per_address) {
    return Answer::kLockedOut;
  }
  if (visitor.sessions >= limits_.sessions_per_address) {
    return Answer::kAddressFull;
  }
  ++visitor.sessions;
  ++sessions_;
  return Answer::kCome;
}

void Gate::leave(const std::string& address, Instant now) {
  --sessions_;
  Visitor& visitor = visitors_[address];
  --visitor.sessions;
  if (visitor.sessions == 0 && (visitor.failures == 0 || now >= visitor.forgiven)) {
    visitors_.erase(address);
  }
}

void Gate::login_failed(const std::string& address, Instant now) {
  Visitor& visitor = visitors_[address];
  if (visitor.failures == 0 || now >= visitor.forgiven) {
    visitor.failures = 0;
    visitor.forgiven = now + limits_.failed_login_window;
  }
  ++visitor.failures;
}

// Once a window: whoever is gone and forgiven is forgotten.
void Gate::forget(Instant now) {
  if (now < next_sweep_) {
    return;
  }
  next_sweep_ = now + limits_.failed_login_window;
  std::erase_if(visitors_,
                [now](const auto& entry) { return entry.second.sessions == 0 && now >= entry.second.forgiven; });
}

}  // namespace ferry::server::ftp
