// Commands that touch files and folders.
#include <fmt/format.h>

#include "servers/ftp/session.h"

namespace ferry::server::ftp {
namespace {

// "LIST -la path": what `ls` would take. There are no other switches, and no wildcards.
std::string_view without_switches(std::string_view argument) {
  while (argument.starts_with('-')) {
    const std::size_t end = argument.find(' ');
    argument.remove_prefix(end == std::string_view::npos ? argument.size() : end + 1);
  }
  return argument;
}

ListingForm form_of(std::string_view verb) {
  if (verb == "NLST") {
    return ListingForm::kNames;
  }
  return verb == "MLSD" ? ListingForm::kFacts : ListingForm::kLong;
}

}  // namespace

// --- Looking ---

void Session::pwd(const Command& /*command*/, Instant /*now*/) {
  reply(257, fmt::format("\"{}\" is the current folder.", here_.text(true)));
}

void Session::cwd(const Command& command, Instant /*now*/) {
  if (const auto path = path_of(command)) {
    enter(*path);
  }
}

void Session::cdup(const Command& /*command*/, Instant /*now*/) {
  enter(here_.parent());
}

void Session::enter(const Path& path) {
  const auto facts = surroundings_.tree.facts(path);
  if (!facts || !facts->is_folder) {
    refuse_tree(facts ? TreeError::kNotAFolder : facts.error());
    return;
  }
  here_ = path;
  reply(250, "Done.");
}

void Session::size(const Command& command, Instant /*now*/) {
  const auto path = path_of(command);
  if (!path) {
    return;
  }
  const auto facts = surroundings_.tree.facts(*path);
  if (!facts || facts->is_folder) {
    refuse_tree(facts ? TreeError::kNotAFile : facts.error());
    return;
  }
  reply(213, fmt::format("{}", facts->size));
}

void Session::mdtm(const Command& command, Instant /*now*/) {
  const auto path = path_of(command);
  if (!path) {
    return;
  }
  const auto facts = surroundings_.tree.facts(*path);
  if (!facts) {
    refuse_tree(facts.error());
    return;
  }
  reply(213, format_mdtm(facts->modified));
}

void Session::mlst(const Command& command, Instant /*now*/) {
  const auto path = path_of(command);
  if (!path) {
    return;
  }
  const auto facts = surroundings_.tree.facts(*path);
  if (!facts) {
    refuse_tree(facts.error());
    return;
  }
  reply_lines(250, "It is:", {format_facts(*facts, rights_->write) + path->text()}, "End");
}

void Session::list(const Command& command, Instant now) {
  if (passive_ != Passive::kOpen) {
    reply(425, "EPSV or PASV comes first.");
    return;
  }
  const ListingForm form = form_of(command.verb);
  const Command plain{.verb = command.verb,
                      .argument = std::string(form == ListingForm::kFacts ? std::string_view(command.argument)
                                                                          : without_switches(command.argument))};
  if (const auto path = path_of(plain)) {
    send_listing(plain, *path, form, now);
  }
}

void Session::send_listing(const Command& command, const Path& path, ListingForm form, Instant now) {
  const auto facts = surroundings_.tree.facts(path);
  if (!facts) {
    refuse_tree(facts.error());
    return;
  }
  if (form == ListingForm::kFacts && !facts->is_folder) {
    reply(501, "MLSD needs a folder.");
    return;
  }
  TreeResult<Listing> listing = Listing{.entries = {*facts}};
  if (facts->is_folder) {
    listing = surroundings_.tree.list(path, surroundings_.limits.list_entries);
  }
  if (!listing) {
    refuse_tree(listing.error());
    return;
  }
  begin_transfer(command.verb + " " + path.text(), SendText{format_listing(*listing, form, wall_time_, rights_->write)},
                 now);
  transfer_->cut_listing = listing->cut;
}

// --- Files ---

void Session::retr(const Command& command, Instant now) {
  if (passive_ != Passive::kOpen) {
    reply(425, "EPSV or PASV comes first.");
    return;
  }
  const auto path = path_of(command);
  if (!path) {
    return;
  }
  auto source = surroundings_.tree.open(*path);
  if (!source) {
    refuse_tree(source.error());
    return;
  }
  if (offset_ > (*source)->size()) {
    offset_ = 0;
    refuse_tree(TreeError::kBeyondEnd);
    return;
  }
  const std::uint64_t offset = offset_;
  begin_transfer("RETR " + path->text(), SendFile{.source = std::move(*source), .offset = offset}, now);
}

void Session::stor(const Command& command, Instant now) {
  receive_file(command, offset_ == 0 ? Writing::kReplace : Writing::kContinue, now);
}

void Session::appe(const Command& command, Instant now) {
  receive_file(command, Writing::kAppend, now);
}

void Session::receive_file(const Command& command, Writing writing, Instant now) {
  if (passive_ != Passive::kOpen) {
    reply(425, "EPSV or PASV comes first.");
    return;
  }
  const std::uint64_t offset = std::exchange(offset_, 0);
  const auto path = path_of(command);
  if (!path) {
    return;
  }
  auto sink = surroundings_.tree.create(*path, writing, offset, surroundings_.limits.upload);
  if (!sink) {
    refuse_tree(sink.error());
    return;
  }
  begin_transfer(command.verb + " " + path->text(), ReceiveFile{std::move(*sink)}, now);
}

// --- Changing the tree ---

void Session::dele(const Command& command, Instant /*now*/) {
  const auto path = path_of(command);
  if (!path) {
    return;
  }
  if (const auto done = surroundings_.tree.remove_file(*path); !done) {
    refuse_tree(done.error());
    return;
  }
  note(fmt::format("DELE {}", path->text()));
  reply(250, "Deleted.");
}

void Session::mkd(const Command& command, Instant /*now*/) {
  const auto path = path_of(command);
  if (!path) {
    return;
  }
  if (const auto done = surroundings_.tree.make_folder(*path); !done) {
    refuse_tree(done.error());
    return;
  }
  note(fmt::format("MKD {}", path->text()));
  reply(257, fmt::format("\"{}\" made.", path->text(true)));
}

void Session::rmd(const Command& command, Instant /*now*/) {
  const auto path = path_of(command);
  if (!path) {
    return;
  }
  if (const auto done = surroundings_.tree.remove_folder(*path); !done) {
    refuse_tree(done.error());
    return;
  }
  note(fmt::format("RMD {}", path->text()));
  reply(250, "Removed.");
}

void Session::rnfr(const Command& command, Instant /*now*/) {
  const auto path = path_of(command);
  if (!path) {
    return;
  }
  if (const auto facts = surroundings_.tree.facts(*path); !facts) {
    refuse_tree(facts.error());
    return;
  }
  rename_from_ = *path;
  reply(350, "RNTO comes next.");
}

void Session::rnto(const Command& command, Instant /*now*/) {
  const std::optional<Path> from = std::exchange(rename_from_, std::nullopt);
  if (!from) {
    refuse_command(503, "RNFR comes first.");
    return;
  }
  const auto to = path_of(command);
  if (!to) {
    return;
  }
  if (const auto done = surroundings_.tree.rename(*from, *to); !done) {
    refuse_tree(done.error());
    return;
  }
  note(fmt::format("RNFR {} RNTO {}", from->text(), to->text()));
  reply(250, "Renamed.");
}

}  // namespace ferry::server::ftp
