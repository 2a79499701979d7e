// Quectel EC2x, EC200, EG9x, BG9x: TCP/IP application notes.
#include "device/modem/family.h"

namespace ferry::modem {

namespace {

using at::Exchange;

constexpr at::PayloadRule kPayloads[] = {
    {.prefix = "+QIRD:", .fields = 1, .count_field = 0, .opening = '\0', .trailer = "\r\n\r\n"},
    {.prefix = "+QIURC:\"recv\",", .fields = 2, .count_field = 1, .opening = '\0', .trailer = "\r\n\r\n"},
};

constexpr at::Urc<Event> kUrcs[] = {
    {.prefix = "+QIURC:\"recv\",", .event = Event::kData},
    {.prefix = "+QIURC:\"closed\",", .event = Event::kClosed},
    {.prefix = "+QIURC:\"pdpdeact\",", .event = Event::kPdpLost},
    {.prefix = "+QIOPEN:", .event = Event::kOpened},
    {.prefix = "RDY", .event = Event::kReboot},
    {.prefix = "APPRDY", .event = Event::kReboot},
    {.prefix = "POWEREDDOWN", .event = Event::kPowerDown},
    {.prefix = "NORMALPOWERDOWN", .event = Event::kPowerDown},
    {.prefix = "AT", .event = Event::kEcho},
};

constexpr Step kSetUp[] = {
    {.exchange = {.command = "ATE0"}},
    {.exchange = {.command = "AT+CMEE=1"}},
    {.exchange = {.command = "AT+IFC=2,2"}, .take = Take::kFlow},
    {.exchange = {.command = "AT+IFC=0,0"}, .take = Take::kNoFlow},
    {.exchange = {.command = "AT+IPR=%b"}, .take = Take::kRate},
    {.exchange = {.command = "AT+QURCCFG=\"urcport\",\"uart1\""}, .may_fail = true},
    {.exchange = {.command = "AT+QISDE=0"}, .may_fail = true},
    {.exchange = {.command = "AT+CFUN=1", .timeout = 15s}, .may_fail = true},
    {.exchange = {.command = "AT+CPIN?", .info = "+CPIN:"}, .take = Take::kSimReady},
    {.exchange = {.command = "AT+CTZU=1"}, .may_fail = true},
};

// The bearer may be up from before a reset, with sockets that nobody knows any more: down first.
constexpr Step kAttach[] = {
    {.exchange = {.command = "AT+QIDEACT=1", .timeout = 40s}, .may_fail = true},
    {.exchange = {.command = "AT+QICSGP=1,1,\"%a\",\"%u\",\"%w\",1"}},
    {.exchange = {.command = "AT+QIACT=1", .timeout = 150s}},
};

constexpr Step kDetach[] = {
    {.exchange = {.command = "AT+QIDEACT=1", .timeout = 40s}, .may_fail = true},
};

constexpr Step kRadio[] = {
    {.exchange = {.command = "AT+CFUN=0", .timeout = 15s}, .may_fail = true},
    {.exchange = {.command = "AT+CFUN=1", .timeout = 15s}, .may_fail = true},
};

constexpr Step kPowerOff[] = {
    {.exchange = {.command = "AT+QPOWD=1"}, .may_fail = true},
};

}  // namespace

const Family kQuectel{
    .name = "quectel",
    .payloads = kPayloads,
    .urcs = kUrcs,
    .set_up = kSetUp,
    .attach = kAttach,
    .detach = kDetach,
    .radio = kRadio,
    .power_off = kPowerOff,
    .open = {.command = "AT+QIOPEN=1,%i,\"TCP\",\"%h\",%p,0,%m"},
    .send = {.command = "AT+QISEND=%i,%n", .final = "SENDOK", .later = "SENDFAIL", .timeout = 10s, .prompts = true},
    .read = {.command = "AT+QIRD=%i,%n", .info = "+QIRD:"},
    .close = {.command = "AT+QICLOSE=%i,10", .timeout = 12s},
    .count = {.command = "AT+QIRD=%i,0", .info = "+QIRD:"},
    .state = {.command = "AT+QISTATE=1,%i", .info = "+QISTATE:"},
    .clock = {.command = "AT+QLTS=1", .info = "+QLTS:"},
    .hush = "\rAT+QIDEACT=1\r",
    .push_prefix = "+QIURC:\"recv\",",
    .peer_field = 2,
    .state_field = 5,
    .state_open = 2,
    .links = 12,
    .in_use_error = 563,
    .refused_error = 566,
    .longest_read = 1500,
    .longest_send = 1460,
    .opens_later = true,
    .clock_is_utc = true,
};

}  // namespace ferry::modem
