// A smart meter on a Cortex-M: readings every few seconds, business over MQTT through a 4G module, and its upgrades.
// Everything is one loop that never blocks, so it keeps metering while it upgrades.
//
// FERRY_METER_BAD makes versions that are deliberately bad: 1 crashes at its start, 2 hangs, 3 never logs in.
#include "device/crypto/crypto.h"
#include "device/modem/modem.h"
#include "device/mqtt/link.h"
#include "device/upgrade/upgrade.h"
#include "firmware/crypto/arena.h"
#include "firmware/meter/meter.h"
#include "firmware/meter/screen.h"
#include "ports/mps2/board.h"
#include "ports/mps2/flash.h"
#include "ports/mps2/startup.h"
#include "ports/mps2/uart.h"

#ifndef FERRY_METER_BAD
#define FERRY_METER_BAD 0
#endif

namespace ferry::firmware {
namespace {

enum class Bad : std::uint8_t { kNot, kCrashes, kHangs, kNeverLogsIn };
constexpr Bad kBad{FERRY_METER_BAD};

alignas(8) std::array<std::uint8_t, 3072> arena;
mps2::Console console;
mps2::Board board;
mps2::Clock clock;
mps2::Flash flash;
mps2::Power power;
mps2::NoPowerLines power_lines;
mps2::RetainedRecord retained;
mps2::ModuleUart uart;

struct Device {
  Device(const FactoryFile& parameters, const Layout& place)
      : factory(parameters),
        layout(place),
        entropy(factory.parameters.keys.ecdh ? ByteView(*factory.parameters.keys.ecdh) : ByteView()),
        modem(modem::kQuectel, uart, power_lines, retained,
              {.apn = "internet", .baud = 921600, .release_after = modem::Settings::kKeep, .seed = seed()}),
        link(modem, factory.settings.business, factory.parameters.device_id, seed()),
        environment{.factory = factory,
                    .layout = layout,
                    .journal = journal,
                    .network = modem,
                    .clock = clock,
                    .entropy = entropy,
                    .power = power,
                    .board = board,
                    .business = link,
                    .handlers = {}},
        upgrade(environment, memory.memory(), Tuning{}, &screen),
        meter(factory, clock, link) {}

  [[nodiscard]] std::uint32_t seed() const { return load_le32(ByteView(factory.parameters.device_id).first(4)); }

  FactoryFile factory;
  Layout layout;
  Journal journal{layout.journal};
  mps2::Entropy entropy;
  modem::Modem modem;
  mqtt::Link link;
  MemoryOf<4096> memory;
  Environment environment;
  Screen screen{console};
  Upgrade upgrade;
  Meter meter;
};

alignas(Device) std::array<std::uint8_t, sizeof(Device)> storage;

// Apart from start(), so that the stack holds the factory file once and not while the journal and cryptography start.
[[gnu::noinline]] Result<Device*> make_device() {
  FERRY_TRY_ASSIGN(const ByteView bytes, mps2::factory_bytes());
  auto factory = decode_factory(bytes);
  FERRY_TRY(factory);
  FERRY_TRY_ASSIGN(const Layout layout, Layout::make(flash, mps2::kPlan));
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

// What can be typed on the console: the emulator has no supply and no buttons.
void obey(Device& device, std::string_view command) {
  if (command == "upgrade") {
    device.upgrade.request_visit();
  } else if (command == "mains") {
    power.set({});
  } else if (command == "battery low") {
    power.set({.on_mains = false, .battery_mwh = 100});
  } else if (command == "battery full") {
    power.set({.on_mains = false, .battery_mwh = 20000});
  } else if (command == "brown-out") {
    PowerStatus status = power.status();
    status.brown_out_warning = !status.brown_out_warning;
    power.set(status);
  } else if (command == "reset") {
    board.reset();
  } else if (command == "status") {
    console.print("meter: ").print(mps2::stack_used()).print(" bytes of stack, ");
    console.print(static_cast<std::uint32_t>(sizeof(Device))).print(" of objects, ");
    console.print(static_cast<std::uint32_t>(crypto_memory_used())).print(" of arena, module at ");
    console.print(device.modem.report().baud).print(" baud\r\n");
  } else if (!command.empty()) {
    console.print("meter: upgrade, mains, battery low, battery full, brown-out, reset, status\r\n");
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
        mps2::wait_for_interrupt();
      }
    default:
      break;
  }
}

[[noreturn]] void give_up(Error error) {
  console.print("meter: cannot start, error ").print(static_cast<std::uint32_t>(error)).print("\r\n");
  for (;;) {
    mps2::wait_for_interrupt();  // the watchdog ends this
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
      mps2::wait_for_interrupt();
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
