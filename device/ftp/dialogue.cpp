#include "device/ftp/dialogue.h"

#include <algorithm>

namespace ferry::ftp {

namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::uint16_t kServiceNotAvailable = 421;

char* append(char* to, std::string_view text) {
  return std::copy(text.begin(), text.end(), to);
}

// In decimal. (std::to_chars() has a table of 200 bytes to be quick at it.)
char* append(char* to, std::uint32_t number) {
  std::array<char, 10> digits;
  std::size_t first = digits.size();
  do {
    digits[--first] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  return append(to, {digits.data() + first, digits.size() - first});
}

}  // namespace

void Dialogue::connect(std::string_view user, std::string_view password, Instant now) {
  if (step_ != Step::kIdle) {
    return refuse(Error::kWrongState);
  }
  if (!is_argument(user) || !(password.empty() || is_argument(password))) {
    return refuse(Error::kInvalidArgument);
  }
  user_ = user;
  password_ = password;
  reader_.reset();
  outcome_ = ok();
  signal(Signal::kConnect, now);
}

void Dialogue::retrieve(std::string_view path, const Intake& intake, Instant now) {
  if (!begin(Step::kRetr, path)) {
    return;
  }
  kind_ = Kind::kRetrieve;
  intake_ = intake;
  if (intake_.whole()) {
    return;
  }
  if (!rest_works_) {
    intake_.send_starts_at_zero();
  }
  signal(Signal::kTransfer, now);
}

void Dialogue::upload(Upload kind, std::string_view path, Instant now) {
  const bool storing = kind == Upload::kStore;
  if (begin(storing ? Step::kStor : Step::kAppe, path)) {
    kind_ = storing ? Kind::kStore : Kind::kAppend;
    signal(Signal::kTransfer, now);
  }
}

void Dialogue::size(std::string_view path, Instant now) {
  if (begin(Step::kSize, path)) {
    file_size_ = 0;
    signal(Signal::kGetSize, now);
  }
}

void Dialogue::leave(Instant now) {
  if (step_ == Step::kReady) {
    signal(Signal::kLeave, now);
  } else {
    reset();
  }
}

void Dialogue::reset() {
  step_ = Step::kIdle;
  deadline_ = kNever;
  pending_ = {};
  data_port_.reset();
  reader_.reset();
}

void Dialogue::forget_server() {
  epsv_works_ = true;
  rest_works_ = true;
}

// Composes the command with the path now, though others go before it: so one buffer serves for both.
bool Dialogue::begin(Step command, std::string_view path) {
  if (step_ != Step::kReady) {
    refuse(Error::kWrongState);
    return false;
  }
  if (!is_argument(path)) {
    refuse(Error::kBadUri);
    return false;
  }
  outcome_ = ok();
  noted_ = kGivenError;
  refused_ = false;
  intake_ = {};
  path_command_ = compose(info(command).command(), path);
  return true;
}

ByteView Dialogue::compose(std::string_view command, std::string_view argument) {
  char* end = append(append(append(line_.data(), command), argument), kLineEnd);
  return as_bytes({line_.data(), static_cast<std::size_t>(end - line_.data())});
}

// An orphaned transfer keeps its control connection, for a server may end both together; but nothing is read from it.
bool Dialogue::hears_control() const {
  return info(step_).holds_control && step_ != Step::kConnecting && step_ != Step::kOrphaned;
}

void Dialogue::receive(ByteView control_bytes, Instant now) {
  while (!control_bytes.empty() && hears_control()) {
    const auto reply = reader_.receive(control_bytes);
    if (!reply) {
      return signal(Signal::kLost, now, reply.error());
    }
    if (!reply->has_value()) {
      return;
    }
    const std::uint16_t code = (*reply)->code;
    reply_text_ = (*reply)->text;
    if (!pending_.empty() && code != kServiceNotAvailable) {
      signal(Signal::kTooEarly, now);
    } else {
      apply(code, now, kGivenError);
    }
  }
}

void Dialogue::signal(Signal signal, Instant now, Error error) {
  apply(static_cast<std::uint16_t>(signal), now, error);
}

void Dialogue::handle_timeout(Instant now) {
  if (now >= deadline_) {
    deadline_ = kNever;
    signal(Signal::kTimedOut, now, Error::kTimedOut);
  }
}

ByteView Dialogue::admit(ByteView data, Instant now) {
  const ByteView admitted = intake_.admit(data);
  progressed(data.size(), now);
  if (intake_.overflowed()) {
    signal(Signal::kOverflow, now);
  }
  return admitted;
}

void Dialogue::sent_data(std::size_t size, Instant now) {
  progressed(size, now);
}

// A byte now and then is no progress: the timer starts anew for every kStallBytes only.
void Dialogue::progressed(std::size_t size, Instant now) {
  stall_bytes_ += static_cast<std::uint32_t>(size);
  if (stall_bytes_ >= kStallBytes) {
    restart_timer(now);
  }
}

std::optional<std::uint16_t> Dialogue::poll_data_port() {
  return std::exchange(data_port_, std::nullopt);
}

void Dialogue::apply(std::uint16_t trigger, Instant now, Error given) {
  for (const Transition& row : transitions()) {
    const bool fits = (row.step == step_ || row.step == Step::kAny) && row.from <= trigger && trigger <= row.to;
    if (fits && holds(row.guard)) {
      perform(row.effect, row.error == kGivenError ? given : row.error);
      enter(row.next, now);
      break;
    }
  }
  if (step_ == Step::kDataConnecting && trigger >= 100 && !data_port_) {
    signal(Signal::kDataLost, now);
  }
}

bool Dialogue::holds(Guard guard) const {
  const bool resuming = kind_ == Kind::kRetrieve && intake_.offset() > 0 && rest_works_;
  switch (guard) {
    case Guard::kAlways:
      return true;
    case Guard::kEpsvWorks:
      return epsv_works_;
    case Guard::kUsedEpsv:
      return used_epsv_;
    case Guard::kStoring:
      return kind_ == Kind::kStore;
    case Guard::kAppending:
      return kind_ == Kind::kAppend;
    case Guard::kResuming:
      return resuming;
    case Guard::kResumingBlind:
      return resuming && !intake_.size_is_known();
    case Guard::kWhole:
      return intake_.whole();
    case Guard::kNothingMissing:
      return intake_.size_is_known() ? intake_.whole() : !refused_;
  }
  return false;
}

void Dialogue::perform(Effect effect, Error error) {
  switch (effect) {
    case Effect::kNone:
      return;
    case Effect::kSucceed:
      outcome_ = ok();
      return;
    case Effect::kFail:
      return refuse(error);
    case Effect::kFailNoted:
      return refuse(noted_);
    case Effect::kNote:
      noted_ = error;
      return;
    case Effect::kNoteRefusal:
      refused_ = true;
      return;
    case Effect::kForgetEpsv:
      epsv_works_ = false;
      return;
    case Effect::kForgetRest:
      rest_works_ = false;
      intake_.send_starts_at_zero();
      return;
    case Effect::kFailEpsv:
      epsv_works_ = false;
      return refuse(error);
    case Effect::kFailRest:
      rest_works_ = false;
      return refuse(error);
    case Effect::kNoteRest:
      rest_works_ = false;
      noted_ = error;
      return;
    case Effect::kTakeEpsvPort:
      used_epsv_ = true;
      data_port_ = parse_epsv(reply_text_);
      return;
    case Effect::kTakePasvPort:
      used_epsv_ = false;
      data_port_ = parse_pasv(reply_text_);
      return;
    case Effect::kTakeSize: {
      const auto size = parse_size(reply_text_);
      file_size_ = size.value_or(0);
      outcome_ = size ? ok() : Status(fail(Error::kFtpMalformedReply));
      return;
    }
  }
}

void Dialogue::enter(Step next, Instant now) {
  if (next == step_) {
    return;
  }
  step_ = next;
  pending_ = {};
  load_command();
  restart_timer(now);
}

void Dialogue::load_command() {
  const std::string_view command = info(step_).command();
  if (command.empty() || command.ends_with('\n')) {
    pending_ = as_bytes(command);
  } else if (step_ == Step::kUser || step_ == Step::kPass) {
    pending_ = compose(command, step_ == Step::kUser ? user_ : password_);
  } else if (step_ == Step::kRest) {
    char* end = append(append(append(rest_.data(), command), intake_.offset()), kLineEnd);
    pending_ = as_bytes({rest_.data(), static_cast<std::size_t>(end - rest_.data())});
  } else {
    pending_ = path_command_;
  }
}

void Dialogue::restart_timer(Instant now) {
  stall_bytes_ = 0;
  switch (info(step_).timer) {
    case Timer::kNone:
      deadline_ = kNever;
      return;
    case Timer::kConnect:
      deadline_ = now + timeouts_.connect;
      return;
    case Timer::kReply:
      deadline_ = now + timeouts_.reply;
      return;
    case Timer::kStall:
      deadline_ = now + timeouts_.stall;
      return;
  }
}

}  // namespace ferry::ftp
