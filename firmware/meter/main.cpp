// A smart meter on a Cortex-M: readings every few seconds, business over MQTT through a 4G module, and its upgrades.
// Everything is one loop that never blocks, so it keeps metering while it upgrades.
//
// FERRY_METER_BAD makes versions that are deliberately bad: 1 crashes at its start, 2 hangs, 3 never logs in.
// FERRY_METER_NEXT makes the next version, which reports the mains frequency too (meter.cpp).
#include "device/crypto/crypto.h"
#include "device/modem/modem.h"
#include "device/mqtt/link.h"
#include "device/seal/sealed_link.h"
#include "device/upgrade/upgrade.h"
#include "firmware/crypto/arena.h"
#include "firmware/delta/decoder.h"
#include "firmware/meter/meter.h"
#include "firmware/meter/screen.h"
#include "firmware/port.h"

#ifndef FERRY_METER_BAD
#define FERRY_METER_BAD 0
#endif

namespace ferry::firmware {
namespace {

enum class Bad : std::uint8_t { kNot, kCrashes, kHangs, kNeverLogsIn };
constexpr Bad kBad{FERRY_METER_BAD};

alignas(8) std::array<std::uint8_t, 3072> arena;
port::Console console;
port::Board board;
port::Clock clock;
port::Flash flash;
port::Power power;
port::PowerLines power_lines;
port::RetainedRecord retained;
port::ModuleUart uart;

struct Device {
  Device(const FactoryFile& parameters, const Layout& place)
      : factory(parameters),
        layout(place),
        entropy(factory.parameters.keys.ecdh ? ByteView(*factory.parameters.keys.ecdh) : ByteView()),
        modem(modem::kQuectel, uart, power_lines, retained,
              {.apn = "internet", .baud = 921600, .release_after = modem::Settings::kKeep, .seed = seed()}),
        link(modem, factory.settings.business, factory.parameters.device_id, seed()),
        business(link, factory.parameters, journal, entropy),
        environment{.factory = factory,
                    .layout = layout,
                    .journal = journal,
                    .network = modem,
                    .clock = clock,
                    .entropy = entropy,
                    .power = power,
                    .board = board,
                    .business = business,
                    .handlers = {},
                    .delta_decoder = &delta_decoder()},
        upgrade(environment, memory.memory(), Tuning{}, &screen),
        meter(factory, clock, business) {}

  [[nodiscard]] std::uint32_t seed() const { return load_le32(ByteView(factory.parameters.device_id).first(4)); }

  FactoryFile factory;
  Layout layout;
  Journal journal{layout.journal};
  port::Entropy entropy;
  modem::Modem modem;
  mqtt::Link link;
  seal::SealedLink business;
  MemoryOf<4096> memory;
  Environment environment;
  Screen screen{console};
  Upgrade upgrade;
  Meter meter;
};

alignas(Device) std::array<std::uint8_t, sizeof(Device)> storage;

// Apart from start(), so that the stack holds the factory file once and not while the journal and cryptography start.
[[gnu::noinline]] Result<Device*> make_device() {
  FERRY_TRY_ASSIGN(const ByteView bytes, port::factory_bytes());
  auto factory = decode_factory(bytes);
  FERRY_TRY(factory);
  FERRY_TRY_ASSIGN(const Layout layout, Layout::make(flash, port::kPlan));
  if (kBad == Bad::kNeverLogsIn) {
    factory->settings.business.port = 9;  // nobody is there
  }
  return new (storage.data()) Device(*factory, layout);
}

Status start(Device& device) {
  give_memory_to_crypto(arena, device.entropy);
  FERRY_TRY(crypto::start());
  FERRY_TRY(device.journal.mount());
  FERRY_TRY(device.upgrade.start(clock.now(), false));
  device.modem.start(clock.now());
  return ok();
}

// A supply that can only be pretended, as the emulator's. Returns false for one that is measured.
template <typename Supply>
bool pretend(Supply& supply, std::string_view command) {
  if constexpr (requires { supply.set(PowerStatus{}); }) {
    PowerStatus status = supply.status();
    if (command == "mains") {
      status = {};
    } else if (command == "battery low") {
      status = {.on_mains = false, .battery_mwh = 100};
    } else if (command == "battery full") {
      status = {.on_mains = false, .battery_mwh = 20000};
    } else if (command == "brown-out") {
      status.brown_out_warning = !status.brown_out_warning;
    } else {
      return false;
    }
    supply.set(status);
    return true;
  }
  return false;
}

// What can be typed on the console.
void obey(Device& device, std::string_view command) {
  if (command == "upgrade") {
    device.upgrade.request_visit();
  } else if (command == "reset") {
    board.reset();
  } else if (command == "status") {
    device.screen.print_memory();
    console.print("meter: module at ").print(device.modem.report().baud).print(" baud\r\n");
  } else if (!pretend(power, command) && !command.empty()) {
    console.print("meter: upgrade, reset, status, mains, battery low, battery full, brown-out\r\n");
  }
}

void live(Device& device, Instant now) {
  board.feed_watchdog();
  device.modem.poll(now);
  if (const auto time = device.modem.wall_time(now)) {
    clock.set_wall_time(*time);
  }
  device.upgrade.poll(now);
  device.meter.poll(now, device.upgrade.at_work());
  obey(device, console.poll());
}

void misbehave() {
  switch (kBad) {
    case Bad::kCrashes:
      asm volatile("udf #0");
      break;
    case Bad::kHangs:
      for (;;) {
        port::wait_for_interrupt();
      }
    default:
      break;
  }
}

[[noreturn]] void give_up(Error error) {
  console.print("meter: cannot start, error ").print(static_cast<std::uint32_t>(error)).print("\r\n");
  for (;;) {
    port::wait_for_interrupt();  // the watchdog ends this
  }
}

[[noreturn]] void run() {
  const auto made = make_device();
  if (!made) {
    give_up(made.error());
  }
  Device& device = **made;
  if (const Status started = start(device); !started) {
    give_up(started.error());
  }
  device.screen.started(device.upgrade.running());
  for (;;) {
    const Instant now = clock.now();
    live(device, now);
    if (device.upgrade.poll_timeout(now) > now && device.modem.poll_timeout() > now) {
      port::wait_for_interrupt();
    }
  }
}

}  // namespace
}  // namespace ferry::firmware

extern "C" void run_program() {
  ferry::firmware::console.start();
  ferry::firmware::clock.start();
  ferry::firmware::misbehave();
  ferry::firmware::run();
}
