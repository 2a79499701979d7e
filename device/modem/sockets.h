// The connections of a module: two at a time, their buffers, and which exchange they need next.
//
// Connection 0 has a small receive buffer, for replies and a business link; connection 1, which open_beside() takes
// first, a large one, for files. What a module announces is given out only once it has come whole and its end is where
// it must be, so a line that loses bytes breaks the connection instead of inventing data.
#pragma once

#include <array>

#include "device/base/network.h"
#include "device/base/time.h"
#include "device/modem/family.h"
#include "device/modem/line.h"
#include "device/modem/ring.h"

namespace ferry::modem {

class Sockets {
 public:
  static constexpr std::size_t kCount = 2;
  static constexpr std::size_t kSmallBuffer = 512;
  static constexpr std::size_t kLargeBuffer = 1536;
  static constexpr std::size_t kSendBuffer = 512;
  static constexpr std::size_t kMaxHost = 64;

  Sockets(const Family& family, bool push) : family_(family), push_(push) {}

  // As in device/base/network.h. kInvalidArgument: a host that is too long or cannot be quoted.
  [[nodiscard]] Result<Connection> open(std::string_view host, std::uint16_t port);
  [[nodiscard]] Result<Connection> open_beside(Connection beside, std::uint16_t port);
  [[nodiscard]] ConnectionState state(Connection connection) const;
  [[nodiscard]] Result<std::size_t> send(Connection connection, ByteView bytes);
  [[nodiscard]] Result<std::size_t> receive(Connection connection, ByteSpan buffer);
  void close(Connection connection);

  // Begins the exchange that is due, if any; then finish() must follow once it has ended.
  [[nodiscard]] bool begin_next(Line& line, Instant now);
  void finish(at::Runner& runner, Instant now);

  void on_event(const at::Routed<Event>& event, Instant now);
  // True: the payload is wanted and counted; then take_payload() and end_payload() follow. Too much is Error::kCorrupt.
  [[nodiscard]] Result<bool> on_header(std::string_view text, std::uint32_t count, Instant now);
  [[nodiscard]] std::size_t payload_room() const;
  void take_payload(ByteView bytes);
  void end_payload(Instant now);

  void fail_all(Error error);  // the bearer is gone, or what comes in cannot be trusted
  void forget_links();         // the module has closed them all
  void handle_timeout(Instant now);
  [[nodiscard]] Instant poll_timeout() const;

  [[nodiscard]] bool any() const;            // a connection is open, wanted, or still to be closed
  [[nodiscard]] bool any_in_use() const;     // the user holds one
  [[nodiscard]] bool is_stuck(Instant now);  // pushed data that nobody takes holds up the line
  void fail_stuck();
  void stop_pushing() { push_ = false; }  // for good: this line or this module is not fit for it
  void look_at_all();                     // announcements may have been lost
  [[nodiscard]] bool reads() const { return job_.kind == JobKind::kRead; }
  [[nodiscard]] std::uint8_t failed_opens() const { return failed_opens_; }  // in a row, by the bearer's fault
  [[nodiscard]] bool proved() const { return proved_; }                      // a connection was made since the last ask
  void ask_proof() {
    proved_ = false;
    failed_opens_ = 0;
  }

 private:
  static constexpr std::uint8_t kNoLink = 0xFF;
  enum class Stage : std::uint8_t {
    kFree,
    kWanted,    // to be opened
    kPeer,      // as kWanted; the address of the peer beside is to be asked first
    kCreated,   // has a link number, is to be opened
    kAwaiting,  // Event::kOpened is to come
    kOpen,
    kEnded,  // the peer closed, and everything was read
    kFailed,
  };
  enum class JobKind : std::uint8_t { kNone, kPeer, kCreate, kOpen, kSend, kRead, kClose, kCount, kState };
  struct Job {
    JobKind kind = JobKind::kNone;
    std::uint8_t slot = 0;
    std::uint8_t link = kNoLink;
    std::uint16_t count = 0;
    std::uint16_t generation = 0;
    bool got_payload = false;
  };
  struct Frame {                  // the payload that is coming
    std::uint8_t slot = kNoLink;  // kNoLink: thrown away
    std::uint32_t left = 0;
  };
  struct Socket {
    explicit Socket(ByteSpan storage) : ring(storage) {}
    Ring ring;
    Stage stage = Stage::kFree;
    std::uint8_t link = kNoLink;
    std::uint8_t tries = 0;
    std::uint16_t generation = 0;
    std::uint16_t port = 0;
    bool push = false;
    bool data_waits = false;
    bool peer_closed = false;
    bool state_due = false;
    bool count_due = false;
    Error error{};
    std::uint32_t received = 0;
    Instant due = kNever;  // of Event::kOpened, or of the next slow look
    Duration pause{};      // between slow looks
    Instant full_since = kNever;
    std::array<char, kMaxHost> host{};
    std::uint8_t host_size = 0;
    [[nodiscard]] std::string_view host_text() const { return {host.data(), host_size}; }
  };
  struct Sending {
    std::uint8_t link = kNoLink;
    std::size_t size = 0;
    Instant not_before{};
    Instant give_up_at = kNever;
  };

  [[nodiscard]] Socket* find(Connection connection);
  [[nodiscard]] const Socket* find(Connection connection) const;
  [[nodiscard]] Socket* of_link(std::uint32_t link);
  [[nodiscard]] std::uint8_t slot_of(const Socket& socket) const;
  [[nodiscard]] Result<Connection> take(std::uint8_t first, std::string_view host, std::uint16_t port);
  [[nodiscard]] Connection handle(const Socket& socket) const;
  void fail(Socket& socket, Error error);
  void release(Socket& socket);
  void abandon_link(Socket& socket);
  void opened(Socket& socket, Instant now);
  void open_refused(Socket& socket, std::uint32_t error);
  void look_soon(Socket& socket, Instant now);

  [[nodiscard]] bool begin(Line& line, Job job, JobKind kind, const at::Exchange& exchange, Instant now,
                           ByteView payload = {});
  [[nodiscard]] bool begin_send(Line& line, Instant now);
  [[nodiscard]] bool begin_read(Line& line, Instant now);
  [[nodiscard]] bool begin_open(Line& line, Instant now);
  [[nodiscard]] bool begin_close(Line& line, Instant now);
  [[nodiscard]] bool begin_state(Line& line, Instant now);
  [[nodiscard]] bool choose_link(Socket& socket);
  void finish_peer(Socket& socket, const at::Runner& runner);
  void finish_open(Socket& socket, const at::Runner& runner, Instant now);
  void finish_create(Socket& socket, const at::Runner& runner);
  void finish_send(const at::Runner& runner, const Job& job, Instant now);
  void finish_read(Socket& socket, const at::Runner& runner, bool got_payload);
  void finish_count(Socket& socket, const at::Runner& runner);
  void finish_state(Socket& socket, const at::Runner& runner, Instant now);

  const Family& family_;
  bool push_;
  std::array<std::uint8_t, kSmallBuffer> small_{};
  std::array<std::uint8_t, kLargeBuffer> large_{};
  std::array<std::uint8_t, kSendBuffer> send_buffer_{};
  std::array<Socket, kCount> sockets_{Socket{small_}, Socket{large_}};
  Job job_;
  Frame frame_;
  Sending sending_;
  std::uint16_t links_to_close_ = 0;  // a bit each
  std::uint16_t links_of_push_ = 0;
  std::uint8_t next_link_ = 0;
  std::uint8_t next_read_ = 0;
  std::uint8_t failed_opens_ = 0;
  bool proved_ = false;
  bool push_is_unsafe_ = false;
};

}  // namespace ferry::modem
