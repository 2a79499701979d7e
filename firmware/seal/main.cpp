// Seals packs on the emulated Cortex-M4 and prints how long it took: bench/seal.py. A meter's pack of three readings,
// and an event.
#include "device/crypto/crypto.h"
#include "device/journal/journal.h"
#include "device/seal/sealer.h"
#include "device/slots/layout.h"
#include "firmware/crypto/arena.h"
#include "firmware/port.h"

namespace ferry::firmware {
namespace {

constexpr AesKey kKey = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
constexpr Uuid kDevice = {0x30, 0x31, 0x32, 0x33};
constexpr std::uint32_t kRounds = 1024;

alignas(8) std::array<std::uint8_t, 3072> arena;
port::Console console;
port::Clock clock;
port::Flash flash;
std::array<std::uint8_t, 256> message;
std::array<std::uint8_t, 512> sealed;

Result<std::uint32_t> milliseconds_for(seal::Sealer& sealer, std::size_t size) {
  const Instant from = clock.now();
  for (std::uint32_t i = 0; i < kRounds; ++i) {
    FERRY_TRY(sealer.seal(Channel::kData, ByteView(message).first(size), sealed));
  }
  return static_cast<std::uint32_t>((clock.now() - from).count());
}

Status measure() {
  port::Entropy entropy{ByteView()};
  give_memory_to_crypto(arena, entropy);
  FERRY_TRY(crypto::start());
  FERRY_TRY_ASSIGN(const Layout layout, Layout::make(flash, port::kPlan));
  Journal journal(layout.journal);
  FERRY_TRY(journal.mount());
  seal::Sealer sealer(kKey, kDevice, journal, entropy);
  for (const std::size_t size : {24U, 128U, 256U}) {
    FERRY_TRY_ASSIGN(const std::uint32_t spent, milliseconds_for(sealer, size));
    console.print("seal: ").print(static_cast<std::uint32_t>(size)).print(" bytes ").print(kRounds).print(" times ");
    console.print(spent).print(" ms\n");
  }
  console.print("seal: ").print(static_cast<std::uint32_t>(sizeof(seal::Sealer))).print(" bytes of RAM ");
  console.print(static_cast<std::uint32_t>(crypto_memory_used())).print(" of arena ");
  console.print(port::stack_used()).print(" of stack\n");
  return ok();
}

[[noreturn]] void run() {
  console.start();
  clock.start();
  const Status measured = measure();
  console.print("seal: ended, error ").print(static_cast<std::uint32_t>(measured.error())).print("\n");
  for (;;) {
    port::wait_for_interrupt();
  }
}

}  // namespace
}  // namespace ferry::firmware

extern "C" void run_program() {
  ferry::firmware::run();
}
