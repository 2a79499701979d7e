// ferry publish: a repository onto FTP servers. Payloads first, on all of them; then the manifests, each under a name
// of its own and then renamed: a device never sees a manifest whose payloads are not there.
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fmt/format.h>

#include "host/bytes.h"
#include "host/crypto.h"
#include "host/failure.h"
#include "host/files.h"
#include "tools/ferry/commands.h"
#include "tools/ferry/ftp_target.h"
#include "tools/ferry/output.h"
#include "tools/ferry/progress.h"

namespace ferry::tool {
namespace {

namespace fs = std::filesystem;

struct PublishOptions {
  std::string folder;
  std::vector<std::string> urls;
  bool tls = false;
  bool again = false;
  std::string authorities;
  bool json = false;
};

volatile std::sig_atomic_t interrupted = 0;

struct LocalFile {
  fs::path path;  // relative to the folder
  std::uint64_t size;
};

struct Repository {
  std::vector<LocalFile> payloads;  // everything that is no manifest
  std::vector<LocalFile> manifests;
  [[nodiscard]] std::uint64_t size() const {
    std::uint64_t total = 0;
    for (const auto* list : {&payloads, &manifests}) {
      for (const LocalFile& file : *list) {
        total += file.size;
      }
    }
    return total;
  }
};

bool is_hidden(const fs::path& path) {
  return std::any_of(path.begin(), path.end(), [](const fs::path& name) { return name.string().starts_with('.'); });
}

// A line break in a name would be a second command.
void check_name(const fs::path& path) {
  const std::string& text = path.native();
  if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; })) {
    throw host::Failure("a file name in the repository holds a control character; rename it");
  }
}

Repository look_into(const fs::path& folder) {
  if (!fs::is_directory(folder)) {
    throw host::Failure("{} is no folder", folder.string());
  }
  Repository repository;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    LocalFile file{.path = entry.path().lexically_relative(folder), .size = 0};
    if (!entry.is_regular_file() || is_hidden(file.path)) {
      continue;
    }
    check_name(file.path);
    file.size = entry.file_size();
    (file.path.extension() == ".suit" ? repository.manifests : repository.payloads).push_back(std::move(file));
  }
  if (repository.manifests.empty()) {
    throw host::Failure("{} holds no manifest (*.suit); make one with ferry release", folder.string());
  }
  for (auto* list : {&repository.payloads, &repository.manifests}) {
    std::sort(list->begin(), list->end(), [](const LocalFile& a, const LocalFile& b) { return a.path < b.path; });
  }
  return repository;
}

class Publication {
 public:
  Publication(const PublishOptions& options, Repository repository)
      : options_(options), repository_(std::move(repository)), progress_(repository_.size() * options.urls.size()) {
    for (const std::string& url : options.urls) {
      targets_.emplace_back(url, target_options());
    }
  }

  void run() {
    for (Target& target : targets_) {
      attempt(target, [&] { send_payloads(target); });
    }
    for (Target& target : targets_) {
      if (target.error.empty()) {
        attempt(target, [&] { send_manifests(target); });
      }
    }
    progress_.clear();
  }

  [[nodiscard]] Json report() const {
    Json list = Json::array();
    for (const Target& target : targets_) {
      Json entry = {{"url", target.server.name()},
                    {"payloads_sent", target.payloads_sent},
                    {"payloads_kept", target.payloads_kept},
                    {"manifests", target.manifests},
                    {"bytes_sent", target.bytes_sent}};
      entry["error"] = target.error.empty() ? Json() : Json(target.error);
      list.push_back(std::move(entry));
    }
    return {{"targets", std::move(list)}};
  }
  void print() const {
    for (const Target& target : targets_) {
      if (target.error.empty()) {
        fmt::print("{}: payload files sent: {}, there already: {}; manifests in force: {}\n", target.server.name(),
                   target.payloads_sent, target.payloads_kept, target.manifests);
      }
    }
  }
  // Throws where a target failed: one line, whatever happened.
  void judge() const {
    std::string reasons;
    std::size_t failed = 0;
    for (const Target& target : targets_) {
      if (!target.error.empty()) {
        ++failed;
        reasons += (reasons.empty() ? "" : "; ") + target.error;
      }
    }
    if (failed > 0) {
      throw host::Failure("{} of {} targets not published, the old release stays in force there: {}", failed,
                          targets_.size(), reasons);
    }
  }

 private:
  struct Target {
    Target(const std::string& url, FtpTargetOptions options) : server(url, std::move(options)) {}
    FtpTarget server;
    std::size_t payloads_sent = 0;
    std::size_t payloads_kept = 0;
    std::size_t manifests = 0;
    std::uint64_t bytes_sent = 0;
    std::string error;
  };
  struct Placed {
    fs::path temporary;
    const LocalFile* manifest;
    bool in_force = false;
  };

  FtpTargetOptions target_options() {
    FtpTargetOptions options{.tls = options_.tls, .authorities = options_.authorities};
    if (const char* password = std::getenv("FERRY_FTP_PASSWORD")) {
      options.password = password;
    }
    options.progress = [this](std::uint64_t sent) {
      progress_.show(done_ + sent, current_);
      return interrupted == 0;
    };
    return options;
  }

  template <typename Work>
  void attempt(Target& target, Work work) {
    try {
      work();
    } catch (const std::exception& error) {
      target.error = error.what();
    }
  }

  // Payload files never change once they are published: what has the right size is the right one.
  void send_payloads(Target& target) {
    for (const LocalFile& file : repository_.payloads) {
      const auto there = target.server.size(file.path);
      if (!options_.again && there && there->bytes == file.size) {
        ++target.payloads_kept;
        done_ += file.size;
        continue;
      }
      send(target, file, file.path);
      ++target.payloads_sent;
    }
  }

  void send(Target& target, const LocalFile& file, const fs::path& place) {
    current_ = target.server.name() + " " + file.path.string();
    target.server.upload(fs::path(options_.folder) / file.path, place);
    target.bytes_sent += file.size;
    done_ += file.size;
  }

  void send_manifests(Target& target) {
    std::vector<Placed> placed;
    try {
      for (const LocalFile& manifest : repository_.manifests) {
        placed.push_back({.temporary = temporary_name(manifest.path), .manifest = &manifest});
        send(target, manifest, placed.back().temporary);
      }
      for (Placed& each : placed) {
        target.server.rename(each.temporary, each.manifest->path.filename());
        each.in_force = true;
        ++target.manifests;
      }
    } catch (const std::exception&) {
      take_back(target, placed);
      throw;
    }
  }

  static fs::path temporary_name(const fs::path& manifest) {
    const auto random = host::random_array<std::array<std::uint8_t, 4>>();
    return manifest.parent_path() / fmt::format("{}.{}.new", manifest.filename().string(), host::to_hex(random));
  }

  static void take_back(Target& target, const std::vector<Placed>& placed) {
    for (const Placed& each : placed) {
      try {
        if (!each.in_force) {
          target.server.remove(each.temporary);
        }
      } catch (const std::exception&) {
        continue;  // what failed before is what the user must know
      }
    }
  }

  const PublishOptions& options_;
  Repository repository_;
  Progress progress_;
  std::vector<Target> targets_;
  std::uint64_t done_ = 0;
  std::string current_;
};

void check_authorities(const std::string& file) {
  if (!file.empty() && host::read_text_file(file).find("-----BEGIN CERTIFICATE-----") == std::string::npos) {
    throw host::Failure("{}: no certificates in PEM form", file);
  }
}

void publish(const PublishOptions& options) {
  Repository repository = look_into(options.folder);
  check_authorities(options.authorities);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  const auto remember = [](int) { interrupted = 1; };
  std::signal(SIGINT, remember);
  std::signal(SIGTERM, remember);
  Publication publication(options, std::move(repository));
  publication.run();
  if (options.json) {
    print_json(publication.report());
  } else {
    publication.print();
  }
  publication.judge();
}

}  // namespace

void add_publish(CLI::App& app) {
  auto options = std::make_shared<PublishOptions>();
  CLI::App* command = app.add_subcommand("publish", "Put a repository onto FTP servers");
  command->add_option("DIR", options->folder, "The repository: all of it is published, hidden files excepted")
      ->required();
  command->add_option("URL", options->urls, "ftp[s]://user@host/folder, one or more")->required();
  command->add_flag("--tls", options->tls, "Ask ftp:// servers for TLS, and refuse to go on without");
  command->add_option("--ca", options->authorities, "Certificates to trust instead of the system's");
  command->add_flag("--again", options->again, "Send payload files also where one of the same size is there");
  add_json_flag(*command, options->json);
  command->footer(
      "Example: FERRY_FTP_PASSWORD=... ferry publish repo ftp://publisher@files.example/firmware\n"
      "The password is taken from the URL, else from FERRY_FTP_PASSWORD, else from ~/.netrc.\n"
      "All payloads go to all targets before any manifest; a manifest is replaced in one step.");
  command->callback([options] { publish(*options); });
}

}  // namespace ferry::tool
