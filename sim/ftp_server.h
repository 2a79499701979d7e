// A small FTP server in memory, correct by default, with a switch for every misbehaviour that a client must survive.
//
//   sim::FtpServer server("ftp.example");
//   server.files["product/manifest.suit"] = bytes;
//   server.attach(network);
//   server.misbehave.rest = sim::FtpServer::Rest::kIgnored;
#pragma once

#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/network.h"

namespace ferry::sim {

class FtpServer : public Service {
 public:
  enum class Rest : std::uint8_t { kWorks, kRefused, kIgnored };  // kIgnored: 350, and then from zero all the same
  enum class Final : std::uint8_t {                               // when the reply after a transfer is sent
    kAfterData,                                                   // once the client has read everything
    kBeforeData,                                                  // with the last byte still under way
    kAfterClientClosed,
    kNever,
  };

  struct Misbehaviour {
    std::map<std::string, std::string> replies;  // instead of doing the command: these bytes, as they are
    std::string greeting = "220 Ready.\r\n";     // as it is
    std::uint32_t busy_sessions = 0;             // so many sessions are turned away with 421 first
    bool bare_lf = false;
    bool size_needs_binary = false;  // 550 to SIZE before TYPE I
    Rest rest = Rest::kWorks;
    bool past_end_is_554 = false;  // REST at the end: 554 instead of an empty transfer
    std::string pasv_address = "127,0,0,1";
    std::string epsv_format = "(|||#|)";  // # stands for the port
    bool epsv_port_is_closed = false;     // the ports of 229 replies refuse
    bool pasv_port_is_closed = false;
    Final final = Final::kAfterData;
    std::string final_reply = "226 Transfer complete.\r\n";
    bool data_stays_open = false;              // data is not closed after the last byte
    std::optional<std::size_t> short_at;       // data ends (orderly) after so many bytes of a transfer
    std::optional<std::size_t> stall_at;       // data stops after so many bytes, everything stays open
    std::optional<std::size_t> reset_data_at;  // data is reset after so many bytes
    std::optional<std::size_t>
        lose_control_at;                 // control is reset once the client has so many bytes of data, which goes on
    std::optional<std::size_t> busy_at;  // 421 on control once the client has so many bytes of data, which goes on
    std::optional<std::size_t> drip;     // bytes of data a second
    std::size_t extra_bytes = 0;         // after the file
    std::string mute_after;              // after this command the control connection is dead, half open
    bool disk_is_full = false;           // 452 to STOR and APPE
  };

  explicit FtpServer(std::string host, std::uint16_t port = 21) : host_(std::move(host)), port_(port) {}
  void attach(Network& network) { network.listen(host_, port_, *this); }

  std::map<std::string, std::string> files;  // by path without a leading '/'
  std::string user = "anonymous";
  std::string password = "ferry";
  Misbehaviour misbehave;

  // What was asked, over all sessions: "USER anonymous", "RETR a/b", ...
  [[nodiscard]] const std::vector<std::string>& commands() const { return commands_; }
  [[nodiscard]] std::size_t count(std::string_view verb) const;  // of commands that begin so
  [[nodiscard]] std::size_t sessions() const { return sessions_.size(); }
  void clear_log() { commands_.clear(); }

  void on_connect(Peer& peer, Instant now) override;
  void on_bytes(Peer& peer, ByteView bytes, Instant now) override;
  void on_close(Peer& peer, Ending ending, Instant now) override;
  void poll(Instant now) override;
  [[nodiscard]] Instant next_event() const override;

 private:
  enum class Transfer : std::uint8_t { kNone, kWaiting, kSending, kEnding, kReceiving };
  struct Session {
    Peer* control = nullptr;
    Peer* data = nullptr;
    std::uint16_t data_port = 0;
    std::string line;
    std::string given_user;
    bool logged_in = false;
    bool binary = false;
    std::size_t rest = 0;
    Transfer transfer = Transfer::kNone;
    std::string verb;
    std::string path;
    std::string content;  // to send, or received
    std::size_t sent = 0;
    bool control_hit = false;  // by lose_control_at or busy_at, once a transfer
    Instant next_drip = kNever;
  };

  [[nodiscard]] Session* of_control(const Peer& peer);
  [[nodiscard]] Session* of_data(const Peer& peer);
  void reply(Session& session, std::string text);
  void command(Session& session, const std::string& line, Instant now);
  void perform(Session& session, const std::string& verb, const std::string& argument);
  void log_in(Session& session, const std::string& argument);
  void take_type(Session& session, const std::string& argument);
  void tell_size(Session& session, const std::string& argument);
  void take_rest(Session& session, const std::string& argument);
  void open_passive(Session& session, bool extended);
  void close_passive(Session& session);
  void begin_transfer(Session& session, const std::string& verb, const std::string& argument);
  void start_data(Session& session, Instant now);
  void send_data(Session& session, Instant now);
  void send_piece(Session& session, std::size_t size);
  void hit_control(Session& session);
  void end_data(Session& session);
  void final_reply(Session& session);
  void finish_upload(Session& session, Ending ending);

  std::string host_;
  std::uint16_t port_;
  std::list<Session> sessions_;  // in the order of arrival; references stay good
  std::vector<std::string> commands_;
  std::uint16_t next_port_ = 40000;
};

}  // namespace ferry::sim
