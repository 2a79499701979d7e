#include "device/ftp/download.h"

#include <algorithm>

namespace ferry::ftp {

void Download::CheckedSink::start(ResumableSink& sink) {
  sink_ = &sink;
  tail_size_ = 0;
}

void Download::CheckedSink::begin() {
  const std::uint32_t held = sink_->received();
  std::array<std::uint8_t, kOverlap> last{};
  if (const std::size_t size = sink_->tail(last); size > 0) {
    tail_ = last;
    tail_size_ = std::min<std::size_t>({size, kOverlap, held});
  } else if (tail_end_ != held) {
    tail_size_ = 0;
  }
  overlap_ = tail_size_;
  compared_ = 0;
  failed_ = false;
  differed_ = false;
}

Status Download::CheckedSink::write(ByteView bytes) {
  const std::size_t size = std::min(bytes.size(), overlap_ - compared_);
  if (!equal(bytes.first(size), ByteView(tail_).subspan(compared_, size))) {
    differed_ = true;
    return fail(Error::kFtpSizeMismatch);
  }
  compared_ += size;
  bytes = bytes.subspan(size);
  if (bytes.empty()) {
    return ok();
  }
  const Status written = sink_->write(bytes);
  failed_ = !written.has_value();
  remember(bytes);
  return written;
}

void Download::CheckedSink::remember(ByteView bytes) {
  const ByteView last = bytes.last(std::min(bytes.size(), kOverlap));
  const std::size_t kept = std::min(tail_size_, kOverlap - last.size());
  std::copy(tail_.begin() + (tail_size_ - kept), tail_.begin() + tail_size_, tail_.begin());
  copy(last, ByteSpan(tail_).subspan(kept));
  tail_size_ = kept + last.size();
  tail_end_ = sink_->received();
}

Download::Download(Client& client, RetryPolicy policy, std::uint32_t jitter_seed)
    : client_(client), policy_(policy), random_(jitter_seed) {}

void Download::start(const Server& server, std::string_view path, std::optional<std::uint32_t> expected,
                     std::uint32_t limit, ResumableSink& sink, Instant now) {
  const bool can_go_on = client_.state() == ClientState::kReady && client_.server() == server;
  if (!can_go_on) {
    client_.close();
  }
  server_ = server;
  path_ = path;
  expected_ = expected;
  limit_ = limit;
  sink_ = &sink;
  checked_.start(sink);
  held_before_ = sink.received();
  failures_ = 0;
  state_ = DownloadState::kWorking;
  outcome_ = ok();
  if (expected_ && *expected_ == sink.received()) {
    return finish(ok());
  }
  if (can_go_on) {
    retrieve(now);
  } else {
    connect(now);
  }
}

void Download::cancel() {
  client_.close();
  state_ = DownloadState::kIdle;
  retry_at_ = kNever;
}

void Download::poll(Instant now) {
  client_.poll(now);
  if (state_ != DownloadState::kWorking) {
    return;
  }
  if (phase_ == Phase::kPausing) {
    if (now >= retry_at_) {
      connect(now);
    }
    return;
  }
  if (client_.state() == ClientState::kWorking) {
    return;
  }
  if (phase_ == Phase::kConnecting && client_.state() == ClientState::kReady) {
    retrieve(now);
    return;
  }
  judge(now);
}

Instant Download::poll_timeout() const {
  const bool pausing = state_ == DownloadState::kWorking && phase_ == Phase::kPausing;
  return std::min(client_.poll_timeout(), pausing ? retry_at_ : kNever);
}

void Download::connect(Instant now) {
  phase_ = Phase::kConnecting;
  client_.connect(server_, now);
}

void Download::retrieve(Instant now) {
  phase_ = Phase::kRetrieving;
  checked_.begin();
  const auto overlap = static_cast<std::uint32_t>(checked_.overlap());
  client_.retrieve(path_, sink_->received() - overlap, expected_, limit_, checked_, now);
}

// An attempt is over, well or not.
void Download::judge(Instant now) {
  const bool was_retrieving = phase_ == Phase::kRetrieving;
  const Status outcome = client_.outcome();
  if (was_retrieving && is_complete(outcome)) {
    return finish(ok());
  }
  const Error error = outcome ? Error::kClosed : outcome.error();
  if (was_retrieving && checked_.differed() && client_.rest_works()) {
    client_.distrust_rest();
    return retry(error, now);
  }
  const bool sink_failed = was_retrieving && checked_.failed();
  if (sink_failed || is_final(error)) {
    return finish(fail(error));
  }
  retry(error, now);
}

bool Download::is_complete(const Status& outcome) const {
  if (!expected_) {
    return outcome.has_value();
  }
  const bool is_wrong = !outcome && is_final(outcome.error());  // too many bytes, or not from where we asked
  return sink_->received() == *expected_ && !is_wrong;
}

bool Download::is_final(Error error) const {
  switch (error) {
    case Error::kFtpFileUnavailable:
    case Error::kFtpLoginRefused:
    case Error::kFtpTooMuchData:
    case Error::kFtpSizeMismatch:
    case Error::kBadUri:
    case Error::kInvalidArgument:
    case Error::kOutOfRange:
      return true;
    default:
      return false;
  }
}

void Download::retry(Error error, Instant now) {
  const std::uint32_t held = sink_->received();
  if (held - held_before_ >= policy_.progress) {
    failures_ = 0;
  }
  held_before_ = held;
  ++failures_;
  if (failures_ >= policy_.attempts) {
    return finish(fail(error));
  }
  client_.close();
  phase_ = Phase::kPausing;
  retry_at_ = now + next_pause();
}

Duration Download::next_pause() {
  Duration pause = policy_.first_pause;
  for (int i = 1; i < failures_ && pause < policy_.longest_pause; ++i) {
    pause *= 2;
  }
  pause = std::min(pause, policy_.longest_pause);
  random_ = random_ * 1664525U + 1013904223U;  // only spreads load
  const auto jitter = static_cast<std::int64_t>(random_ >> 16) - 0x8000;
  return pause + pause * jitter / 0x20000;
}

void Download::finish(Status outcome) {
  outcome_ = outcome;
  state_ = outcome ? DownloadState::kDone : DownloadState::kFailed;
  retry_at_ = kNever;
}

}  // namespace ferry::ftp
