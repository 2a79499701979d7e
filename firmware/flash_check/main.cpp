// For whoever writes a NorFlash driver: tries it against the port's rules on the board itself, at the end of the
// staging area, and says on the console what came out.
#include "device/flash/nor_flash_rules.h"
#include "firmware/port.h"

extern "C" void run_program() {
  using namespace ferry;
  port::Console console;
  port::Clock clock;
  port::Flash flash;
  console.start();
  clock.start();
  const FlashGeometry geometry = flash.geometry();
  const auto from = clock.now();
  const std::string_view broken = broken_rule(flash, geometry.size - kSectorsForRules * geometry.sector_size);
  console.print("flash: sectors of ").print(geometry.sector_size).print(", units of ").print(geometry.write_size);
  console.print(", ").print(static_cast<std::uint32_t>((clock.now() - from).count())).print(" ms: ");
  console.print(broken.empty() ? "keeps the rules" : "breaks a rule: ").print(broken).print("\r\n");
  for (;;) {
    port::wait_for_interrupt();
  }
}
