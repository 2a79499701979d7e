// One FTP session, without I/O and without a clock. What a client says, and what became of connections, goes in;
// replies, and what is to be done with connections, come out. RFC 959, 2389, 2428, 3659; passive mode, binary and
// stream only: files are never changed on their way, whatever TYPE says.
//
//   session.receive(bytes, now);
//   while (auto event = session.poll_event()) { do(*event); }
//   send(session.poll_transmit());
//   wake_at(session.poll_timeout());   // then session.handle_timeout(now)
//
// Extra calls do nothing. The caller stops reading from the client while wants_input() is false.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <variant>

#include "servers/ftp/accounts.h"
#include "servers/ftp/command.h"
#include "servers/ftp/limits.h"
#include "servers/ftp/listing.h"
#include "servers/ftp/tree.h"

namespace ferry::server::ftp {

// Listen on a port for the control peer's address alone; answer with passive_opened() or passive_failed(). Replaces
// what was opened before.
struct OpenPassive {};
// Wait for the data connection (data_connected()), send, close it, transfer_ended().
struct SendFile {
  std::unique_ptr<Source> source;
  std::uint64_t offset;
};
struct SendText {
  std::string text;
};
// Wait for the data connection (data_connected()), take bytes until its end, sink->finish(), transfer_ended().
struct ReceiveFile {
  std::unique_ptr<Sink> sink;
};
// The transfer is off: close its data connection, drop its sink. No transfer_ended() for it.
struct AbortTransfer {};
struct LoginFailed {};
// For the log.
struct Note {
  std::string text;
};
using Event = std::variant<OpenPassive, SendFile, SendText, ReceiveFile, AbortTransfer, LoginFailed, Note>;

struct Surroundings {
  Tree& tree;
  const Accounts& accounts;
  const Limits& limits;
  bool ipv6 = false;                // the control connection's family
  std::string address = "0,0,0,0";  // what 227 names; devices do not believe it anyway
};

class Session {
 public:
  enum class TransferEnd : std::uint8_t { kDone, kLost, kFileFailed, kNoSpace, kTooLarge };

  Session(Surroundings surroundings, Instant now);

  void receive(ByteView bytes, Instant now);
  void input_ended(Instant now);  // the client says nothing more; a transfer under way goes on
  void handle_timeout(Instant now);
  void set_wall_time(WallTime now) { wall_time_ = now; }

  void passive_opened(std::uint16_t port, Instant now);
  void passive_failed(Instant now);
  void data_connected(Instant now);  // only once a transfer waits for it
  void data_moved(std::size_t bytes, Instant now);
  void transfer_ended(TransferEnd end, Instant now);
  void shut_down(Instant now);  // as soon as no transfer is under way

  // What is to be sent, all of it, once.
  [[nodiscard]] std::string poll_transmit();
  [[nodiscard]] std::optional<Event> poll_event();
  [[nodiscard]] Instant poll_timeout() const;

  [[nodiscard]] bool wants_input() const;
  // Send what poll_transmit() has, then close the control connection.
  [[nodiscard]] bool closed() const { return closed_; }
  [[nodiscard]] bool logged_in() const { return rights_.has_value(); }
  [[nodiscard]] bool transferring() const { return transfer_.has_value(); }
  [[nodiscard]] const std::string& user() const { return user_; }

 private:
  friend struct Verb;  // the table of commands, in session_commands.cpp

  enum class Passive : std::uint8_t { kNone, kOpening, kOpen };
  struct Transfer {
    std::string name;  // for the log and STAT: "RETR /a/b"
    bool connected = false;
    std::uint64_t bytes = 0;
    bool cut_listing = false;
  };

  // session.cpp
  void process(Instant now);
  [[nodiscard]] std::optional<std::string> next_line();
  void obey(const Command& command, Instant now);
  void reply(int code, std::string_view text);
  void reply_lines(int code, std::string_view first, const std::vector<std::string>& lines, std::string_view last);
  void refuse_command(int code, std::string_view text);  // counts against bad_commands
  void refuse_path(Path::Refusal refusal);
  void refuse_tree(TreeError error);
  void close(int code, std::string_view text);
  void note(std::string text);
  void answer_failed_login();
  void begin_transfer(std::string name, Event event, Instant now);
  void end_transfer(int code, std::string_view text, Instant now);
  void restart_idle(Instant now);
  [[nodiscard]] std::optional<Path> path_of(const Command& command);

  // session_commands.cpp: one for each row of the table
  void user(const Command& command, Instant now);
  void pass(const Command& command, Instant now);
  void quit(const Command& command, Instant now);
  void feat(const Command& command, Instant now);
  void opts(const Command& command, Instant now);
  void syst(const Command& command, Instant now);
  void help(const Command& command, Instant now);
  void noop(const Command& command, Instant now);
  void stat(const Command& command, Instant now);
  void abor(const Command& command, Instant now);
  void type(const Command& command, Instant now);
  void mode(const Command& command, Instant now);
  void stru(const Command& command, Instant now);
  void allo(const Command& command, Instant now);
  void active(const Command& command, Instant now);
  void pasv(const Command& command, Instant now);
  void epsv(const Command& command, Instant now);
  void rest(const Command& command, Instant now);
  // session_files.cpp
  void pwd(const Command& command, Instant now);
  void cwd(const Command& command, Instant now);
  void cdup(const Command& command, Instant now);
  void size(const Command& command, Instant now);
  void mdtm(const Command& command, Instant now);
  void mlst(const Command& command, Instant now);
  void list(const Command& command, Instant now);
  void retr(const Command& command, Instant now);
  void stor(const Command& command, Instant now);
  void appe(const Command& command, Instant now);
  void dele(const Command& command, Instant now);
  void mkd(const Command& command, Instant now);
  void rmd(const Command& command, Instant now);
  void rnfr(const Command& command, Instant now);
  void rnto(const Command& command, Instant now);
  void enter(const Path& path);
  void send_listing(const Command& command, const Path& folder, ListingForm form, Instant now);
  void receive_file(const Command& command, Writing writing, Instant now);
  void open_passive();

  Surroundings surroundings_;
  std::string input_;
  std::string output_;
  std::deque<Event> events_;
  std::string user_;  // as claimed until rights_ are there
  std::optional<Rights> rights_;
  Path here_;
  Passive passive_ = Passive::kNone;
  bool extended_ = false;     // 229, not 227
  bool epsv_only_ = false;    // after EPSV ALL
  std::uint64_t offset_ = 0;  // of REST
  std::optional<Path> rename_from_;
  std::optional<Transfer> transfer_;
  std::uint32_t bad_commands_ = 0;
  std::uint32_t failed_logins_ = 0;
  bool input_ended_ = false;
  bool leaving_ = false;  // closes when the transfer has ended
  bool closed_ = false;
  WallTime wall_time_{};
  Instant login_deadline_;
  Instant idle_deadline_;
  Instant transfer_deadline_ = kNever;
  std::optional<Instant> refusal_due_;  // a failed login is answered later; nothing else is obeyed until then
};

}  // namespace ferry::server::ftp
