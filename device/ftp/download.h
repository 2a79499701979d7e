// One file, whatever it takes: connects, fetches, and after any drop, time-out or 421 backs off and goes on where the
// sink stands. Keeps the control connection for the next file.
#pragma once

#include "device/ftp/client.h"

namespace ferry::ftp {

class ResumableSink : public Sink {
 public:
  // Where to go on: bytes that the sink holds.
  [[nodiscard]] virtual std::uint32_t received() const = 0;
};

struct RetryPolicy {
  std::uint8_t attempts = 6;  // in a row without one new byte; then the download fails with the last error
  Duration first_pause = 5s;  // doubles each time, with jitter
  Duration longest_pause = 300s;
};

enum class DownloadState : std::uint8_t { kIdle, kWorking, kDone, kFailed };

class Download {
 public:
  Download(Client& client, RetryPolicy policy, std::uint32_t jitter_seed);

  // `expected` as in Client::retrieve; with it the download is done exactly when so many bytes are in the sink. What
  // cannot get better by trying again fails at once: kFtpFileUnavailable (550), kFtpLoginRefused, kFtpTooMuchData,
  // kBadUri, the sink's errors.
  void start(const Server& server, std::string_view path, std::optional<std::uint32_t> expected, std::uint32_t limit,
             ResumableSink& sink, Instant now);
  void cancel();
  void poll(Instant now);
  [[nodiscard]] Instant poll_timeout() const;
  [[nodiscard]] DownloadState state() const;
  [[nodiscard]] Status outcome() const;
};

}  // namespace ferry::ftp
