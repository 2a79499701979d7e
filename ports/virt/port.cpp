#include "ports/virt/port.h"

namespace ferry::virt {
namespace {

struct UartRegisters {  // a 16550
  volatile std::uint8_t data;
  volatile std::uint8_t unused[4];
  volatile std::uint8_t line_status;  // bit 0: received, bit 5: room to send
};

[[nodiscard]] UartRegisters& uart() {
  return *reinterpret_cast<UartRegisters*>(0x10000000);
}

[[nodiscard]] volatile std::uint32_t& word_at(std::uint32_t address) {
  return *reinterpret_cast<volatile std::uint32_t*>(address);
}

constexpr std::uint32_t kTime = 0x0200BFF8;  // mtime, 64 bits
constexpr std::uint32_t kTicksPerMillisecond = 10'000;

}  // namespace

void Console::do_send(std::uint8_t byte) {
  while ((uart().line_status & 0x20) == 0) {
  }
  uart().data = byte;
}

std::optional<std::uint8_t> Console::do_receive() {
  return (uart().line_status & 1) != 0 ? std::optional(uart().data) : std::nullopt;
}

Instant Clock::now() {
  std::uint32_t high = 0;
  std::uint32_t low = 0;
  do {
    high = word_at(kTime + 4);
    low = word_at(kTime);
  } while (high != word_at(kTime + 4));
  return Instant{Duration(static_cast<std::int64_t>((std::uint64_t{high} << 32U | low) / kTicksPerMillisecond))};
}

}  // namespace ferry::virt
