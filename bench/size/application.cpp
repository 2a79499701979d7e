// All of the device library that an application on a microcontroller uses: the upgrade, the business link and its
// readings. What this links is what the library costs in flash; its objects are what it costs in RAM.
#include "bench/size/ports.h"
#include "device/mqtt/link.h"
#include "device/senml/pack.h"
#include "device/upgrade/upgrade.h"

namespace ferry::size {
namespace {

struct Device {
  explicit Device(const FactoryFile& parameters, const Layout& place)
      : factory(parameters),
        layout(place),
        journal(layout.journal),
        link(network, factory.settings.business, factory.parameters.device_id, 1),
        environment{.factory = factory,
                    .layout = layout,
                    .journal = journal,
                    .network = network,
                    .clock = clock,
                    .entropy = entropy,
                    .power = power,
                    .board = board,
                    .business = link,
                    .handlers = {}},
        upgrade(environment, memory.memory(), Tuning{}, nullptr) {}

  FactoryFile factory;
  Layout layout;
  Journal journal;
  mqtt::Link link;
  MemoryOf<4096> memory;
  Environment environment;
  Upgrade upgrade;
};

alignas(Device) std::array<std::uint8_t, sizeof(Device)> storage;

void report(Device& device, Instant now) {
  std::array<std::uint8_t, 128> buffer{};
  senml::PackWriter pack(buffer, 1, "m:", 0);
  pack.add("p", "W", 1.5);
  if (const auto message = pack.finish()) {
    (void)device.link.publish(Channel::kData, *message, now);
  }
}

Status run() {
  FERRY_TRY_ASSIGN(const FactoryFile factory, decode_factory(factory_bytes));
  FERRY_TRY_ASSIGN(const Layout layout, Layout::make(flash, plan));
  Device& device = *new (storage.data()) Device(factory, layout);
  FERRY_TRY(device.journal.mount());
  FERRY_TRY(device.upgrade.start(clock.now(), false));
  for (;;) {
    const Instant now = clock.now();
    device.upgrade.poll(now);
    if (device.upgrade.at_work()) {
      report(device, now);
    }
  }
}

}  // namespace
}  // namespace ferry::size

extern "C" int start() {
  return static_cast<int>(ferry::size::run().error());
}
