#include "ports/nrf52/pins.h"
#include "ports/nrf52/uart.h"

namespace ferry::nrf52 {
namespace {

constexpr std::uint32_t kBaud115200 = 0x01D60000;

// What the DMA moves: one byte each way.
volatile std::uint8_t sent = 0;
volatile std::uint8_t received = 0;

void receive_next() {
  const UarteRegisters& line = uarte::kConsole;
  line.at(uarte::kEndReceive) = 0;
  line.at(uarte::kStartReceive) = 1;
}

}  // namespace

void Console::start() {
  const UarteRegisters& line = uarte::kConsole;
  make_output(kConsoleTxd, true);
  make_input_with_pull_up(kConsoleRxd);
  line.at(uarte::kSelectTxd) = kConsoleTxd.select();
  line.at(uarte::kSelectRxd) = kConsoleRxd.select();
  line.at(uarte::kBaudRate) = kBaud115200;
  line.at(uarte::kEnable) = uarte::kEnabled;
  line.at(uarte::kTransmitFrom) = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(&sent));
  line.at(uarte::kTransmitSize) = 1;
  line.at(uarte::kReceiveTo) = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(&received));
  line.at(uarte::kReceiveSize) = 1;
  receive_next();
}

void Console::do_send(std::uint8_t byte) {
  const UarteRegisters& line = uarte::kConsole;
  sent = byte;
  line.at(uarte::kEndTransmit) = 0;
  line.at(uarte::kStartTransmit) = 1;
  while (line.at(uarte::kEndTransmit) == 0) {
  }
}

std::optional<std::uint8_t> Console::do_receive() {
  if (uarte::kConsole.at(uarte::kEndReceive) == 0) {
    return std::nullopt;
  }
  const std::uint8_t byte = received;
  receive_next();
  return byte;
}

}  // namespace ferry::nrf52
