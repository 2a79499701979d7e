// The bootloader: takes the boot decision, says on the console what it was and why, and starts what it chose. It holds
// no network code.
#include "device/boot/boot.h"
#include "device/crypto/crypto.h"
#include "firmware/crypto/arena.h"
#include "firmware/port.h"

namespace ferry::firmware {
namespace {

alignas(8) std::array<std::uint8_t, 3072> arena;
alignas(8) std::array<std::uint8_t, 4096> envelope;
alignas(8) std::array<std::uint8_t, 256> piece;

std::string_view name_of(ResetCause cause) {
  switch (cause) {
    case ResetCause::kPowerOn:
      return "power on";
    case ResetCause::kSoftware:
      return "software reset";
    case ResetCause::kWatchdog:
      return "watchdog or fault";
  }
  return "";
}

void print_error(bare::Console& console, Error error) {
  console.print("error ").print(static_cast<std::uint32_t>(error)).print(" (spec/errors.md)");
}

void tell(bare::Console& console, const BootDecision& decision, ResetCause cause) {
  console.print("boot: ").print(name_of(cause)).print(", ");
  if (decision.action == BootAction::kRecovery) {
    console.print("no slot may start");
  } else {
    const bool trial = decision.action == BootAction::kTrial;
    console.print(trial ? "trying slot " : "starting slot ").print(decision.slots.slot(0) == SlotId::kA ? "A" : "B");
    std::array<std::uint8_t, 48> text{};
    if (const auto version = decision.version.format(text); version && !version->empty()) {
      console.print(", version ").print(*version);
    }
  }
  if (decision.reason != Error{}) {
    console.print("; ");
    print_error(console, decision.reason);
  }
  console.print("\r\n");
}

Result<BootDecision> decide(port::Flash& flash, port::Board& board, bare::Console& console) {
  FERRY_TRY_ASSIGN(const ByteView bytes, port::factory_bytes());
  FERRY_TRY_ASSIGN(const FactoryFile& factory, decode_factory(bytes));
  FERRY_TRY_ASSIGN(const Layout& layout, Layout::make(flash, port::kPlan));
  Journal journal(layout.journal);
  FERRY_TRY(journal.mount());
  BootStateStore store(journal);
  Boot boot(layout, factory.parameters, journal, store, envelope, piece);
  const ResetCause cause = board.reset_cause();
  auto decision = boot.decide(cause);
  if (decision) {
    tell(console, *decision, cause);
  }
  return decision;
}

// Nothing may start: waits for the maker's tool, and looks again at each reset.
[[noreturn]] void recover(port::Board& board, bare::Console& console) {
  console.print("boot: recovery; write a release into slot A and reset\r\n");
  for (;;) {
    board.feed_watchdog();
    port::wait_for_interrupt();
  }
}

}  // namespace
}  // namespace ferry::firmware

extern "C" void run_program() {
  using namespace ferry;
  port::Console console;
  port::Board board;
  port::Clock clock;
  port::Flash flash;
  port::Entropy entropy({});
  console.start();
  clock.start();
  board.start_watchdog();
  firmware::give_memory_to_crypto(firmware::arena, entropy);
  if (const Status started = crypto::start(); !started) {
    firmware::print_error(console.print("boot: no cryptography: "), started.error());
    firmware::recover(board, console.print("\r\n"));
  }
  const auto decision = firmware::decide(flash, board, console);
  if (!decision) {
    firmware::print_error(console.print("boot: "), decision.error());
    firmware::recover(board, console.print("\r\n"));
  }
  if (decision->action == BootAction::kRecovery) {
    firmware::recover(board, console);
  }
  console.print("boot: took ").print(static_cast<std::uint32_t>(clock.now().time_since_epoch().count()));
  console.print(" ms, ").print(port::stack_used()).print(" bytes of stack, ");
  console.print(port::object_bytes()).print(" of objects, ");
  console.print(static_cast<std::uint32_t>(firmware::crypto_memory_used())).print(" of arena\r\n");
  port::jump_to(port::kSlotAddress[static_cast<std::size_t>(decision->slots.slot(0))]);
}
