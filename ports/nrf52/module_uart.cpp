#include <algorithm>

#include "ports/nrf52/pins.h"
#include "ports/nrf52/uart.h"

namespace ferry::nrf52 {
namespace {

constexpr std::size_t kRing = 512;  // a power of two
constexpr std::size_t kSendBuffer = 64;

volatile std::uint8_t ring[kRing];
volatile std::uint32_t ring_in = 0;  // counts on; the place is its remainder
volatile std::uint32_t ring_out = 0;
volatile bool stalled = false;  // the ring was full: the receiver waits for read()
volatile bool lost = false;
volatile std::uint8_t send_buffer[kSendBuffer];
bool sending = false;

struct Rate {
  std::uint32_t baud;
  std::uint32_t value;  // Product Specification, 6.34.9.22 BAUDRATE
};
constexpr std::array<Rate, 7> kRates = {{{9600, 0x00275000},
                                         {19200, 0x004EA000},
                                         {57600, 0x00EB0000},
                                         {115200, 0x01D60000},
                                         {230400, 0x03B00000},
                                         {460800, 0x07400000},
                                         {921600, 0x0F000000}}};

std::uint32_t address_of(const volatile std::uint8_t* byte) {
  return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(byte));
}

// With the interrupt off, or from it.
void receive_next() {
  stalled = ring_in - ring_out == kRing;
  if (!stalled) {
    uarte::kModule.at(uarte::kReceiveTo) = address_of(&ring[ring_in % kRing]);
    uarte::kModule.at(uarte::kStartReceive) = 1;
  }
}

void stop() {
  const UarteRegisters& line = uarte::kModule;
  if (line.at(uarte::kEnable) == uarte::kEnabled) {
    line.at(uarte::kReceiveTimeout) = 0;
    line.at(uarte::kStopReceive) = 1;
    while (line.at(uarte::kReceiveTimeout) == 0) {
    }
    line.at(uarte::kEnable) = 0;
  }
}

void connect_pins(bool flow) {
  const UarteRegisters& line = uarte::kModule;
  make_output(kModuleTxd, true);
  make_output(kModuleRts, true);
  make_input_with_pull_up(kModuleRxd);
  make_input_with_pull_up(kModuleCts);
  line.at(uarte::kSelectTxd) = kModuleTxd.select();
  line.at(uarte::kSelectRxd) = kModuleRxd.select();
  line.at(uarte::kSelectRts) = flow ? kModuleRts.select() : uarte::kNotConnected;
  line.at(uarte::kSelectCts) = flow ? kModuleCts.select() : uarte::kNotConnected;
  line.at(uarte::kConfig) = flow ? 1 : 0;
}

}  // namespace

extern "C" void module_uart_handler() {
  const UarteRegisters& line = uarte::kModule;
  if (line.at(uarte::kError) != 0) {
    clear_event(line.at(uarte::kError));
    line.at(uarte::kErrorSource) = std::uint32_t{line.at(uarte::kErrorSource)};
    lost = true;
  }
  if (line.at(uarte::kEndReceive) != 0) {
    clear_event(line.at(uarte::kEndReceive));
    ring_in = ring_in + 1;
    receive_next();
  }
}

Status ModuleUart::configure(std::uint32_t baud, FlowControl flow) {
  const auto rate = std::ranges::find(kRates, baud, &Rate::baud);
  if (rate == kRates.end()) {
    return fail(Error::kUnsupported);
  }
  const cortexm::InterruptLock lock;
  const UarteRegisters& line = uarte::kModule;
  stop();
  connect_pins(flow == FlowControl::kRtsCts);
  line.at(uarte::kBaudRate) = rate->value;
  line.at(uarte::kEnable) = uarte::kEnabled;
  line.at(uarte::kEndReceive) = 0;
  line.at(uarte::kReceiveSize) = 1;
  line.at(uarte::kInterruptSet) = uarte::kInterruptOnReceive | uarte::kInterruptOnError;
  ring_in = 0;
  ring_out = 0;
  sending = false;
  cortexm::enable_interrupt(uarte::kModuleInterrupt);
  receive_next();
  return ok();
}

Result<std::size_t> ModuleUart::read(ByteSpan buffer) {
  std::size_t size = 0;
  while (size < buffer.size() && ring_out != ring_in) {
    buffer[size++] = ring[ring_out % kRing];
    ring_out = ring_out + 1;
  }
  const cortexm::InterruptLock lock;
  if (stalled && size > 0) {
    receive_next();
  }
  return size;
}

Result<std::size_t> ModuleUart::write(ByteView bytes) {
  if (bytes.empty() || !is_drained()) {
    return std::size_t{0};
  }
  const std::size_t size = std::min(bytes.size(), kSendBuffer);
  std::copy_n(bytes.begin(), size, send_buffer);
  const UarteRegisters& line = uarte::kModule;
  line.at(uarte::kTransmitFrom) = address_of(send_buffer);
  line.at(uarte::kTransmitSize) = static_cast<std::uint32_t>(size);
  line.at(uarte::kEndTransmit) = 0;
  line.at(uarte::kStartTransmit) = 1;
  sending = true;
  return size;
}

bool ModuleUart::is_drained() {
  return !sending || uarte::kModule.at(uarte::kEndTransmit) != 0;
}

bool ModuleUart::lost_bytes() {
  const cortexm::InterruptLock lock;
  const bool was = lost;
  lost = false;
  return was;
}

}  // namespace ferry::nrf52
