// The table of commands, and those that touch no file.
#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "servers/ftp/verbs.h"

namespace ferry::server::ftp {
namespace {

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return (x | 0x20) == (y | 0x20); });
}

}  // namespace

const Verb* find_verb(std::string_view name) {
  const auto found =
      std::find_if(Verb::kAll.begin(), Verb::kAll.end(), [name](const Verb& v) { return v.name == name; });
  return found == Verb::kAll.end() ? nullptr : &*found;
}

bool works_in_transfer(std::string_view verb) {
  constexpr std::array<std::string_view, 3> kVerbs = {"ABOR", "NOOP", "STAT"};
  return std::find(kVerbs.begin(), kVerbs.end(), verb) != kVerbs.end();
}

// --- Login ---

void Session::user(const Command& command, Instant now) {
  if (rights_) {
    login_deadline_ = now + surroundings_.limits.login;
  }
  rights_.reset();
  here_ = Path();
  rename_from_.reset();
  user_ = command.argument;
  reply(331, "Password, please.");
}

void Session::pass(const Command& command, Instant now) {
  if (rights_ || user_.empty()) {
    refuse_command(503, "USER comes first.");
    return;
  }
  rights_ = surroundings_.accounts.check(user_, command.argument);
  if (rights_) {
    note(fmt::format("{} logged in", user_));
    reply(230, "Logged in.");
    return;
  }
  ++failed_logins_;
  events_.emplace_back(LoginFailed{});
  note(fmt::format("{} was refused", user_));
  user_.clear();
  refusal_due_ = now + surroundings_.limits.failed_login_delay;
}

void Session::answer_failed_login() {
  refusal_due_.reset();
  if (failed_logins_ >= surroundings_.limits.login_attempts) {
    close(421, "Too many wrong passwords; good-bye.");
    return;
  }
  reply(530, "User or password is wrong.");
}

void Session::quit(const Command& /*command*/, Instant /*now*/) {
  close(221, "Good-bye.");
}

// --- What the server is ---

void Session::feat(const Command& /*command*/, Instant /*now*/) {
  reply_lines(211, "Features:",
              {"EPSV", "MDTM", "MLST type*;size*;modify*;perm*;", "PASV", "REST STREAM", "SIZE", "TVFS", "UTF8"},
              "End");
}

void Session::opts(const Command& command, Instant /*now*/) {
  const std::string_view argument = command.argument;
  if (same_word(argument.substr(0, 4), "UTF8")) {
    reply(200, "Names are UTF-8, always.");
    return;
  }
  if (same_word(argument.substr(0, 4), "MLST")) {
    reply(200, "MLST OPTS type;size;modify;perm;");
    return;
  }
  refuse_command(501, "No such option.");
}

void Session::syst(const Command& /*command*/, Instant /*now*/) {
  reply(215, "UNIX Type: L8");
}

void Session::help(const Command& /*command*/, Instant /*now*/) {
  std::vector<std::string> lines(1);
  for (const Verb& verb : Verb::kAll) {
    if (lines.back().size() > 60) {
      lines.emplace_back();
    }
    lines.back() += std::string(verb.name) + " ";
  }
  reply_lines(214, "These commands are known:", lines, "End");
}

void Session::noop(const Command& /*command*/, Instant /*now*/) {
  reply(200, "Nothing done.");
}

void Session::stat(const Command& command, Instant now) {
  if (!command.argument.empty()) {
    mlst(command, now);
    return;
  }
  const std::string transfer =
      transfer_ ? fmt::format("{}: {} bytes so far", transfer_->name, transfer_->bytes) : "No transfer under way";
  reply_lines(211, "Ferry FTP server", {fmt::format("Logged in as {}", user_), transfer}, "End");
}

// --- Transfers ---

void Session::abor(const Command& /*command*/, Instant now) {
  if (transfer_) {
    events_.emplace_back(AbortTransfer{});
    end_transfer(426, "Transfer aborted.", now);
  }
  reply(226, "Nothing is under way now.");
}

void Session::type(const Command& command, Instant /*now*/) {
  const std::string_view kind = command.argument;
  if (same_word(kind, "I") || same_word(kind, "L 8")) {
    reply(200, "Binary.");
    return;
  }
  if (same_word(kind, "A") || same_word(kind, "A N")) {
    reply(200, "Files are sent as they are, all the same.");
    return;
  }
  refuse_command(504, "TYPE I or A.");
}

void Session::mode(const Command& command, Instant /*now*/) {
  if (same_word(command.argument, "S")) {
    reply(200, "Stream.");
    return;
  }
  refuse_command(504, "MODE S.");
}

void Session::stru(const Command& command, Instant /*now*/) {
  if (same_word(command.argument, "F")) {
    reply(200, "File.");
    return;
  }
  refuse_command(504, "STRU F.");
}

void Session::allo(const Command& /*command*/, Instant /*now*/) {
  reply(202, "Not needed here.");
}

void Session::active(const Command& /*command*/, Instant /*now*/) {
  refuse_command(502, "This server never connects to anybody: use EPSV or PASV.");
}

void Session::pasv(const Command& /*command*/, Instant /*now*/) {
  if (epsv_only_) {
    refuse_command(501, "You said EPSV ALL.");
    return;
  }
  if (surroundings_.ipv6) {
    reply(425, "PASV knows no IPv6: use EPSV.");
    return;
  }
  extended_ = false;
  open_passive();
}

void Session::epsv(const Command& command, Instant /*now*/) {
  if (same_word(command.argument, "ALL")) {
    epsv_only_ = true;
    reply(200, "EPSV from now on.");
    return;
  }
  const std::string_view family = surroundings_.ipv6 ? "2" : "1";
  if (!command.argument.empty() && command.argument != family) {
    reply(522, fmt::format("Network protocol not supported, use ({})", family));
    return;
  }
  extended_ = true;
  open_passive();
}

void Session::open_passive() {
  passive_ = Passive::kOpening;
  events_.emplace_back(OpenPassive{});
}

void Session::rest(const Command& command, Instant /*now*/) {
  const auto offset = parse_number(command.argument);
  if (!offset || *offset > INT64_MAX) {
    refuse_command(501, "REST needs a number of bytes.");
    return;
  }
  offset_ = *offset;
  reply(350, fmt::format("The next transfer begins at byte {}.", offset_));
}

namespace {

constexpr auto kOptional = Argument::kOptional;
constexpr auto kNeeded = Argument::kNeeded;

}  // namespace

// In a function, for the right to name private members; in the order in which a session meets them.
const std::span<const Verb> Verb::kAll = [] {
  static constexpr Verb kTable[] = {
      {"USER", Access::kAnybody, kNeeded, &Session::user},    {"PASS", Access::kAnybody, kOptional, &Session::pass},
      {"QUIT", Access::kAnybody, kOptional, &Session::quit},  {"FEAT", Access::kAnybody, kOptional, &Session::feat},
      {"OPTS", Access::kAnybody, kNeeded, &Session::opts},    {"SYST", Access::kAnybody, kOptional, &Session::syst},
      {"HELP", Access::kAnybody, kOptional, &Session::help},  {"NOOP", Access::kAnybody, kOptional, &Session::noop},
      {"STAT", Access::kReader, kOptional, &Session::stat},   {"ABOR", Access::kReader, kOptional, &Session::abor},
      {"TYPE", Access::kReader, kNeeded, &Session::type},     {"MODE", Access::kReader, kNeeded, &Session::mode},
      {"STRU", Access::kReader, kNeeded, &Session::stru},     {"ALLO", Access::kReader, kOptional, &Session::allo},
      {"PORT", Access::kReader, kOptional, &Session::active}, {"EPRT", Access::kReader, kOptional, &Session::active},
      {"LPRT", Access::kReader, kOptional, &Session::active}, {"PASV", Access::kReader, kOptional, &Session::pasv},
      {"EPSV", Access::kReader, kOptional, &Session::epsv},   {"REST", Access::kReader, kNeeded, &Session::rest},
      {"PWD", Access::kReader, kOptional, &Session::pwd},     {"XPWD", Access::kReader, kOptional, &Session::pwd},
      {"CWD", Access::kReader, kNeeded, &Session::cwd},       {"CDUP", Access::kReader, kOptional, &Session::cdup},
      {"SIZE", Access::kReader, kNeeded, &Session::size},     {"MDTM", Access::kReader, kNeeded, &Session::mdtm},
      {"MLST", Access::kReader, kOptional, &Session::mlst},   {"MLSD", Access::kReader, kOptional, &Session::list},
      {"LIST", Access::kReader, kOptional, &Session::list},   {"NLST", Access::kReader, kOptional, &Session::list},
      {"RETR", Access::kReader, kNeeded, &Session::retr},     {"STOR", Access::kWriter, kNeeded, &Session::stor},
      {"APPE", Access::kWriter, kNeeded, &Session::appe},     {"DELE", Access::kWriter, kNeeded, &Session::dele},
      {"MKD", Access::kWriter, kNeeded, &Session::mkd},       {"XMKD", Access::kWriter, kNeeded, &Session::mkd},
      {"RMD", Access::kWriter, kNeeded, &Session::rmd},       {"XRMD", Access::kWriter, kNeeded, &Session::rmd},
      {"RNFR", Access::kWriter, kNeeded, &Session::rnfr},     {"RNTO", Access::kWriter, kNeeded, &Session::rnto},
  };
  return std::span<const Verb>(kTable);
}();

}  // namespace ferry::server::ftp
