#include "firmware/meter/screen.h"

#include "firmware/crypto/arena.h"
#include "firmware/delta/decoder.h"
#include "ports/cortexm/startup.h"

namespace ferry::firmware {
namespace {

void print_version(bare::Console& console, const suit::Version& version) {
  std::array<std::uint8_t, 48> text{};
  if (const auto formatted = version.format(text)) {
    console.print(*formatted);
  }
}

}  // namespace

void Screen::started(const RunningRelease& running) {
  console_.print("meter: version ");
  print_version(console_, running.version);
  console_.print(running.on_trial ? ", on trial\r\n" : "\r\n");
}

void Screen::on_event(const Event& event) {
  tenths_ = 0;
  console_.print("meter: ").print(name(event.kind));
  if (event.version.count != 0) {
    print_version(console_.print(" "), event.version);
  }
  if (event.error != Error{}) {
    console_.print(", error ").print(static_cast<std::uint32_t>(event.error));
  }
  if (event.bytes != 0) {
    console_.print(", ").print(static_cast<std::uint32_t>(event.bytes)).print(" bytes over the air");
  }
  console_.print(", ").print(event.milliseconds).print(" ms");
  console_.print("\r\n");
  if (event.kind == EventKind::kReset) {
    print_memory();  // the next program paints the stack anew
  }
}

void Screen::print_memory() {
  console_.print("meter: ").print(cortexm::stack_used()).print(" bytes of stack, ");
  console_.print(cortexm::object_bytes()).print(" of objects, ");
  console_.print(static_cast<std::uint32_t>(crypto_memory_used())).print(" of arena\r\n");
  console_.print("meter: of these the decoder's ").print(delta_decoder_objects()).print(" of objects, ");
  console_.print(delta_decoder_flash()).print(" of flash\r\n");
}

void Screen::on_progress(EventKind phase, std::uint32_t done, std::uint32_t total) {
  const std::uint32_t tenths = total == 0 ? 0 : static_cast<std::uint32_t>(std::uint64_t{done} * 10 / total);
  if (tenths == tenths_) {
    return;
  }
  tenths_ = tenths;
  console_.print("meter: ").print(name(phase)).print(" ").print(tenths * 10).print(" %\r\n");
}

}  // namespace ferry::firmware
