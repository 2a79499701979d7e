// An FTP client for one visit: connect, log in, transfer files one at a time, quit (RFC 959, 2389, 2428, 3659).
// Shell over ftp/reply.h (grammar) and ftp/dialogue.h (what to say next); pumps two connections of a Network.
#pragma once

#include "device/base/network.h"
#include "device/base/time.h"

namespace ferry::ftp {

struct Server {  // texts must outlive the visit
  std::string_view host;
  std::uint16_t port = 21;
  std::string_view user = "anonymous";
  std::string_view password = "ferry";
};

struct Timeouts {
  Duration connect = 30s;
  Duration reply = 30s;
  Duration stall = 60s;  // no byte of data for so long
};

// Where a download's bytes go, in order.
class Sink {
 public:
  virtual ~Sink() = default;
  [[nodiscard]] virtual Status write(ByteView bytes) = 0;
};

enum class ClientState : std::uint8_t {
  kIdle,     // no connection
  kWorking,  // busy with the last request
  kReady,    // logged in; the last request ended, outcome() says how
  kFailed,   // the control connection is lost or unusable; outcome() says why; close() leads back to kIdle
};

class Client {
 public:
  static constexpr std::size_t kMaxPath = 192;
  static constexpr std::size_t kBufferSize = 1024;  // data read at a time

  explicit Client(Network& network, Timeouts timeouts = {});
  ~Client();

  // Requests. Each needs kIdle (connect) or kReady (the others), else outcome() becomes kWrongState.
  void connect(const Server& server, Instant now);  // to kReady: logged in, TYPE I
  // Delivers the file from `offset` to `sink`. `expected`: size of the whole file where known, and then never a byte
  // more is taken: a server that ignores or lacks REST is caught by counting (its first `offset` bytes are skipped).
  // Where not known, at most `limit` bytes are taken (kFtpTooMuchData past it).
  void retrieve(std::string_view path, std::uint32_t offset, std::optional<std::uint32_t> expected, std::uint32_t limit,
                Sink& sink, Instant now);
  void size(std::string_view path, Instant now);                      // SIZE; file_size() when outcome() is good
  void store(std::string_view path, ByteView content, Instant now);   // STOR; content must outlive the request
  void append(std::string_view path, ByteView content, Instant now);  // APPE
  void quit(Instant now);  // QUIT and close; to kIdle whatever the server says
  void close();            // at once, to kIdle

  void poll(Instant now);
  [[nodiscard]] Instant poll_timeout() const;  // when poll() is due even if nothing arrives
  [[nodiscard]] ClientState state() const;
  // Of the last request. Errors: kFtp*, kClosed, kTimedOut, kIo, kBadUri (a path with control characters), the sink's.
  [[nodiscard]] Status outcome() const;
  [[nodiscard]] std::uint32_t delivered() const;  // bytes given to the sink by the last retrieve
  [[nodiscard]] std::uint64_t file_size() const;
  [[nodiscard]] std::uint64_t bytes_over_the_air() const;  // payload of TCP, both connections, both directions
};

}  // namespace ferry::ftp
