// All of the port, for programs that are built for several boards (firmware/port.h).
#pragma once

#include "ports/cortexm/retained_record.h"
#include "ports/cortexm/startup.h"
#include "ports/cortexm/system.h"
#include "ports/template/board.h"
#include "ports/template/clock.h"
#include "ports/template/entropy.h"
#include "ports/template/flash.h"
#include "ports/template/power.h"
#include "ports/template/uart.h"

namespace ferry {

namespace port = board_template;

namespace board_template {

using cortexm::jump_to;
using cortexm::object_bytes;
using cortexm::RetainedRecord;
using cortexm::stack_used;
using cortexm::wait_for_interrupt;

}  // namespace board_template
}  // namespace ferry
