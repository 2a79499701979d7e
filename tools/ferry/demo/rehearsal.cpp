#include "tools/ferry/demo/rehearsal.h"

#include <csignal>
#include <fmt/format.h>
#include <fstream>

#include "device/schedule/schedule.h"
#include "host/failure.h"
#include "host/files.h"
#include "host/peers/loopback.h"

namespace ferry::tool {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOldFirmware = "/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_jump.bin";
constexpr const char* kNewFirmware = "/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin";
constexpr std::uint32_t kSmallestSlot = 256 * 1024;
constexpr std::uint32_t kRound = 64 * 1024;
constexpr std::int64_t kDay = 86400;
constexpr std::int64_t kBeforeTheMoment = 2;  // seconds

fs::path require_image(const fs::path& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  if (error || size == 0) {
    throw host::Failure("{}: no firmware image there; give two with --image OLD NEW, or `apt-get install opensbi`",
                        path.string());
  }
  return fs::absolute(path);
}

// Payloads first, the manifest last and under its own name only when it is whole: as `ferry publish` does.
void copy_repository(const fs::path& from, const fs::path& to) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(from)) {
    if (entry.is_regular_file()) {
      files.push_back(entry.path());
    }
  }
  std::stable_partition(files.begin(), files.end(), [](const fs::path& file) { return file.extension() != ".suit"; });
  host::FileSet set;
  for (const fs::path& file : files) {
    set.put(to / fs::relative(file, from), host::read_file(file));
  }
  set.commit();
}

Json parse(const std::string& line) {
  Json event = Json::parse(line, nullptr, false);
  return event.is_object() ? event : Json::object();
}

}  // namespace

Rehearsal::Rehearsal(DemoOptions options)
    : options_(std::move(options)),
      story_(options_.json),
      stage_(story_, options_.keep),
      old_image_(require_image(options_.images.empty() ? kOldFirmware : options_.images.at(0))),
      new_image_(require_image(options_.images.empty() ? kNewFirmware : options_.images.at(1))) {}

void Rehearsal::run() {
  make_keys_and_products();
  start_servers();
  provision_devices();
  install_first_release();
  work_for_the_business_server();
  let_the_night_come();
  watch_the_upgrade();
  close();
}

// --- At the maker's ---

void Rehearsal::make_keys_and_products() {
  story_.chapter("The maker makes a signing key, kept offline, and describes its products");
  stage_.ferry({"keys", "new", "keys"});
  const std::string size = std::to_string(flash_size());
  for (const Actor* actor : {&meter_, &stranger_}) {
    stage_.ferry({"product", "new", actor->hardware + ".toml", "--vendor", "acme.example", "--model", "m1",
                  "--hardware", actor->hardware, "--slot-size", size, "--staging-size", size});
  }
}

std::uint32_t Rehearsal::flash_size() const {
  const auto larger = std::max(fs::file_size(old_image_), fs::file_size(new_image_));
  const auto needed = (larger + kRound) / kRound * kRound + kRound;
  if (needed > UINT32_MAX / 8) {
    throw host::Failure("the images are larger than the demo's devices; take some below 500 MB");
  }
  return std::max(static_cast<std::uint32_t>(needed), kSmallestSlot);
}

// --- Servers: any FTP server, and the business server ---

void Rehearsal::start_servers() {
  story_.chapter("An FTP server that knows nothing of upgrades, and the business server");
  fs::create_directories(stage_.folder() / "site");
  start_ftp_server();
  start_hub();
}

void Rehearsal::start_ftp_server() {
  const fs::path site = stage_.folder() / "site";
  if (options_.ftp_server != "builtin") {
    const auto kind = host::ftp_server_kind(options_.ftp_server);
    if (!kind) {
      throw host::Failure("--ftp-server: builtin, vsftpd, pure-ftpd or proftpd");
    }
    if (const auto problem = host::why_not(*kind)) {
      throw host::Failure("{}", *problem);
    }
    ftp_peer_ = std::make_unique<host::FtpPeer>(host::FtpPeerOptions{.kind = *kind, .folder = site});
    ftp_port_ = ftp_peer_->port();
    return story_.tell(fmt::format("{}, unmodified, serves site/ on port {}", options_.ftp_server, ftp_port_));
  }
  ftp_port_ = host::free_port();
  story_.command(fmt::format("ferry serve site --listen 127.0.0.1:{}", ftp_port_));
  stage_.start("ferry", {"serve", site.string(), "--listen", fmt::format("127.0.0.1:{}", ftp_port_)},
               stage_.folder() / "serve.log");
  await("the FTP server greets", 20, [&] { return host::greets(ftp_port_, std::chrono::milliseconds(500)); });
}

std::string Rehearsal::ftp_url() const {
  return ftp_peer_ ? ftp_peer_->url() : fmt::format("ftp://anonymous:ferry@127.0.0.1:{}/", ftp_port_);
}

void Rehearsal::start_hub() {
  const std::uint16_t mqtt = host::free_port();
  hub_mqtt_ = fmt::format("127.0.0.1:{}", mqtt);
  std::ofstream(stage_.folder() / "devices.jsonl");  // nobody is provisioned yet
  story_.command(fmt::format("ferry hub --devices devices.jsonl --mqtt-listen {}", hub_mqtt_));
}

// --- At the factory ---

void Rehearsal::provision_devices() {
  story_.chapter("Two devices get their factory parameters; one of them is of another hardware revision");
  for (const Actor* actor : {&meter_, &stranger_}) {
    stage_.ferry({"provision",
                  "--product",
                  actor->hardware + ".toml",
                  "--serial",
                  actor->serial,
                  "--trust",
                  "keys/release.pub",
                  "--ftp",
                  ftp_url(),
                  "--business",
                  "mqtt://" + hub_mqtt_,
                  "--window",
                  "02:00+60m",
                  "--trial",
                  "60",
                  "--report",
                  "1",
                  "--devices",
                  "devices.jsonl",
                  "--out",
                  actor->factory});
  }
  const fs::path log = stage_.folder() / "hub.log";
  hub_log_.emplace(log);
  stage_.start("ferry",
               {"hub", "--json", "--devices", (stage_.folder() / "devices.jsonl").string(), "--mqtt-listen", hub_mqtt_,
                "--dir", (stage_.folder() / "hub").string()},
               log);
  await("the business server listens", 30, [&] {
    follow_hub();
    return !hub_events_.empty() && hub_events_.front().value("event", "") == "listening";
  });
}

void Rehearsal::release_and_publish(const std::string& version, const fs::path& image) {
  for (const Actor* actor : {&meter_, &stranger_}) {
    // Release 2 is made for the one revision only.
    if (version == "2.0.0" && actor == &stranger_) {
      continue;
    }
    stage_.ferry({"release", "--product", actor->hardware + ".toml", "--version", version, "--image", image.string(),
                  "--key", "keys/release.key", "--repo", "repo"});
  }
  publish();
}

void Rehearsal::publish() {
  copy_repository(stage_.folder() / "repo", stage_.folder() / "site");
  story_.tell("published: payloads first, the manifest last");
}

void Rehearsal::install_first_release() {
  story_.chapter("Release 1.0.0 is published, and the new devices install it");
  release_and_publish("1.0.0", old_image_);
  for (Actor* actor : {&meter_, &stranger_}) {
    actor->record.name = "meter " + actor->serial;
    actor->record.hardware = actor->hardware;
    const fs::path log = stage_.folder() / (actor->serial + ".log");
    actor->log.emplace(log);
    std::ofstream(stage_.folder() / (actor->serial + ".clock")) << "0\n";
    stage_.start("ferry-agent",
                 {"--json", "--factory", (stage_.folder() / actor->factory).string(), "--state",
                  (stage_.folder() / actor->serial).string(), "--clock-offset",
                  (stage_.folder() / (actor->serial + ".clock")).string()},
                 log);
  }
  await("both devices run release 1.0.0", 120, [&] {
    follow();
    return has(meter_, "confirmed") && has(stranger_, "confirmed");
  });
  for (Actor* actor : {&meter_, &stranger_}) {
    actor->record.before = actor->running;
    actor->events.clear();
  }
}

// --- 1. Business ---

void Rehearsal::work_for_the_business_server() {
  story_.chapter("The devices work for the business server, and report");
  await("the business server hears that both devices are at work", 60, [&] {
    follow();
    return !event_at_hub(meter_, "confirmed").empty() && !event_at_hub(stranger_, "confirmed").empty();
  });
  story_.tell("the business server has both at work on 1.0.0");
}

// --- 2. Window ---

void Rehearsal::let_the_night_come() {
  story_.chapter("Release 2.0.0 for hardware r2 is published; by mistake it is put into r3's folder too");
  release_and_publish("2.0.0", new_image_);
  copy_repository(stage_.folder() / "repo/acme.example/m1/r2", stage_.folder() / "site/acme.example/m1/r3");
  story_.chapter("Night falls: each device goes at its own moment between 02:00 and 03:00");
  set_clock_before_moment(meter_);
  set_clock_before_moment(stranger_);
}

// The moment follows from device id and day; the device's clock is set to just before it.
void Rehearsal::set_clock_before_moment(const Actor& actor) {
  const host::Bytes bytes = host::read_file(stage_.folder() / actor.factory);
  const auto factory = decode_factory(bytes);
  if (!factory) {
    throw host::Failure("{}: {}", actor.factory, name(factory.error()));
  }
  const Schedule schedule(factory->settings.window, factory->parameters.device_id);
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  const std::int64_t moment = schedule.moment(static_cast<std::int32_t>(now / kDay + 1));
  host::FileSet set;
  set.put(stage_.folder() / (actor.serial + ".clock"), std::to_string(moment - kBeforeTheMoment - now) + "\n");
  set.commit();
}

// --- 3. to 11. ---

void Rehearsal::watch_the_upgrade() {
  await("one device upgrades and the other one refuses", 180, [&] {
    follow();
    return has(meter_, "confirmed") && has(stranger_, "refused");
  });
  await("the business server hears of it", 60, [&] {
    follow();
    return event_at_hub(meter_, "confirmed") == "2.0.0" && !event_at_hub(stranger_, "refused").empty();
  });
}

void Rehearsal::close() {
  story_.chapter("The end");
  meter_.record.after = meter_.running;
  stranger_.record.after = stranger_.running;
  if (meter_.record.after != "2.0.0" || stranger_.record.after != "1.0.0") {
    throw host::Failure("the devices ended on {} and {}, not on 2.0.0 and 1.0.0", meter_.record.after,
                        stranger_.record.after);
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
  story_.end({meter_.record, stranger_.record}, fs::file_size(new_image_), seconds);
  if (options_.keep) {
    story_.tell("everything is kept in " + stage_.folder().string());
  }
}

// --- What the others say ---

void Rehearsal::follow() {
  follow_device(meter_);
  follow_device(stranger_);
  follow_hub();
}

void Rehearsal::follow_device(Actor& actor) {
  while (const auto line = actor.log->next()) {
    const Json event = parse(*line);
    const std::string kind = event.value("event", "");
    if (kind.empty()) {
      throw host::Failure("device {} said: {}", actor.serial, *line);
    }
    story_.device(actor.record.name, event);
    actor.device = event.value("device", actor.device);
    if (kind == "boot" || kind == "confirmed" || kind == "started") {
      actor.running = event.value("version", actor.running);
    }
    if (kind == "refused") {
      actor.record.outcome = "refused: " + event.value("error", "");
    } else if (kind == "confirmed") {
      actor.record.outcome = "upgraded";
    }
    if (event.contains("milliseconds")) {
      actor.record.times[kind] = event["milliseconds"].get<std::uint64_t>();
      actor.record.bytes =
          kind == "reset" || kind == "refused" ? event["bytes"].get<std::uint64_t>() : actor.record.bytes;
    }
    actor.events.push_back(event);
  }
}

void Rehearsal::follow_hub() {
  while (const auto line = hub_log_->next()) {
    const Json event = parse(*line);
    if (event.contains("event")) {
      hub_events_.push_back(event);
    }
  }
}

bool Rehearsal::has(const Actor& actor, std::string_view event) const {
  return std::any_of(actor.events.begin(), actor.events.end(),
                     [&](const Json& one) { return one.value("event", "") == event; });
}

// The version in the newest event of that kind that the business server has from the device.
std::string Rehearsal::event_at_hub(const Actor& actor, std::string_view event) const {
  std::string version;
  for (const Json& one : hub_events_) {
    const bool of_actor = one.value("device", "?") == actor.device;
    if (one.value("event", "") == "device" && of_actor && one.value("kind", "") == event) {
      version = one.contains("version") && one["version"].is_string() ? one["version"].get<std::string>() : "?";
    }
  }
  return version;
}

}  // namespace ferry::tool
