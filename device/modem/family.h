// What a module family says and understands, as constant data. The driver is the same for all of them.
#pragma once

#include <span>

#include "device/at/exchange.h"
#include "device/at/tokenizer.h"
#include "device/at/urc.h"

namespace ferry::modem {

enum class Event : std::uint8_t {
  kData,     // link: bytes arrived
  kClosed,   // link: the peer closed
  kOpened,   // link, value: 0, or the module's error number
  kPdpLost,  // the bearer is gone, and every connection with it
  kReboot,   // the module started anew
  kPowerDown,
  kEcho,  // a command came back: echo is on again
};

// What a script does besides running its exchange.
enum class Take : std::uint8_t {
  kNothing,
  kSimReady,  // the information must be READY; asked again until it is
  kRate,      // only where the rate is to be another; afterwards the port changes its rate too
  kZero,      // the information must be 0
  kFlow,      // only with flow control
  kNoFlow,    // only without
};

struct Step {
  at::Exchange exchange;
  bool may_fail = false;
  Take take = Take::kNothing;
};

struct Family {
  std::string_view name;
  std::span<const at::PayloadRule> payloads;
  std::span<const at::Urc<Event>> urcs;

  std::span<const Step> set_up;     // after the rate was found
  std::span<const Step> attach;     // registered: bring the bearer up, from whatever state
  std::span<const Step> detach;     // bearer down
  std::span<const Step> radio;      // radio off and on again
  std::span<const Step> power_off;  // orderly; Event::kPowerDown follows

  at::Exchange create{};  // asks for a link number; empty: the driver chooses one
  at::Exchange open{};
  at::Exchange send{};
  at::Exchange read{};
  at::Exchange close{};
  at::Exchange count{};  // total received, read, unread; empty: the module does not tell
  at::Exchange state{};  // of one link; empty: the module does not tell
  at::Exchange clock{};

  std::string_view hush{};          // makes a module that pushes be quiet; sent blindly
  std::string_view push_prefix{};   // of the line that announces pushed data
  std::string_view no_data{};       // information of a refused read that means: nothing there
  std::uint8_t peer_field = 0;      // of the state's information: address of the peer
  std::uint8_t state_field = 0;     // and the state
  std::uint8_t state_open = 0;      // its value while the peer has not closed
  std::uint8_t sent_field = 0;      // of the send's information: bytes taken; 0: all of them
  std::uint8_t links = 1;           // numbers 0 to links - 1
  std::uint16_t in_use_error = 0;   // of Event::kOpened: another link number may do
  std::uint16_t refused_error = 0;  // of Event::kOpened: the peer's doing, not the bearer's
  std::uint16_t longest_read = 0;
  std::uint16_t longest_send = 0;
  bool opens_later = true;    // Event::kOpened follows the open's OK
  bool clock_is_utc = false;  // the clock's information is UTC, whatever zone stands behind it
  Duration open_timeout{150000};
  Duration gap{0};  // between a line of the module and the next command
};

extern const Family kQuectel;  // EC2x, EC200, EG9x, BG9x
extern const Family kSimcom;   // SIM7600, A76xx
extern const Family kUblox;    // SARA, LARA

}  // namespace ferry::modem
