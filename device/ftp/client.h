// An FTP client for one visit: connect, log in, transfer files one at a time, quit (RFC 959, 2428, 3659).
// Shell over ftp/dialogue.h (what to say next) and ftp/reply.h (grammar); pumps two connections of a Network.
#pragma once

#include <optional>

#include "device/base/network.h"
#include "device/ftp/dialogue.h"

namespace ferry::ftp {

struct Server {  // texts must outlive the visit
  std::string_view host;
  std::uint16_t port = 21;
  std::string_view user = "anonymous";
  std::string_view password = "ferry";

  friend bool operator==(const Server&, const Server&) = default;
};

// Where a download's bytes go, in order.
class Sink {
 public:
  [[nodiscard]] virtual Status write(ByteView bytes) = 0;

 protected:
  ~Sink() = default;  // never deleted through the port
};

enum class ClientState : std::uint8_t {
  kIdle,     // no connection
  kWorking,  // busy with the last request
  kReady,    // logged in; the last request ended, outcome() says how
  kFailed,   // the control connection is lost or unusable; close() leads back to kIdle
};

class Client {
 public:
  static constexpr std::size_t kMaxPath = ftp::kMaxPath;
  static constexpr std::size_t kBufferSize = 512;  // bytes read at a time, on the stack

  explicit Client(Network& network, Timeouts timeouts = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Requests. Each needs kIdle (connect) or kReady (the others), else outcome() becomes kWrongState. Connecting to the
  // same server again goes on with what was learnt of it (no EPSV, no REST) until quit().
  void connect(const Server& server, Instant now);  // to kReady: logged in, TYPE I
  // Delivers the file from `offset` to `sink`. `expected`: size of the whole file where known, and then never a byte
  // more is taken. Where not known, at most `limit` bytes of the file are taken (kFtpTooMuchData past it).
  // A server that refuses REST sends from the beginning: the first `offset` bytes are dropped. One that accepts REST
  // and sends from the beginning all the same is found out by counting, at the end (kFtpSizeMismatch; what the sink
  // got is wrong), and is not asked for REST again.
  void retrieve(std::string_view path, std::uint32_t offset, std::optional<std::uint32_t> expected, std::uint32_t limit,
                Sink& sink, Instant now);
  void size(std::string_view path, Instant now);                      // SIZE; file_size() when outcome() is good
  void store(std::string_view path, ByteView content, Instant now);   // STOR; content must outlive the request
  void append(std::string_view path, ByteView content, Instant now);  // APPE
  void quit(Instant now);  // QUIT and close; to kIdle whatever the server says; at once where not kReady
  void close();            // at once, to kIdle

  void poll(Instant now);
  [[nodiscard]] Instant poll_timeout() const;  // when poll() is due even if nothing arrives
  [[nodiscard]] ClientState state() const;
  // Of the last request; a connection that is lost between requests shows in state() alone.
  // Errors: kFtp*, kClosed, kTimedOut, kIo, kBadUri (a path that is no argument of a command), kInvalidArgument (user
  // or password likewise), kOutOfRange (offset behind expected or limit), the sink's.
  [[nodiscard]] Status outcome() const { return dialogue_.outcome(); }
  [[nodiscard]] std::uint32_t delivered() const;  // bytes given to the sink by the last retrieve
  [[nodiscard]] std::uint64_t file_size() const { return dialogue_.file_size(); }
  [[nodiscard]] std::uint64_t bytes_over_the_air() const { return bytes_over_the_air_; }  // payload of TCP, all of it
  [[nodiscard]] const Server& server() const { return server_; }                          // of the last connect()
  [[nodiscard]] bool rest_works() const { return dialogue_.rest_works(); }                // as far as is known
  void distrust_rest() { dialogue_.distrust_rest(); }  // the caller found that what came was not from the offset

 private:
  void pump_rounds(Instant now);
  bool pump(Instant now);
  bool watch_connecting(Instant now);
  bool transmit(Instant now);
  bool receive_control(Instant now);
  bool move_data(Instant now);
  bool receive_data(Instant now);
  bool send_data(Instant now);
  bool follow_dialogue(Instant now);
  void close_connection(Connection& connection);

  Network& network_;
  Dialogue dialogue_;
  Server server_;
  Connection control_ = Connection::kNone;
  Connection data_ = Connection::kNone;
  Sink* sink_ = nullptr;
  ByteView content_;  // of an upload, what is not sent yet
  std::uint64_t bytes_over_the_air_ = 0;
  Instant due_ = kNever;  // more is waiting to be read: come back at once
};

}  // namespace ferry::ftp
