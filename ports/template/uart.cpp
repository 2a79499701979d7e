#include "ports/template/uart.h"

namespace ferry::board_template {

void Console::start() {}

void Console::do_send(std::uint8_t /*byte*/) {}

std::optional<std::uint8_t> Console::do_receive() {
  return std::nullopt;
}

Status ModuleUart::configure(std::uint32_t /*baud*/, FlowControl /*flow*/) {
  return fail(Error::kUnsupported);
}

Result<std::size_t> ModuleUart::read(ByteSpan /*buffer*/) {
  return fail(Error::kIo);
}

Result<std::size_t> ModuleUart::write(ByteView /*bytes*/) {
  return fail(Error::kIo);
}

bool ModuleUart::is_drained() {
  return true;
}

bool ModuleUart::lost_bytes() {
  return false;
}

}  // namespace ferry::board_template
