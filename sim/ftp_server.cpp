#include "sim/ftp_server.h"

#include <algorithm>

namespace ferry::sim {

namespace {

constexpr std::uint16_t kFirstDataPort = 40000;
constexpr Duration kDripInterval{1000};

std::string without_slash(std::string path) {
  path.erase(0, path.find_first_not_of('/'));
  return path;
}

std::string with_port(std::string text, std::uint16_t port) {
  if (const auto at = text.find('#'); at != std::string::npos) {
    text.replace(at, 1, std::to_string(port));
  }
  return text;
}

}  // namespace

std::size_t FtpServer::count(std::string_view verb) const {
  return static_cast<std::size_t>(std::count_if(commands_.begin(), commands_.end(),
                                                [&](const std::string& line) { return line.starts_with(verb); }));
}

FtpServer::Session* FtpServer::of_control(const Peer& peer) {
  const auto found = std::find_if(sessions_.begin(), sessions_.end(), [&](auto& s) { return s.control == &peer; });
  return found == sessions_.end() ? nullptr : &*found;
}

FtpServer::Session* FtpServer::of_data(const Peer& peer) {
  for (auto& session : sessions_) {
    const bool waits_for_it = session.data == nullptr && session.data_port == peer.port();
    if (&session.control->network() == &peer.network() && (session.data == &peer || waits_for_it)) {
      return &session;
    }
  }
  return nullptr;
}

void FtpServer::on_connect(Peer& peer, Instant now) {
  if (peer.port() == port_) {
    Session& session = sessions_.emplace_back();
    session.control = &peer;
    if (misbehave.busy_sessions > 0) {
      --misbehave.busy_sessions;
      reply(session, "421 Too many users.\r\n");
      peer.close();
      return;
    }
    reply(session, misbehave.greeting);
    return;
  }
  Session* session = of_data(peer);
  if (session == nullptr || session->data != nullptr) {
    peer.reset();
    return;
  }
  session->data = &peer;
  if (session->transfer == Transfer::kWaiting) {
    start_data(*session, now);
  }
}

void FtpServer::on_bytes(Peer& peer, ByteView bytes, Instant now) {
  if (Session* session = of_control(peer); session != nullptr) {
    session->line += as_text(bytes);
    for (auto end = session->line.find('\n'); end != std::string::npos; end = session->line.find('\n')) {
      std::string line = session->line.substr(0, end);
      session->line.erase(0, end + 1);
      line.erase(std::find(line.begin(), line.end(), '\r'), line.end());
      command(*session, line, now);
    }
    return;
  }
  Session* session = of_data(peer);
  if (session != nullptr && session->transfer == Transfer::kReceiving) {
    session->content += as_text(bytes);
  }
}

void FtpServer::on_close(Peer& peer, Ending ending, Instant) {
  if (Session* session = of_control(peer); session != nullptr) {
    if (session->control_hit) {
      session->data = nullptr;  // what was sent on it goes on without the session
    }
    close_passive(*session);
    sessions_.remove_if([&](const Session& ended) { return ended.control == &peer; });
    return;
  }
  Session* session = of_data(peer);
  if (session == nullptr || session->data != &peer) {
    return;
  }
  session->data = nullptr;
  const Transfer transfer = std::exchange(session->transfer, Transfer::kNone);
  if (transfer == Transfer::kReceiving) {
    finish_upload(*session, ending);
  } else if (transfer == Transfer::kSending && session->sent < session->content.size()) {
    reply(*session, "426 Connection closed; transfer aborted.\r\n");
  } else if (transfer != Transfer::kNone) {
    final_reply(*session);
  }
}

void FtpServer::poll(Instant now) {
  for (auto& session : sessions_) {
    if (session.transfer == Transfer::kSending && session.data != nullptr && now >= session.next_drip) {
      send_data(session, now);
    }
    hit_control(session);
    const bool read = session.transfer == Transfer::kEnding && session.data != nullptr && session.data->unread() == 0;
    if (read && misbehave.final == Final::kAfterData) {
      final_reply(session);
      session.transfer = Transfer::kNone;
    }
  }
}

Instant FtpServer::next_event() const {
  Instant next = kNever;
  for (const auto& session : sessions_) {
    if (session.transfer == Transfer::kSending && session.data != nullptr) {
      next = std::min(next, session.next_drip);
    }
  }
  return next;
}

void FtpServer::reply(Session& session, std::string text) {
  if (misbehave.bare_lf) {
    text.erase(std::remove(text.begin(), text.end(), '\r'), text.end());
  }
  session.control->send(text);
}

void FtpServer::command(Session& session, const std::string& line, Instant now) {
  commands_.push_back(line);
  const auto space = line.find(' ');
  const std::string verb = line.substr(0, space);
  const std::string argument = space == std::string::npos ? "" : line.substr(space + 1);
  if (verb == misbehave.mute_after) {
    session.control->mute();
    return;
  }
  if (const auto scripted = misbehave.replies.find(verb); scripted != misbehave.replies.end()) {
    session.control->send(scripted->second);
    return;
  }
  perform(session, verb, argument);
  if (session.transfer == Transfer::kWaiting && session.data != nullptr) {
    start_data(session, now);
  }
}

void FtpServer::perform(Session& session, const std::string& verb, const std::string& argument) {
  if (verb == "USER") {
    session.given_user = argument;
    reply(session, "331 Please specify the password.\r\n");
  } else if (verb == "PASS") {
    log_in(session, argument);
  } else if (verb == "QUIT") {
    reply(session, "221 Goodbye.\r\n");
    session.control->close();
  } else if (!session.logged_in) {
    reply(session, "530 Please login with USER and PASS.\r\n");
  } else if (verb == "TYPE") {
    take_type(session, argument);
  } else if (verb == "SIZE") {
    tell_size(session, argument);
  } else if (verb == "EPSV" || verb == "PASV") {
    open_passive(session, verb == "EPSV");
  } else if (verb == "REST") {
    take_rest(session, argument);
  } else if (verb == "RETR" || verb == "STOR" || verb == "APPE") {
    begin_transfer(session, verb, without_slash(argument));
  } else {
    reply(session, "500 Unknown command.\r\n");
  }
}

void FtpServer::log_in(Session& session, const std::string& argument) {
  session.logged_in = session.given_user == user && argument == password;
  reply(session, session.logged_in ? "230 Login successful.\r\n" : "530 Login incorrect.\r\n");
}

void FtpServer::take_type(Session& session, const std::string& argument) {
  session.binary = argument == "I";
  reply(session, session.binary ? "200 Switching to Binary mode.\r\n" : "200 Switching to ASCII mode.\r\n");
}

void FtpServer::tell_size(Session& session, const std::string& argument) {
  const auto file = files.find(without_slash(argument));
  if (file == files.end() || (misbehave.size_needs_binary && !session.binary)) {
    reply(session, "550 Could not get file size.\r\n");
    return;
  }
  reply(session, "213 " + std::to_string(file->second.size()) + "\r\n");
}

void FtpServer::take_rest(Session& session, const std::string& argument) {
  if (misbehave.rest == Rest::kRefused) {
    reply(session, "502 REST not implemented.\r\n");
    return;
  }
  session.rest = misbehave.rest == Rest::kIgnored ? 0 : std::stoul(argument);
  reply(session, "350 Restart position accepted (" + argument + ").\r\n");
}

void FtpServer::open_passive(Session& session, bool extended) {
  close_passive(session);
  session.data_port = next_port_++;
  next_port_ = std::max(next_port_, kFirstDataPort);
  if (!(extended ? misbehave.epsv_port_is_closed : misbehave.pasv_port_is_closed)) {
    session.control->network().listen(host_, session.data_port, *this);
  }
  if (extended) {
    reply(session,
          "229 Entering Extended Passive Mode " + with_port(misbehave.epsv_format, session.data_port) + "\r\n");
    return;
  }
  reply(session, "227 Entering Passive Mode (" + misbehave.pasv_address + "," + std::to_string(session.data_port >> 8) +
                     "," + std::to_string(session.data_port & 0xff) + ").\r\n");
}

void FtpServer::close_passive(Session& session) {
  if (session.data_port != 0) {
    session.control->network().stop_listening(host_, session.data_port);
  }
  session.data_port = 0;
  session.transfer = Transfer::kNone;
  if (Peer* data = std::exchange(session.data, nullptr); data != nullptr) {
    data->reset();
  }
}

void FtpServer::begin_transfer(Session& session, const std::string& verb, const std::string& argument) {
  const std::size_t rest = std::exchange(session.rest, 0);
  const bool storing = verb != "RETR";
  if (!storing && !files.contains(argument)) {
    reply(session, "550 Failed to open file.\r\n");
    return;
  }
  if (storing && misbehave.disk_is_full) {
    reply(session, "452 Insufficient storage space.\r\n");
    return;
  }
  if (!storing && rest >= files[argument].size() && rest > 0 && misbehave.past_end_is_554) {
    reply(session, "554 Restart position beyond the end of the file.\r\n");
    return;
  }
  session.verb = verb;
  session.path = argument;
  session.sent = 0;
  session.control_hit = false;
  session.content = storing ? "" : files[argument] + std::string(misbehave.extra_bytes, 'Z');
  session.content.erase(0, std::min(rest, session.content.size()));
  session.transfer = Transfer::kWaiting;
}

void FtpServer::start_data(Session& session, Instant now) {
  session.control->network().stop_listening(host_, session.data_port);
  if (session.verb != "RETR") {
    session.transfer = Transfer::kReceiving;
    reply(session, "150 Ok to send data.\r\n");
    return;
  }
  session.transfer = Transfer::kSending;
  session.next_drip = now;
  const std::string size = std::to_string(session.content.size());
  reply(session, "150 Opening BINARY mode data connection for " + session.path + " (" + size + " bytes).\r\n");
  send_data(session, now);
}

// As much as the misbehaviour allows: everything, up to its point, or a drip.
void FtpServer::send_data(Session& session, Instant now) {
  if (misbehave.drip) {
    session.next_drip = now + kDripInterval;
    send_piece(session, *misbehave.drip);
    return;
  }
  session.next_drip = kNever;
  send_piece(session, session.content.size());
}

void FtpServer::send_piece(Session& session, std::size_t size) {
  std::size_t end = std::min(session.content.size(), session.sent + size);
  std::size_t stop = std::string::npos;
  for (const auto& point : {misbehave.short_at, misbehave.stall_at, misbehave.reset_data_at}) {
    stop = std::min(stop, point.value_or(std::string::npos));
  }
  end = std::min(end, stop);
  session.data->send(std::string_view(session.content).substr(session.sent, end - session.sent));
  session.sent = end;
  if (end == misbehave.reset_data_at) {
    session.data->reset();
  } else if (end == misbehave.short_at || (end == session.content.size() && end != misbehave.stall_at)) {
    end_data(session);
  }
}

// Once the client has received so many bytes of the transfer.
void FtpServer::hit_control(Session& session) {
  const auto point = misbehave.busy_at ? misbehave.busy_at : misbehave.lose_control_at;
  const bool transfers = session.transfer == Transfer::kSending || session.transfer == Transfer::kEnding;
  if (!point || !transfers || session.data == nullptr || session.control_hit ||
      session.sent < *point + session.data->unread()) {
    return;
  }
  session.control_hit = true;
  if (misbehave.busy_at) {
    reply(session, "421 Timeout.\r\n");
    session.control->close();
  } else {
    session.control->reset();
  }
}

void FtpServer::end_data(Session& session) {
  session.transfer = Transfer::kEnding;
  session.sent = session.content.size();
  session.next_drip = kNever;
  if (!misbehave.data_stays_open) {
    session.data->close();
  }
  if (misbehave.final == Final::kBeforeData) {
    final_reply(session);
    session.transfer = Transfer::kNone;
  }
}

void FtpServer::final_reply(Session& session) {
  if (misbehave.final != Final::kNever) {
    reply(session, misbehave.final_reply);
  }
}

void FtpServer::finish_upload(Session& session, Ending ending) {
  if (ending == Ending::kReset) {
    reply(session, "426 Connection closed; transfer aborted.\r\n");
    return;
  }
  std::string& file = files[session.path];
  file = session.verb == "APPE" ? file + session.content : session.content;
  final_reply(session);
}

}  // namespace ferry::sim
