// All of the port, for programs that are built for several boards (firmware/port.h).
#pragma once

#include "ports/cortexm/retained_record.h"
#include "ports/cortexm/startup.h"
#include "ports/cortexm/system.h"
#include "ports/nrf52/board.h"
#include "ports/nrf52/flash.h"
#include "ports/nrf52/uart.h"

namespace ferry {

namespace port = nrf52;

namespace nrf52 {

using cortexm::jump_to;
using cortexm::object_bytes;
using cortexm::RetainedRecord;
using cortexm::stack_used;
using cortexm::wait_for_interrupt;

}  // namespace nrf52
}  // namespace ferry
