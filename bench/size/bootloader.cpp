// All of the device library that a bootloader uses: the boot decision.
#include "bench/size/ports.h"
#include "device/boot/boot.h"

namespace ferry::size {
namespace {

std::array<std::uint8_t, 4096> envelope;
std::array<std::uint8_t, 256> piece;

Status run() {
  FERRY_TRY_ASSIGN(const FactoryFile factory, decode_factory(factory_bytes));
  FERRY_TRY_ASSIGN(const Layout layout, Layout::make(flash, plan));
  Journal journal(layout.journal);
  FERRY_TRY(journal.mount());
  BootStateStore store(journal);
  Boot boot(layout, factory.parameters, journal, store, envelope, piece);
  FERRY_TRY_ASSIGN(const BootDecision decision, boot.decide(board.reset_cause()));
  return decision.action == BootAction::kRecovery ? fail(decision.reason) : ok();
}

}  // namespace
}  // namespace ferry::size

extern "C" int start() {
  return static_cast<int>(ferry::size::run().error());
}
