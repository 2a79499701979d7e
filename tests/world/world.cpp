#include "tests/world/world.h"

#include <map>
#include <random>

#include "device/slots/slot.h"
#include "host/crypto.h"
#include "host/delta/container.h"
#include "host/packed/container.h"
#include "host/uuid.h"

namespace ferry::world {
namespace {

Uuid uuid(std::uint8_t first) {
  Uuid id{};
  id.fill(0x11);
  id[0] = first;
  return id;
}

host::Bytes to_bytes(std::string_view text) {
  return {text.begin(), text.end()};
}
// Some tests release one image a thousand times.
host::Bytes packed(const host::Bytes& image) {
  static std::map<host::Bytes, host::Bytes> made;
  const auto found = made.find(image);
  return found != made.end() ? found->second : made.emplace(image, host::packed::make_packed(image)).first->second;
}

std::string to_string(ByteView bytes) {
  return std::string(as_text(bytes));
}

std::vector<Handler*> pointers(const std::vector<std::unique_ptr<sim::FileHandler>>& handlers) {
  std::vector<Handler*> all;
  for (const auto& handler : handlers) {
    all.push_back(handler.get());
  }
  return all;
}

}  // namespace

const Keys& Keys::instance() {
  static const Keys keys{host::EcPrivateKey::generate(), host::EcPrivateKey::generate(),
                         host::EcPrivateKey::generate()};
  return keys;
}

std::string image(std::string_view head, std::size_t size) {
  std::string bytes(head);
  std::seed_seq seed(head.begin(), head.end());
  std::mt19937 random(seed);
  while (bytes.size() < size) {
    bytes.push_back(static_cast<char>(random() % 255));  // never 0xff: an image's end must be seen
  }
  return bytes;
}

World::World(WorldOptions options)
    : faults{.seed = options.seed},
      flash(options.geometry, faults),
      network(clock, faults, options.conditions, static_cast<std::uint32_t>(options.seed)),
      vendor_id(uuid(1)),
      class_id(uuid(2)),
      device_id(uuid(3)) {
  clock.set_wall_time(WallTime(WallTime::duration(kNoon)));
  ftp.user = "fleet";
  ftp.password = "secret";
  ftp.attach(network);
  broker.attach(network);
  for (const ComponentName& component : options.components) {
    if (component.kind == ComponentKind::kHandler) {
      handlers.push_back(std::make_unique<sim::FileHandler>(faults));
    }
  }
  device = std::make_unique<sim::Device>(
      sim::Device::World{.flash = flash, .network = network, .clock = clock, .faults = faults}, factory_file(options),
      pointers(handlers));
}

std::string World::factory_file(const WorldOptions& options) const {
  const Keys& keys = Keys::instance();
  FactoryFile file;
  file.parameters.vendor_id = vendor_id;
  file.parameters.class_id = class_id;
  file.parameters.device_id = device_id;
  file.parameters.serial = "0001";
  file.parameters.product = kProduct;
  file.parameters.hardware = "r2";
  file.parameters.anchors[0] = {.algorithm = cose::kEsp256, .key = keys.release.public_key().point()};
  file.parameters.anchor_count = 1;
  file.parameters.keys.ecdh = keys.device.scalar();
  file.parameters.component_count = options.components.size();
  std::copy(options.components.begin(), options.components.end(), file.parameters.components.begin());
  file.settings.ftp = {.host = "ftp.example", .port = 21, .user = "fleet", .password = "secret"};
  file.settings.ftp_root = "fw";
  file.settings.business = {.host = "hub.example", .port = 1883, .user = "device", .password = "token"};
  file.settings.flash = options.flash;
  file.settings.trial_seconds = options.trial_seconds;
  file.settings.device_manifest = options.device_manifest;
  file.settings.expiring_without_clock = options.expiring_without_clock;
  file.settings.stale_days = options.stale_days;
  std::array<std::uint8_t, 2048> buffer{};
  const auto encoded = encode_factory(file, buffer);
  if (!encoded) {
    throw std::logic_error("world: factory file: " + std::string(name(encoded.error())));
  }
  return to_string(*encoded);
}

host::ReleaseSpec World::spec(const ReleaseOptions& release) const {
  host::ReleaseSpec spec;
  spec.vendor_id = vendor_id;
  spec.class_id = class_id;
  spec.device_id = release.device;
  if (release.encrypted) {
    spec.encrypt_to = Keys::instance().device.public_key().point();
  }
  spec.sever = release.severed;
  spec.sequence = release.sequence;
  spec.version = *suit::Version::parse(release.version);
  spec.use_before = release.use_before;
  spec.minimum_battery = release.minimum_battery;
  spec.components.push_back(
      {.image = {.bytes = to_bytes(release.image.empty() ? image(release.version) : release.image)}});
  host::ReleaseImage& application = spec.components.front().image;
  if (release.packed) {
    application.payload = packed(application.bytes);
  }
  for (const std::string& old : release.deltas_from) {
    application.deltas.push_back({.precursor = host::sha256(as_bytes(old)),
                                  .precursor_size = old.size(),
                                  .payload = host::delta::make_delta(as_bytes(old), application.bytes)});
  }
  for (const auto& [component, content] : release.further) {
    spec.components.push_back({.name = component, .image = {.bytes = to_bytes(content)}});
  }
  return spec;
}

host::BuiltRelease World::build(const ReleaseOptions& release) const {
  return host::build_release(spec(release), Keys::instance().release);
}

std::string World::manifest_path() {
  return "fw/" + std::string(kProduct) + "/manifest.suit";
}

void World::publish(const host::BuiltRelease& release) {
  for (const auto& payload : release.payloads) {
    ftp.files["fw/" + std::string(kProduct) + "/" + payload.path] = to_string(payload.bytes);
  }
  for (const auto& member : release.members) {
    ftp.files["fw/" + std::string(kProduct) + "/" + member.path] = to_string(member.bytes);
  }
  put_manifest(release.envelope);
}

void World::put_manifest(host::Bytes envelope) {
  ftp.files[manifest_path()] = to_string(envelope);
}

void World::program_at_factory(const ReleaseOptions& release) {
  factory_release = build(release);
  const std::string content = release.image.empty() ? image(release.version) : release.image;
  const ImageLayout& application = device->layout().images[0];
  std::array<std::uint8_t, 256> buffer{};
  SlotWriter writer(application.image[0], buffer);
  Journal journal(device->layout().journal);
  BootStateStore store(journal);
  const bool done =
      writer.begin(static_cast<std::uint32_t>(content.size())) && writer.write(as_bytes(content)) && writer.finish() &&
      write_envelope(application.envelope[0], factory_release.envelope) && journal.mount() &&
      store.adopt(SlotSet(0), {.sequence = release.sequence, .manifest = factory_release.manifest_digest});
  if (!done) {
    throw std::logic_error("world: cannot program the device");
  }
  faults.flash_operations = 0;
}

namespace {

// What run_until() polls: the device, however often it restarts.
struct Pump {
  sim::Device& device;
  void poll(Instant now) { device.poll(now); }
  [[nodiscard]] Instant poll_timeout() const { return device.poll_timeout(); }
};

}  // namespace

bool World::run(const std::function<bool()>& done, Duration limit) {
  Pump pump{*device};
  return sim::run_until(clock, network, pump, done, limit);
}

std::string World::story() const {
  std::string story;
  for (const Event& event : device->events()) {
    story += std::string(story.empty() ? "" : ", ") + std::string(name(event.kind));
    story += event.error == Error{} ? "" : "(" + std::string(name(event.error)) + ")";
  }
  return story;
}

bool World::run_until_event(EventKind kind, Duration limit) {
  return run([&] { return has_event(kind); }, limit);
}

bool World::has_event(EventKind kind) const {
  return last_event(kind).has_value();
}

std::optional<Event> World::last_event(EventKind kind) const {
  std::optional<Event> last;
  for (const Event& event : device->events()) {
    if (event.kind == kind) {
      last = event;
    }
  }
  return last;
}

bool World::settled() {
  return device->is_on() && !faults.power_is_off && device->boot_decision().action != BootAction::kRecovery &&
         device->upgrade().at_work() && !device->upgrade().running().on_trial &&
         device->upgrade().reporter().all_delivered() && broker.sessions() > 0;
}

std::string World::running_version() {
  std::array<std::uint8_t, 64> buffer{};
  const auto text = device->upgrade().running().version.format(buffer);
  return text ? std::string(*text) : "";
}

bool World::visit(Duration limit) {
  if (!run([&] { return settled(); }, limit)) {
    return false;
  }
  device->clear_events();
  device->upgrade().request_visit();
  const auto ended = [&] {
    return (has_event(EventKind::kConfirmed) || has_event(EventKind::kReverted) || has_event(EventKind::kRefused) ||
            has_event(EventKind::kFailed) || has_event(EventKind::kNothingNewer)) &&
           settled();
  };
  return run(ended, limit);
}

}  // namespace ferry::world
