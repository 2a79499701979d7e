#include <algorithm>

#include "ports/cortexm/system.h"
#include "ports/mps2/registers.h"
#include "ports/mps2/uart.h"

namespace ferry::mps2 {
namespace {

constexpr std::size_t kRing = 512;  // a power of two

volatile std::uint8_t ring[kRing];
volatile std::uint32_t ring_in = 0;  // counts on; the place is its remainder
volatile std::uint32_t ring_out = 0;
volatile bool lost = false;

}  // namespace

// A full ring leaves the byte with the receiver, which holds the peer back; read() takes it up again.
extern "C" void module_receive_handler() {
  UartRegisters& uart = module_uart();
  uart.interrupts = 2;
  while ((uart.state & kReceiveFull) != 0) {
    if (ring_in - ring_out == kRing) {
      uart.control = kTransmit | kReceive;
      return;
    }
    ring[ring_in % kRing] = static_cast<std::uint8_t>(uart.data);
    ring_in = ring_in + 1;
  }
  if ((uart.state & kReceiveOverrun) != 0) {
    uart.state = kReceiveOverrun;
    lost = true;
  }
}

Status ModuleUart::configure(std::uint32_t baud, FlowControl) {
  UartRegisters& uart = module_uart();
  uart.divider = std::max<std::uint32_t>(kClockHz / baud, 16);
  uart.control = kTransmit | kReceive | kReceiveInterrupt;
  cortexm::enable_interrupt(kModuleReceiveInterrupt);
  return ok();
}

Result<std::size_t> ModuleUart::read(ByteSpan buffer) {
  std::size_t size = 0;
  while (size < buffer.size() && ring_out != ring_in) {
    buffer[size++] = ring[ring_out % kRing];
    ring_out = ring_out + 1;
  }
  UartRegisters& uart = module_uart();
  if ((uart.control & kReceiveInterrupt) == 0 && ring_in - ring_out < kRing) {
    uart.control = kTransmit | kReceive | kReceiveInterrupt;
    const cortexm::InterruptLock lock;
    module_receive_handler();
  }
  return size;
}

Result<std::size_t> ModuleUart::write(ByteView bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size() && (module_uart().state & kTransmitFull) == 0) {
    module_uart().data = bytes[taken++];
  }
  return taken;
}

bool ModuleUart::is_drained() {
  return (module_uart().state & kTransmitFull) == 0;
}

bool ModuleUart::lost_bytes() {
  const bool was = lost;
  lost = false;
  return was;
}

}  // namespace ferry::mps2
