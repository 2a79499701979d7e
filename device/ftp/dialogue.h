// The protocol machine of one FTP visit. No I/O, no clock: control bytes, data bytes and what became of connections go
// in; commands to send and connections to open come out. Walks the table of transitions.h.
#pragma once

#include <array>

#include "device/base/time.h"
#include "device/ftp/intake.h"
#include "device/ftp/path.h"
#include "device/ftp/reply.h"
#include "device/ftp/transitions.h"

namespace ferry::ftp {

struct Timeouts {
  Duration connect = 30s;
  Duration reply = 30s;
  Duration stall = 60s;  // fewer than Dialogue::kStallBytes of data in so long
};

class Dialogue {
 public:
  static constexpr std::uint32_t kStallBytes = 512;
  enum class Upload : std::uint8_t { kStore, kAppend };

  explicit Dialogue(Timeouts timeouts) : timeouts_(timeouts) {}

  // Requests; each ends when step() is kReady, kFailed or (leave) kIdle, and outcome() says how. The texts of connect()
  // must outlive the login; a path is copied.
  void connect(std::string_view user, std::string_view password, Instant now);
  void retrieve(std::string_view path, const Intake& intake, Instant now);
  void upload(Upload kind, std::string_view path, Instant now);
  void size(std::string_view path, Instant now);
  void leave(Instant now);
  void reset();          // to kIdle; what was learnt of the server stays
  void forget_server();  // another server, or another visit: nothing is known of it

  // Input. `error` says why, for kLost and kSinkFailed.
  void receive(ByteView control_bytes, Instant now);
  void signal(Signal signal, Instant now, Error error = kGivenError);
  void handle_timeout(Instant now);
  // Data of a retrieve: returns the part that goes to the sink. Signals kOverflow itself.
  [[nodiscard]] ByteView admit(ByteView data, Instant now);
  void sent_data(std::size_t size, Instant now);  // of an upload

  // Output.
  [[nodiscard]] ByteView poll_transmit() const { return pending_; }  // for the control connection
  void transmitted(std::size_t size) { pending_ = pending_.subspan(size); }
  // Once for each data connection that is to be opened beside the control connection: its port.
  [[nodiscard]] std::optional<std::uint16_t> poll_data_port();
  [[nodiscard]] Instant poll_timeout() const { return deadline_; }

  [[nodiscard]] bool hears_control() const;  // replies are of interest
  [[nodiscard]] Step step() const { return step_; }
  [[nodiscard]] Status outcome() const { return outcome_; }
  void refuse(Error error) { outcome_ = fail(error); }  // a request that was not even begun
  [[nodiscard]] const Intake& intake() const { return intake_; }
  [[nodiscard]] std::uint64_t file_size() const { return file_size_; }
  [[nodiscard]] bool rest_works() const { return rest_works_; }
  void distrust_rest() { rest_works_ = false; }

 private:
  enum class Kind : std::uint8_t { kRetrieve, kStore, kAppend };

  void apply(std::uint16_t trigger, Instant now, Error given);
  [[nodiscard]] bool holds(Guard guard) const;
  void perform(Effect effect, Error error);
  void enter(Step next, Instant now);
  void load_command();
  void restart_timer(Instant now);
  void progressed(std::size_t size, Instant now);
  [[nodiscard]] bool begin(Step command, std::string_view path);
  [[nodiscard]] ByteView compose(std::string_view command, std::string_view argument);

  Timeouts timeouts_;
  Step step_ = Step::kIdle;
  Kind kind_ = Kind::kRetrieve;
  bool epsv_works_ = true;
  bool rest_works_ = true;
  bool used_epsv_ = false;
  bool refused_ = false;  // a negative final reply, or a broken data connection
  Error noted_ = kGivenError;
  Status outcome_;
  Instant deadline_ = kNever;
  std::uint32_t stall_bytes_ = 0;
  std::optional<std::uint16_t> data_port_;
  std::uint64_t file_size_ = 0;
  std::string_view user_;
  std::string_view password_;
  Intake intake_;
  ReplyReader reader_;
  std::string_view reply_text_;
  ByteView pending_;       // of the command, what is not sent yet
  ByteView path_command_;  // in line_, from the request until its turn comes
  std::array<char, 5 + kMaxPath + 2> line_{};
  std::array<char, 18> rest_{};
};

}  // namespace ferry::ftp
