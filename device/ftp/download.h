// One file, whatever it takes: connects, fetches, and after any drop, time-out or 421 backs off and goes on where the
// sink stands. Keeps the control connection for the next file.
#pragma once

#include "device/ftp/client.h"

namespace ferry::ftp {

class ResumableSink : public Sink {
 public:
  // Where to go on: bytes that the sink holds.
  [[nodiscard]] virtual std::uint32_t received() const = 0;
  // Copies the last bytes that the sink holds, at most last.size(), to the front of `last`, and returns how many. They
  // are fetched again on a resume and compared, so that a server that continues at the wrong place is found out before
  // a wrong byte is taken. 0 (the default) does without where the download cannot remember them itself, which is at
  // its start.
  [[nodiscard]] virtual std::size_t tail(ByteSpan last) {
    static_cast<void>(last);
    return 0;
  }

 protected:
  ~ResumableSink() = default;
};

struct RetryPolicy {
  std::uint8_t attempts = 6;  // in a row without progress; then the download fails with the last error
  Duration first_pause = 5s;  // doubles each time, with jitter of up to a quarter either way
  Duration longest_pause = 300s;
  std::uint32_t progress = 256;  // new bytes that make an attempt count as progress
};

enum class DownloadState : std::uint8_t { kIdle, kWorking, kDone, kFailed };

class Download {
 public:
  static constexpr std::size_t kOverlap = 16;

  Download(Client& client, RetryPolicy policy, std::uint32_t jitter_seed);

  // `expected` as in Client::retrieve; with it the download is done exactly when so many bytes are in the sink. What
  // cannot get better by trying again fails at once: kFtpFileUnavailable (550), kFtpLoginRefused, kFtpTooMuchData,
  // kFtpSizeMismatch (what the sink holds is not a beginning of the file: start over with an empty sink), kBadUri,
  // kInvalidArgument, kOutOfRange, the sink's errors. `path` must outlive the download.
  void start(const Server& server, std::string_view path, std::optional<std::uint32_t> expected, std::uint32_t limit,
             ResumableSink& sink, Instant now);
  void cancel();  // closes the connection; to kIdle
  void poll(Instant now);
  [[nodiscard]] Instant poll_timeout() const;
  [[nodiscard]] DownloadState state() const { return state_; }
  [[nodiscard]] Status outcome() const { return outcome_; }

 private:
  // Compares the overlap, passes on the rest, and remembers whether an error was the sink's.
  class CheckedSink final : public Sink {
   public:
    void start(ResumableSink& sink);  // a new download
    void begin();                     // a new attempt
    [[nodiscard]] Status write(ByteView bytes) override;
    [[nodiscard]] std::size_t overlap() const { return overlap_; }
    [[nodiscard]] bool failed() const { return failed_; }
    [[nodiscard]] bool differed() const { return differed_; }

   private:
    void remember(ByteView bytes);

    ResumableSink* sink_ = nullptr;
    std::array<std::uint8_t, kOverlap> tail_{};  // the last bytes of the sink, tail_size_ of them
    std::size_t tail_size_ = 0;
    std::uint32_t tail_end_ = 0;  // what the sink held with them
    std::size_t overlap_ = 0;
    std::size_t compared_ = 0;
    bool failed_ = false;
    bool differed_ = false;
  };

  enum class Phase : std::uint8_t { kPausing, kConnecting, kRetrieving };

  void connect(Instant now);
  void retrieve(Instant now);
  void judge(Instant now);
  [[nodiscard]] bool is_complete(const Status& outcome) const;
  [[nodiscard]] bool is_final(Error error) const;
  void retry(Error error, Instant now);
  void finish(Status outcome);
  [[nodiscard]] Duration next_pause();

  Client& client_;
  RetryPolicy policy_;
  std::uint32_t random_;
  DownloadState state_ = DownloadState::kIdle;
  Phase phase_ = Phase::kPausing;
  Status outcome_;
  Server server_;
  std::string_view path_;
  std::optional<std::uint32_t> expected_;
  std::uint32_t limit_ = 0;
  ResumableSink* sink_ = nullptr;
  CheckedSink checked_;
  std::uint32_t held_before_ = 0;  // bytes in the sink when the last attempt began
  std::uint8_t failures_ = 0;
  Instant retry_at_ = kNever;
};

}  // namespace ferry::ftp
