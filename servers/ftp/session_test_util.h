// A session on a tree in memory, and a stand-in for the shell that carries its data.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>

#include "servers/ftp/session.h"

namespace ferry::server::ftp {

class MemoryTree final : public Tree {
 public:
  std::map<std::string, std::string> files;  // by full path
  std::map<std::string, bool> folders{{"/", true}};
  bool disk_is_full = false;

  class MemorySource final : public Source {
   public:
    explicit MemorySource(std::string bytes) : content(std::move(bytes)) {}
    [[nodiscard]] std::uint64_t size() const override { return content.size(); }
    [[nodiscard]] int descriptor() const override { return -1; }
    std::string content;
  };
  class MemorySink final : public Sink {
   public:
    MemorySink(MemoryTree& tree, std::string path, std::string start, std::uint64_t max)
        : tree_(tree), path_(std::move(path)), content_(std::move(start)), max_(max) {}
    [[nodiscard]] TreeResult<void> write(ByteView bytes) override {
      if (tree_.disk_is_full) {
        return tl::unexpected(TreeError::kNoSpace);
      }
      content_ += as_text(bytes);
      return content_.size() <= max_ ? TreeResult<void>() : tl::unexpected(TreeError::kTooLarge);
    }
    [[nodiscard]] TreeResult<void> finish() override {
      tree_.files[path_] = content_;
      return {};
    }

   private:
    MemoryTree& tree_;
    std::string path_;
    std::string content_;
    std::uint64_t max_;
  };

  [[nodiscard]] TreeResult<Facts> facts(const Path& path) override {
    const std::string text = path.text();
    if (folders.contains(text)) {
      return Facts{.name = name_of(text), .is_folder = true};
    }
    if (files.contains(text)) {
      return Facts{.name = name_of(text), .size = files[text].size(), .modified = 1'700'000'000};
    }
    return tl::unexpected(TreeError::kNotFound);
  }
  [[nodiscard]] TreeResult<Listing> list(const Path& folder, std::size_t max_entries) override {
    Listing listing;
    const std::string prefix = folder.is_root() ? "/" : folder.text() + "/";
    for (const auto& [path, content] : files) {
      if (!path.starts_with(prefix) || path.find('/', prefix.size()) != std::string::npos) {
        continue;
      }
      if (listing.entries.size() == max_entries) {
        listing.cut = true;
        break;
      }
      listing.entries.push_back({.name = name_of(path), .size = content.size(), .modified = 1'700'000'000});
    }
    return listing;
  }
  [[nodiscard]] TreeResult<std::unique_ptr<Source>> open(const Path& file) override {
    if (!files.contains(file.text())) {
      return tl::unexpected(TreeError::kNotFound);
    }
    return std::make_unique<MemorySource>(files[file.text()]);
  }
  [[nodiscard]] TreeResult<std::unique_ptr<Sink>> create(const Path& file, Writing writing, std::uint64_t offset,
                                                         std::uint64_t max_size) override {
    std::string start = writing == Writing::kReplace ? "" : files[file.text()];
    if (writing == Writing::kContinue) {
      start.resize(offset);
    }
    return std::make_unique<MemorySink>(*this, file.text(), start, max_size);
  }
  [[nodiscard]] TreeResult<void> remove_file(const Path& file) override { return found(files.erase(file.text()) == 1); }
  [[nodiscard]] TreeResult<void> make_folder(const Path& folder) override {
    return folders.emplace(folder.text(), true).second ? TreeResult<void>() : tl::unexpected(TreeError::kExists);
  }
  [[nodiscard]] TreeResult<void> remove_folder(const Path& folder) override {
    return found(folders.erase(folder.text()) == 1);
  }
  [[nodiscard]] TreeResult<void> rename(const Path& from, const Path& to) override {
    files[to.text()] = files[from.text()];
    files.erase(from.text());
    return {};
  }

 private:
  static std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }
  static TreeResult<void> found(bool is_there) {
    return is_there ? TreeResult<void>() : tl::unexpected(TreeError::kNotFound);
  }
};

// The tests' fixture: files, accounts, one session at a time.
class SessionTest : public testing::Test {
 protected:
  SessionTest() {
    tree.files = {{"/manifest.suit", "manifest"}, {"/p/payload", "0123456789"}};
    tree.folders["/p"] = true;
    accounts.allow_anonymous();
    accounts.add("dev", "secret", {});
    accounts.add("publisher", "longsecret", {.write = true});
    limits.failed_login_delay = Duration::zero();
    begin();
  }

  void begin(bool ipv6 = false) {
    session.emplace(
        Surroundings{.tree = tree, .accounts = accounts, .limits = limits, .ipv6 = ipv6, .address = "127,0,0,1"}, now);
    EXPECT_THAT(replies(), testing::StartsWith("220 "));
  }
  void log_in(std::string_view user = "dev", std::string_view password = "secret") {
    EXPECT_THAT(say("USER " + std::string(user)), testing::StartsWith("331 "));
    EXPECT_THAT(say("PASS " + std::string(password)), testing::StartsWith("230 "));
  }
  void log_in_to_write() { log_in("publisher", "longsecret"); }

  // What is answered to a line, after the shell has done what it must.
  std::string say(std::string_view line) { return send(std::string(line) + "\r\n"); }
  std::string send(std::string_view bytes) {
    session->receive(as_bytes(bytes), now);
    return replies();
  }
  std::string replies() {
    act();
    return session->poll_transmit();
  }
  std::string pass_time(Duration time) {
    now += time;
    session->handle_timeout(now);
    return replies();
  }
  std::string passive() { return say("EPSV"); }

  // Carries a transfer that waits, from end to end.
  std::string transfer(std::string_view upload = "") {
    EXPECT_TRUE(pending.has_value());
    if (!pending) {
      return "";
    }
    session->data_connected(now);
    if (auto* file = std::get_if<SendFile>(&*pending)) {
      data = static_cast<MemoryTree::MemorySource&>(*file->source).content.substr(file->offset);
      session->data_moved(data.size(), now);
    } else if (auto* text = std::get_if<SendText>(&*pending)) {
      data = text->text;
    } else {
      return finish_upload(*std::get<ReceiveFile>(*pending).sink, upload);
    }
    pending.reset();
    session->transfer_ended(Session::TransferEnd::kDone, now);
    return replies();
  }

  MemoryTree tree;
  Accounts accounts;
  Limits limits;
  Instant now{1000s};
  std::optional<Session> session;
  std::optional<Event> pending;  // a transfer that waits for its data connection
  std::string data;              // what was sent last
  std::vector<std::string> notes;
  std::uint16_t port = 4001;
  bool has_ports = true;
  int ports_opened = 0;
  int logins_failed = 0;
  int aborted = 0;

 private:
  void act() {
    while (auto event = session->poll_event()) {
      if (std::holds_alternative<OpenPassive>(*event)) {
        ++ports_opened;
        has_ports ? session->passive_opened(port, now) : session->passive_failed(now);
      } else if (std::holds_alternative<AbortTransfer>(*event)) {
        ++aborted;
        pending.reset();
      } else if (std::holds_alternative<LoginFailed>(*event)) {
        ++logins_failed;
      } else if (auto* note = std::get_if<Note>(&*event)) {
        notes.push_back(note->text);
      } else {
        pending = std::move(*event);
      }
    }
  }
  std::string finish_upload(Sink& sink, std::string_view upload) {
    auto end = Session::TransferEnd::kDone;
    if (const auto written = sink.write(as_bytes(upload)); !written) {
      end = written.error() == TreeError::kNoSpace ? Session::TransferEnd::kNoSpace : Session::TransferEnd::kTooLarge;
    } else {
      EXPECT_TRUE(sink.finish().has_value());
    }
    pending.reset();
    session->transfer_ended(end, now);
    return replies();
  }
};

}  // namespace ferry::server::ftp
