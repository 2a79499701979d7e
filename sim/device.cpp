#include "sim/device.h"

#include <stdexcept>

#include "device/delta/decoder.h"
#include "device/packed/decoder.h"

namespace ferry::sim {
namespace {

constexpr Duration kWatchdog = 8s;

class SimBoard final : public Board {
 public:
  explicit SimBoard(ResetCause cause) : cause_(cause) {}
  void reset() override { wants_reset_ = true; }
  [[nodiscard]] ResetCause reset_cause() override { return cause_; }
  void feed_watchdog() override {}
  [[nodiscard]] bool wants_reset() const { return wants_reset_; }

 private:
  ResetCause cause_;
  bool wants_reset_ = false;
};

class SimPower final : public Power {
 public:
  explicit SimPower(const PowerStatus& status) : status_(status) {}
  [[nodiscard]] PowerStatus status() override { return status_; }

 private:
  const PowerStatus& status_;
};

// Determined: the same world gives the same numbers.
class SimEntropy final : public Entropy {
 public:
  [[nodiscard]] Status fill(ByteSpan bytes) override {
    for (auto& byte : bytes) {
      state_ = state_ * 1664525U + 1013904223U;
      byte = static_cast<std::uint8_t>(state_ >> 24);
    }
    return ok();
  }

 private:
  std::uint32_t state_ = 7;
};

// Stands in the way of a mute image's login.
class UnpluggedNetwork final : public ferry::Network {
 public:
  [[nodiscard]] Result<Connection> open(std::string_view, std::uint16_t) override { return fail(Error::kIo); }
  [[nodiscard]] Result<Connection> open_beside(Connection, std::uint16_t) override { return fail(Error::kIo); }
  [[nodiscard]] ConnectionState state(Connection) override { return ConnectionState::kFailed; }
  [[nodiscard]] Result<std::size_t> send(Connection, ByteView) override { return fail(Error::kIo); }
  [[nodiscard]] Result<std::size_t> receive(Connection, ByteSpan) override { return fail(Error::kIo); }
  void close(Connection) override {}
};

LayoutPlan plan_of(const FactoryFile& factory) {
  LayoutPlan plan;
  plan.slot_size = factory.settings.flash.slot_size;
  plan.staging_size = factory.settings.flash.staging_size;
  plan.second_size = factory.settings.flash.second_size;
  for (std::size_t i = 0; i < factory.parameters.component_count; ++i) {
    plan.image_count += factory.parameters.components[i].kind == ComponentKind::kImage ? 1 : 0;
  }
  return plan;
}

}  // namespace

// --- FileHandler ---

Status FileHandler::count() {
  return faults_.flash_operation_fails() ? fail(Error::kIo) : ok();
}

Status FileHandler::begin(std::uint32_t size) {
  FERRY_TRY(count());
  fresh_.clear();
  expected_ = size;
  complete_ = false;
  activated_ = false;
  return ok();
}

Status FileHandler::write(ByteView bytes) {
  FERRY_TRY(count());
  fresh_ += as_text(bytes);
  return fresh_.size() <= expected_ ? ok() : fail(Error::kImageTooLarge);
}

Status FileHandler::finish() {
  FERRY_TRY(count());
  if (fresh_.size() != expected_) {
    return fail(Error::kWrongState);
  }
  complete_ = true;
  return ok();
}

Status FileHandler::read(std::uint32_t offset, ByteSpan bytes) {
  if (!complete_ || offset > fresh_.size() || bytes.size() > fresh_.size() - offset) {
    return fail(Error::kOutOfRange);
  }
  copy(as_bytes(fresh_).subspan(offset), bytes);
  return ok();
}

Result<bool> FileHandler::activate() {
  FERRY_TRY(count());
  if (refuses_ || !complete_) {
    return fail(Error::kHandlerFailed);
  }
  if (!activated_) {
    before_ = in_force_;
    in_force_ = fresh_;
    activated_ = true;
  }
  return true;
}

Result<bool> FileHandler::roll_back() {
  FERRY_TRY(count());
  if (activated_) {
    in_force_ = before_;
    activated_ = false;
  }
  complete_ = false;
  return true;
}

// --- Device ---

struct Device::Ram {
  explicit Ram(Device& device, ResetCause cause)
      : journal(device.layout_.journal),
        store(journal),
        board(cause),
        power(device.power_),
        link(device.behaviour_ == Behaviour::kMute ? static_cast<ferry::Network&>(unplugged) : device.world_.network,
             device.factory_.settings.business, device.factory_.parameters.device_id, 1),
        environment{.factory = device.factory_,
                    .layout = device.layout_,
                    .journal = journal,
                    .network = device.world_.network,
                    .clock = device.world_.clock,
                    .entropy = entropy,
                    .power = power,
                    .board = board,
                    .business = link,
                    .handlers = device.handlers_,
                    .delta_decoder = &decoder.image_decoder(),
                    .packed_decoder = &packed_decoder.image_decoder()},
        upgrade(environment, memory.memory(), device.tuning_, &device) {}

  Journal journal;
  BootStateStore store;
  SimBoard board;
  SimPower power;
  SimEntropy entropy;
  UnpluggedNetwork unplugged;
  mqtt::Link link;
  MemoryOf<4096 + 512 + 256> memory{};
  delta::Decoder<> decoder;
  packed::Decoder packed_decoder;
  Environment environment;
  Upgrade upgrade;
};

Device::Device(World world, std::string factory_file, std::vector<Handler*> handlers, Tuning tuning)
    : world_(world), factory_bytes_(std::move(factory_file)), handlers_(std::move(handlers)), tuning_(tuning) {
  const auto factory = decode_factory(as_bytes(factory_bytes_));
  if (!factory) {
    throw std::invalid_argument("sim::Device: the factory file is not valid");
  }
  factory_ = *factory;
  const auto layout = Layout::make(world_.flash, plan_of(factory_));
  if (!layout) {
    throw std::invalid_argument("sim::Device: the flash is too small for the factory file's settings");
  }
  layout_ = *layout;
}

Device::~Device() = default;

void Device::power_on(ResetCause cause) {
  power_off();
  world_.clock.restart();
  if (!boot(cause)) {
    power_off();  // the power failed again during the boot decision
    return;
  }
  behaviour_ = behaviour();
  application_ = std::make_unique<Ram>(*this, cause);
  const Instant now = world_.clock.now();
  if (behaviour_ == Behaviour::kCrash || behaviour_ == Behaviour::kHang) {
    watchdog_at_ = behaviour_ == Behaviour::kCrash ? now : now + kWatchdog;
    return;
  }
  watchdog_at_ = kNever;
  const Status mounted = application_->journal.mount();
  const Status started =
      mounted ? application_->upgrade.start(now, decision_.action == BootAction::kRecovery) : mounted;
  if (!started) {
    if (!world_.faults.power_is_off) {
      throw std::runtime_error("sim::Device: start failed: " + std::string(name(started.error())));
    }
    power_off();
  }
}

void Device::power_off() {
  application_.reset();
  world_.network.drop_all();
}

// As a bootloader does, in RAM of its own.
bool Device::boot(ResetCause cause) {
  Journal journal(layout_.journal);
  if (!journal.mount()) {
    return false;
  }
  BootStateStore store(journal);
  std::array<std::uint8_t, Layout::kEnvelopeSize> envelope{};
  std::array<std::uint8_t, 512> hash{};
  Boot boot(layout_, factory_.parameters, journal, store, envelope, hash);
  const auto decision = boot.decide(cause);
  if (!decision) {
    return false;
  }
  decision_ = *decision;
  ++boots_;
  return !world_.faults.power_is_off;
}

void Device::poll(Instant) {
  if (!is_on() || world_.faults.power_is_off) {
    if (world_.faults.power_is_off) {
      ++power_cuts_;
    }
    world_.faults.power_on();
    power_on(ResetCause::kPowerOn);
    return;
  }
  const Instant now = world_.clock.now();
  if (watchdog_at_ != kNever) {
    if (now >= watchdog_at_) {
      power_on(ResetCause::kWatchdog);
    }
    return;
  }
  application_->upgrade.poll(now);
  if (application_->board.wants_reset() && !world_.faults.power_is_off) {
    power_on(ResetCause::kSoftware);
  }
}

Instant Device::poll_timeout() const {
  if (!is_on() || world_.faults.power_is_off) {
    return world_.clock.now();
  }
  return watchdog_at_ != kNever ? watchdog_at_ : application_->upgrade.poll_timeout(world_.clock.now());
}

Upgrade& Device::upgrade() {
  if (!is_on()) {
    throw std::logic_error("sim::Device: it is off");
  }
  return application_->upgrade;
}

Behaviour Device::behaviour() {
  const std::string image = running_image();
  if (image.starts_with("CRASH")) {
    return Behaviour::kCrash;
  }
  if (image.starts_with("HANG")) {
    return Behaviour::kHang;
  }
  return image.starts_with("MUTE") ? Behaviour::kMute : Behaviour::kGood;
}

std::string Device::running_image() {
  if (decision_.action == BootAction::kRecovery) {
    return {};
  }
  const Area& area = layout_.images[0].image[static_cast<std::size_t>(decision_.slots.slot(0))];
  std::string image(area.size(), '\0');
  if (!area.read(0, {reinterpret_cast<std::uint8_t*>(image.data()), image.size()})) {
    return {};
  }
  image.erase(image.find_last_not_of('\xff') + 1);
  return image;
}

BootState Device::boot_state() {
  FaultPlan no_faults;
  NorFlash copy(world_.flash.geometry(), no_faults);
  copy.restore(world_.flash.content());
  Journal journal(Area(copy, 0, layout_.journal.size()));
  BootStateStore store(journal);
  if (!journal.mount() || !store.load()) {
    return {};
  }
  return store.state();
}

}  // namespace ferry::sim
