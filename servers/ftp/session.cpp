#include "servers/ftp/session.h"

#include <algorithm>
#include <fmt/format.h>

#include "servers/ftp/verbs.h"

namespace ferry::server::ftp {

Session::Session(Surroundings surroundings, Instant now)
    : surroundings_(std::move(surroundings)), login_deadline_(now + surroundings_.limits.login) {
  restart_idle(now);
  reply(220, "Ferry FTP server ready.");
}

// --- Input ---

void Session::receive(ByteView bytes, Instant now) {
  input_ += as_text(bytes);
  process(now);
}

void Session::input_ended(Instant now) {
  input_ended_ = true;
  process(now);
}

void Session::handle_timeout(Instant now) {
  if (closed_) {
    return;
  }
  if (transfer_ && now >= transfer_deadline_) {
    events_.emplace_back(AbortTransfer{});
    if (transfer_->connected) {
      end_transfer(426, "No data for too long; transfer aborted.", now);
    } else {
      end_transfer(425, "No data connection came.", now);
    }
  }
  if (!transfer_ && now >= idle_deadline_) {
    close(421, "Nothing heard for too long; good-bye.");
  }
  if (!rights_ && now >= login_deadline_) {
    close(421, "No login for too long; good-bye.");
  }
  process(now);
}

void Session::shut_down(Instant now) {
  leaving_ = true;
  process(now);
}

// Obeys what lies there, as far as it may now.
void Session::process(Instant now) {
  while (!closed_) {
    if (leaving_ && !transfer_) {
      close(421, "The server is shutting down; good-bye.");
      return;
    }
    if (refusal_due_ && now >= *refusal_due_) {
      answer_failed_login();
      continue;
    }
    const std::optional<std::string> line = next_line();
    if (!line) {
      break;
    }
    restart_idle(now);
    obey(parse_command(*line), now);
  }
  if (input_ended_ && !transfer_ && passive_ != Passive::kOpening && !refusal_due_) {
    closed_ = true;
  }
}

// A line that may be obeyed now is taken out of the input.
std::optional<std::string> Session::next_line() {
  if (passive_ == Passive::kOpening || refusal_due_ || output_.size() >= surroundings_.limits.unsent_replies) {
    return std::nullopt;
  }
  const std::size_t end = input_.find('\n');
  if (std::min(end, input_.size()) > surroundings_.limits.line + 1) {
    close(500, "The line is too long; good-bye.");
    return std::nullopt;
  }
  if (end == std::string::npos) {
    return std::nullopt;
  }
  std::string line = input_.substr(0, end);
  if (transfer_ && !works_in_transfer(parse_command(line).verb)) {
    return std::nullopt;
  }
  input_.erase(0, end + 1);
  return line;
}

void Session::obey(const Command& command, Instant now) {
  if (is_http(command.verb)) {
    close(421, "This is an FTP server; good-bye.");
    return;
  }
  const Verb* verb = find_verb(command.verb);
  if (verb == nullptr) {
    refuse_command(command.verb.empty() ? 500 : 502, "No such command here.");
    return;
  }
  if (!command.clean) {
    refuse_command(501, "Control characters are not taken.");
    return;
  }
  if (verb->access != Access::kAnybody && !rights_) {
    refuse_command(530, "Log in with USER and PASS.");
    return;
  }
  if (verb->access == Access::kWriter && !rights_->write) {
    reply(550, "This account only reads.");
    return;
  }
  if (verb->argument == Argument::kNeeded && command.argument.empty()) {
    refuse_command(501, "An argument is missing.");
    return;
  }
  (this->*verb->function)(command, now);
}

// --- What became of connections ---

void Session::passive_opened(std::uint16_t port, Instant now) {
  if (passive_ != Passive::kOpening) {
    return;
  }
  passive_ = Passive::kOpen;
  if (extended_) {
    reply(229, fmt::format("Entering Extended Passive Mode (|||{}|)", port));
  } else {
    reply(227, fmt::format("Entering Passive Mode ({},{},{}).", surroundings_.address, port / 256, port % 256));
  }
  process(now);
}

void Session::passive_failed(Instant now) {
  if (passive_ == Passive::kOpening) {
    passive_ = Passive::kNone;
    reply(425, "No port is free; try again.");
    process(now);
  }
}

void Session::data_connected(Instant now) {
  if (transfer_ && !transfer_->connected) {
    transfer_->connected = true;
    transfer_deadline_ = now + surroundings_.limits.stall;
    reply(150, "Here it comes.");
  }
}

void Session::data_moved(std::size_t bytes, Instant now) {
  if (transfer_) {
    transfer_->bytes += bytes;
    transfer_deadline_ = now + surroundings_.limits.stall;
  }
}

void Session::transfer_ended(TransferEnd end, Instant now) {
  if (!transfer_) {
    return;
  }
  switch (end) {
    case TransferEnd::kDone:
      end_transfer(226, transfer_->cut_listing ? "Done, but the folder holds more than is shown." : "Done.", now);
      break;
    case TransferEnd::kLost:
      end_transfer(426, "The data connection was lost.", now);
      break;
    case TransferEnd::kFileFailed:
      end_transfer(451, "The file cannot be read or written.", now);
      break;
    case TransferEnd::kNoSpace:
      end_transfer(452, "The disk is full.", now);
      break;
    case TransferEnd::kTooLarge:
      end_transfer(552, "The file is larger than this server takes.", now);
      break;
  }
  process(now);
}

void Session::begin_transfer(std::string name, Event event, Instant now) {
  transfer_ = Transfer{.name = std::move(name)};
  transfer_deadline_ = now + surroundings_.limits.data_connect;
  passive_ = Passive::kNone;
  offset_ = 0;
  events_.push_back(std::move(event));
}

void Session::end_transfer(int code, std::string_view text, Instant now) {
  note(fmt::format("{}: {} bytes, {} {}", transfer_->name, transfer_->bytes, code, text));
  reply(code, text);
  transfer_.reset();
  transfer_deadline_ = kNever;
  restart_idle(now);
}

// --- Output ---

std::string Session::poll_transmit() {
  return std::exchange(output_, {});
}

std::optional<Event> Session::poll_event() {
  if (events_.empty()) {
    return std::nullopt;
  }
  Event event = std::move(events_.front());
  events_.pop_front();
  return event;
}

Instant Session::poll_timeout() const {
  if (closed_) {
    return kNever;
  }
  Instant next = transfer_ ? transfer_deadline_ : idle_deadline_;
  if (!rights_) {
    next = std::min(next, login_deadline_);
  }
  if (refusal_due_) {
    next = std::min(next, *refusal_due_);
  }
  return next;
}

bool Session::wants_input() const {
  return !closed_ && !input_ended_ && input_.size() <= surroundings_.limits.line + 2;
}

void Session::reply(int code, std::string_view text) {
  output_ += fmt::format("{} {}\r\n", code, text);
}

void Session::reply_lines(int code, std::string_view first, const std::vector<std::string>& lines,
                          std::string_view last) {
  output_ += fmt::format("{}-{}\r\n", code, first);
  for (const std::string& line : lines) {
    output_ += fmt::format(" {}\r\n", line);
  }
  reply(code, last);
}

void Session::refuse_command(int code, std::string_view text) {
  ++bad_commands_;
  if (bad_commands_ >= surroundings_.limits.bad_commands) {
    close(421, "Too many commands that mean nothing here; good-bye.");
    return;
  }
  reply(code, text);
}

void Session::refuse_path(Path::Refusal refusal) {
  switch (refusal) {
    case Path::Refusal::kOutside:
      reply(550, "There is nothing above the root.");
      break;
    case Path::Refusal::kTooLong:
      reply(553, "The path is too long.");
      break;
    case Path::Refusal::kReserved:
      reply(553, "The name is reserved.");
      break;
  }
}

void Session::refuse_tree(TreeError error) {
  switch (error) {
    case TreeError::kNotFound:
      reply(550, "No such file or folder.");
      break;
    case TreeError::kNotAFile:
      reply(550, "Not a file.");
      break;
    case TreeError::kNotAFolder:
      reply(550, "Not a folder.");
      break;
    case TreeError::kExists:
      reply(550, "It exists already.");
      break;
    case TreeError::kNotEmpty:
      reply(550, "The folder is not empty.");
      break;
    case TreeError::kBusy:
      reply(450, "It is being written; try again.");
      break;
    case TreeError::kBeyondEnd:
      reply(554, "The offset of REST is beyond the end.");
      break;
    case TreeError::kDenied:
      reply(550, "The server may not do that.");
      break;
    case TreeError::kNoSpace:
      reply(452, "The disk is full.");
      break;
    case TreeError::kTooLarge:
      reply(552, "The file is larger than this server takes.");
      break;
    case TreeError::kFailed:
      reply(451, "The file system failed.");
      break;
  }
}

void Session::close(int code, std::string_view text) {
  if (transfer_) {
    transfer_.reset();
    events_.emplace_back(AbortTransfer{});
  }
  reply(code, text);
  closed_ = true;
}

void Session::note(std::string text) {
  events_.emplace_back(Note{std::move(text)});
}

void Session::restart_idle(Instant now) {
  idle_deadline_ = now + surroundings_.limits.idle;
}

std::optional<Path> Session::path_of(const Command& command) {
  auto path = here_.resolve(command.argument);
  if (!path) {
    refuse_path(path.error());
    return std::nullopt;
  }
  return *path;
}

}  // namespace ferry::server::ftp
