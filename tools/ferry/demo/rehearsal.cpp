#include "tools/ferry/demo/rehearsal.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <iostream>

#include "device/schedule/schedule.h"
#include "host/crypto.h"
#include "host/failure.h"
#include "host/files.h"
#include "host/peers/loopback.h"
#include "servers/hub/assets.h"
#include "tools/ferry/demo/microcontroller.h"

namespace ferry::tool {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFtpFolder = "firmware";  // on the server; vsftpd takes no uploads at the top
constexpr std::uint32_t kSmallestSlot = 256 * 1024;
constexpr std::uint32_t kRound = 64 * 1024;
constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kMinutesOfHour = 60;
constexpr std::int64_t kMinutesOfDay = 1440;
// The window lies around now: what the devices tell once their night has come is of about now, as whoever looks at the
// dashboard expects. Until then their clocks are behind, so that the window does not open by itself.
constexpr std::int64_t kNight = 10;  // minute of the day that it is now, in the middle of the window
constexpr const char* kWindow = "00:05+10m";
constexpr std::int64_t kBehind = -1200;       // seconds
constexpr std::int64_t kBeforeTheMoment = 2;  // seconds
constexpr std::int64_t kWithARestart = 8;     // seconds: time to find the network and log in
constexpr double kForOneDrop = 30;            // seconds, pauses included

std::int64_t utc_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// The zone in which it is that minute now.
std::string zone_of_the_night() {
  std::int64_t minutes = (kNight - utc_now() / kMinute % kMinutesOfDay + kMinutesOfDay) % kMinutesOfDay;
  minutes -= minutes > kMinutesOfDay / 2 ? kMinutesOfDay : 0;
  return fmt::format("{}{:02}:{:02}", minutes < 0 ? '-' : '+', std::abs(minutes) / kMinutesOfHour,
                     std::abs(minutes) % kMinutesOfHour);
}

void copy_folder(const fs::path& from, const fs::path& to) {
  host::FileSet files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(from)) {
    if (entry.is_regular_file()) {
      files.put(to / fs::relative(entry.path(), from), host::read_file(entry.path()));
    }
  }
  files.commit();
}

// Of an event that the business server has; 0: the device did not know it.
double time_of(const Json& event) {
  return event.contains("time") && event["time"].is_number() ? event["time"].get<double>() : 0;
}

bool has_dashboard() {
  return hub::find_page("") != nullptr;
}

Json parse(const std::string& line) {
  Json event = Json::parse(line, nullptr, false);
  return event.is_object() ? event : Json::object();
}

}  // namespace

Rehearsal::Rehearsal(DemoOptions options)
    : options_(std::move(options)),
      contents_(release_contents(options_)),
      story_(options_.json),
      stage_(story_, options_.keep) {
  for (Actor* actor : {&meter_, &stranger_}) {
    actor->device = make_device(options_, actor->serial, stage_, story_);
  }
}

void Rehearsal::run() {
  if (options_.dashboard && !has_dashboard()) {
    throw host::Failure("this program was built without the dashboard: run script/web, then build it again");
  }
  make_keys_and_products();
  start_servers();
  provision_devices();
  install_first_release();
  work_for_the_business_server();
  let_the_night_come();
  watch_the_upgrade();
  if (options_.dashboard) {
    wait_for_enter("all has been told; the dashboard stays until you press Enter");
  }
  close();
}

// --- At the maker's ---

void Rehearsal::make_keys_and_products() {
  story_.chapter("The maker makes a signing key, kept offline, and describes its products");
  stage_.ferry({"keys", "new", "keys"});
  const std::string size = std::to_string(flash_size());
  for (const Actor* actor : {&meter_, &stranger_}) {
    std::vector<std::string> arguments = {
        "product", "new",        actor->hardware + ".toml", "--vendor",    "acme.example", "--model",
        "m1",      "--hardware", actor->hardware,           "--slot-size", size,           "--staging-size",
        size};
    if (options_.mcu) {
      arguments.emplace_back("--linked");
    }
    stage_.ferry(arguments);
  }
}

std::uint32_t Rehearsal::flash_size() const {
  if (options_.mcu) {
    return Microcontroller::kSlotSize;
  }
  const auto larger = std::max(contents_[0].bytes, contents_[1].bytes);
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
  if (options_.ftp_server == "builtin") {
    start_own_ftp_server();
  } else {
    start_other_ftp_server();
  }
  if (options_.drops > 0) {
    proxy_ = std::make_unique<host::DropProxy>(ftp_.port);
    story_.tell(fmt::format("a bad line (port {}) stands between {} and the server", proxy_->port(), meter_.name()));
  }
  const std::uint16_t mqtt = host::free_port();
  hub_mqtt_ = fmt::format("127.0.0.1:{}", mqtt);
  start_hub();
}

// Devices read as anybody; an account of its own writes.
void Rehearsal::start_own_ftp_server() {
  ftp_ = {.reader = "anonymous:ferry@",
          .publisher = "publisher",
          .password = host::to_hex(host::random_array<std::array<std::uint8_t, 16>>())};
  stage_.write("publisher.password", ftp_.password + "\n");
  const std::vector<std::string> account = {"--write-user", "publisher", "--write-password-file"};
  story_.command(fmt::format("ferry serve site {} publisher.password", fmt::join(account, " ")));
  std::vector<std::string> arguments = {"serve", (stage_.folder() / "site").string(), "--json", "--listen",
                                        "127.0.0.1:0"};
  arguments.insert(arguments.end(), account.begin(), account.end());
  arguments.push_back((stage_.folder() / "publisher.password").string());
  stage_.start("ferry", arguments, "serve.log");
  LogTail log(stage_.folder() / "serve.log");
  stage_.await("the FTP server listens", 20, [&] {
    while (const auto line = log.next()) {
      ftp_.port = parse(*line).value("port", ftp_.port);
    }
    return ftp_.port != 0;
  });
}

void Rehearsal::start_other_ftp_server() {
  const auto kind = host::ftp_server_kind(options_.ftp_server);
  if (!kind) {
    throw host::Failure("--ftp-server {}: builtin, vsftpd, pure-ftpd or proftpd", options_.ftp_server);
  }
  ftp_peer_ = std::make_unique<host::FtpPeer>(
      host::FtpPeerOptions{.kind = *kind, .folder = stage_.folder() / "site", .upload = kFtpFolder});
  ftp_ = {.port = ftp_peer_->port(),
          .reader = ftp_peer_->user() + ":" + ftp_peer_->password() + "@",
          .publisher = ftp_peer_->user(),
          .password = ftp_peer_->password()};
  story_.tell(fmt::format("{}, unmodified, serves site/ on port {}", options_.ftp_server, ftp_.port));
}

// Where the device looks for releases: through the bad line, where there is one.
std::string Rehearsal::ftp_url(const Actor& actor) const {
  const bool bad_line = proxy_ && &actor == &meter_;
  return fmt::format("ftp://{}127.0.0.1:{}/{}", ftp_.reader, bad_line ? proxy_->port() : ftp_.port, kFtpFolder);
}

// --- At the factory ---

void Rehearsal::provision_devices() {
  began_at_ = utc_now();
  story_.chapter("Two devices get their factory parameters; one of them is of another hardware revision");
  const std::string zone = zone_of_the_night();
  for (const Actor* actor : {&meter_, &stranger_}) {
    stage_.ferry({"provision",
                  "--product",
                  actor->hardware + ".toml",
                  "--serial",
                  actor->serial,
                  "--trust",
                  "keys/release.pub",
                  "--ftp",
                  ftp_url(*actor),
                  "--business",
                  "mqtt://" + hub_mqtt_,
                  "--window",
                  kWindow,
                  "--zone",
                  zone,
                  "--trial",
                  "60",
                  "--report",
                  "1",
                  "--seal",
                  "--devices",
                  "devices.jsonl",
                  "--out",
                  actor->serial + ".factory"});
  }
  hub_->signal(SIGHUP);  // there is more in the registry now
  stage_.await("the business server knows both devices", 30, [&] {
    follow_hub();
    return hub_knows_devices_;
  });
}

void Rehearsal::start_hub() {
  stage_.write("devices.jsonl", "");  // nobody is provisioned yet
  story_.command(fmt::format("ferry hub --devices devices.jsonl --mqtt-listen {}", hub_mqtt_));
  hub_ = &stage_.start("ferry",
                       {"hub", "--json", "--devices", (stage_.folder() / "devices.jsonl").string(), "--mqtt-listen",
                        hub_mqtt_, "--dir", (stage_.folder() / "hub").string()},
                       "hub.log");
  hub_log_.emplace(stage_.folder() / "hub.log");
  stage_.await("the business server listens", 30, [&] {
    follow_hub();
    return hub_view_.has_value();
  });
  if (has_dashboard()) {
    story_.tell("its dashboard, where you make the first account: " + dashboard_);
  }
  if (options_.dashboard) {
    wait_for_enter("the devices start when you press Enter");
  }
}

void Rehearsal::wait_for_enter(const std::string& why) {
  story_.tell(why);
  std::string line;
  std::getline(std::cin, line);
}

void Rehearsal::release(const Actor& actor, const std::string& version, const ReleaseContent& content) {
  std::vector<std::string> arguments = {"release", "--product", actor.hardware + ".toml", "--version", version};
  arguments.insert(arguments.end(), content.options.begin(), content.options.end());
  arguments.insert(arguments.end(), {"--key", "keys/release.key", "--repo", "repo"});
  stage_.ferry(arguments);
}

void Rehearsal::publish() {
  const std::string url = fmt::format("ftp://{}@127.0.0.1:{}/{}", ftp_.publisher, ftp_.port, kFtpFolder);
  story_.tell(stage_.ferry({"publish", "repo", url}, ftp_.password));
}

void Rehearsal::install_first_release() {
  story_.chapter(options_.mcu ? "Release 1.0.0 is published, and stands in the flash of the new devices"
                              : "Release 1.0.0 is published, and the new devices install it");
  release(meter_, "1.0.0", contents_[0]);
  release(stranger_, "1.0.0", contents_[0]);
  publish();
  for (Actor* actor : {&meter_, &stranger_}) {
    actor->record.name = actor->name();
    actor->record.hardware = actor->hardware;
    actor->device->power_on(kBehind);
  }
  stage_.await("both devices run release 1.0.0", 120, [&] {
    follow();
    return runs_first_release(meter_) && runs_first_release(stranger_);
  });
  for (Actor* actor : {&meter_, &stranger_}) {
    actor->record = {.name = actor->name(), .hardware = actor->hardware, .before = actor->running};
    actor->events.clear();
  }
}

// --- 1. Business ---

void Rehearsal::work_for_the_business_server() {
  story_.chapter("The devices work for the business server, and report");
  show_readings("1.0.0", "1.0.0");
}

// Waits until the business server has, from each, the version that it runs and a reading made after all that it told,
// and sees it online.
void Rehearsal::show_readings(const std::string& meter_version, const std::string& stranger_version) {
  for (const auto& [actor, version] : {std::pair(&meter_, meter_version), std::pair(&stranger_, stranger_version)}) {
    Json readings;
    stage_.await("the business server has readings of " + actor->name() + " on " + version, 60, [&, actor = actor] {
      follow();
      readings = hub_view_->latest_readings(actor->id);
      const Json* login = newest_at_hub(*actor, {"confirmed", "started"});
      return login != nullptr && login->at("version") == version && !readings.empty() &&
             readings.front().value("time", 0.0) > time_of(*newest_at_hub(*actor, {})) &&
             hub_view_->is_online(actor->id);
    });
    story_.readings(actor->name(), version, readings, hub_view_->sealed(actor->id));
  }
}

// --- 2. Window ---

void Rehearsal::let_the_night_come() {
  story_.chapter("Release 2.0.0 for hardware r2 is published; by mistake it is put into r3's folder too");
  if (contents_[1].has_deltas) {
    story_.tell("beside the whole images it has deltas for devices that run 1.0.0: they fetch those");
  }
  release(meter_, "2.0.0", contents_[1]);
  const fs::path products = stage_.folder() / "repo/acme.example/m1";
  story_.command("cp -r repo/acme.example/m1/r2/. repo/acme.example/m1/r3");
  copy_folder(products / "r2", products / "r3");
  publish();
  if (proxy_) {
    const std::uint64_t piece = contents_[1].bytes / (options_.drops + 1);
    proxy_->set_plan({.after_bytes = piece, .times = options_.drops});
  }
  story_.chapter("Night falls: each device goes at its own moment between 00:05 and 00:15");
  if (options_.mcu) {
    story_.tell("each is reset from its console, and asks its 4G module for the network's time");
  }
  set_clock_before_moment(meter_);
  set_clock_before_moment(stranger_);
}

// The moment follows from device id and day; the device's clock is set to just before it.
void Rehearsal::set_clock_before_moment(const Actor& actor) {
  const host::Bytes bytes = host::read_file(stage_.folder() / (actor.serial + ".factory"));
  const auto factory = decode_factory(bytes);
  if (!factory) {
    throw host::Failure("{}.factory: {}", actor.serial, name(factory.error()));
  }
  const WindowSettings& window = factory->settings.window;
  const Schedule schedule(window, factory->parameters.device_id);
  const std::int64_t now = utc_now();
  const std::int64_t today = (began_at_ / kMinute + window.zone_minutes) / kMinutesOfDay;
  const std::int64_t moment = schedule.moment(static_cast<std::int32_t>(today));
  actor.device->set_clock(moment - (options_.mcu ? kWithARestart : kBeforeTheMoment) - now);
}

// --- 3. to 11. ---

void Rehearsal::watch_the_upgrade() {
  stage_.await("one device upgrades and the other one refuses", 180 + kForOneDrop * options_.drops, [&] {
    follow();
    return has(meter_, "confirmed") && has(stranger_, "refused");
  });
  stage_.await("the business server hears of the refusal", 60, [&] {
    follow();
    return newest_at_hub(stranger_, {"refused"}) != nullptr;
  });
  story_.chapter("Both are back at work");
  show_readings("2.0.0", "1.0.0");
}

void Rehearsal::close() {
  story_.chapter("The end");
  for (Actor* actor : {&meter_, &stranger_}) {
    actor->record.after = actor->running;
    actor->device->ask_memory();
    stage_.await(actor->name() + " says what it takes of its memory", 60, [&] {
      follow();
      return actor->device->memory().has_value();
    });
    actor->record.memory = actor->device->memory().value();
  }
  meter_.record.drops = told_drops_;
  if (meter_.record.after != "2.0.0" || stranger_.record.after != "1.0.0") {
    throw host::Failure("the devices ended on {} and {}, not on 2.0.0 and 1.0.0", meter_.record.after,
                        stranger_.record.after);
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
  story_.end({meter_.record, stranger_.record}, contents_[1].bytes, seconds);
  if (options_.keep) {
    story_.tell("everything is kept in " + stage_.folder().string());
  }
}

// --- What the others say ---

void Rehearsal::follow() {
  follow_device(meter_);
  follow_device(stranger_);
  follow_hub();
  while (proxy_ && told_drops_ < proxy_->drops()) {
    story_.drop(meter_.name(), ++told_drops_, options_.drops);
  }
}

void Rehearsal::follow_device(Actor& actor) {
  while (const auto next = actor.device->next_event()) {
    const Json& event = *next;
    const std::string kind = event.value("event", "");
    actor.id = event.value("device", actor.id);
    if (kind == "boot" || kind == "confirmed" || kind == "started") {
      actor.running = event.value("version", actor.running);
    }
    story_.device(actor.record.name, event, actor.device->begins_blank() && actor.record.before.empty());
    note(actor.record, event);
    if (kind == "failed" || kind == "reverted") {
      throw host::Failure("{}: {}: {}", actor.name(), kind, event.value("error", "?"));  // its next try is far away
    }
    actor.events.push_back(event);
  }
}

void Rehearsal::note(DeviceRecord& record, const Json& event) {
  const std::string kind = event.value("event", "");
  if (kind == "refused") {
    record.outcome = "refused: " + event.value("error", "");
  } else if (kind == "confirmed") {
    record.outcome = "upgraded";
    record.image = contents_[1].bytes;
  }
  if (event.contains("milliseconds")) {
    record.times[kind] = event["milliseconds"].get<std::uint64_t>();
  }
  if (kind == "reset" || kind == "refused") {
    record.bytes = event.value("bytes", record.bytes);
  }
}

void Rehearsal::follow_hub() {
  while (const auto line = hub_log_->next()) {
    hub_knows_devices_ = hub_knows_devices_ || line->ends_with(" 2 devices in the registry");
    const Json event = parse(*line);
    if (event.value("event", "") == "listening") {
      hub_view_.emplace(event.value("http", ""), event.value("token", ""));
      dashboard_ = event.contains("setup") && event["setup"].is_string() ? event["setup"].get<std::string>() : "";
    } else if (event.contains("event")) {
      hub_events_.push_back(event);
    }
  }
}

bool Rehearsal::has(const Actor& actor, std::string_view event) const {
  return std::any_of(actor.events.begin(), actor.events.end(),
                     [&](const Json& one) { return one.value("event", "") == event; });
}

// A device that does not begin blank has it from the factory, and has nothing to confirm.
bool Rehearsal::runs_first_release(const Actor& actor) const {
  return has(actor, actor.device->begins_blank() ? "confirmed" : "started");
}

// The newest event of these kinds, or of any, that the business server has from the device; null: none.
const Json* Rehearsal::newest_at_hub(const Actor& actor, std::initializer_list<std::string_view> kinds) const {
  const auto found = std::find_if(hub_events_.rbegin(), hub_events_.rend(), [&](const Json& event) {
    return event.value("device", "?") == actor.id &&
           (kinds.size() == 0 || std::find(kinds.begin(), kinds.end(), event.value("kind", "")) != kinds.end());
  });
  return found == hub_events_.rend() ? nullptr : &*found;
}

}  // namespace ferry::tool
