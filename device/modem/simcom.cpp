// SIMCom SIM7600 and A76xx.
#include "device/modem/family.h"

namespace ferry::modem {

namespace {

constexpr at::PayloadRule kPayloads[] = {
    {.prefix = "+CIPRXGET:2,", .fields = 3, .count_field = 1, .opening = '\0', .trailer = "\r\n"},
};

constexpr at::Urc<Event> kUrcs[] = {
    {.prefix = "+CIPRXGET:1,", .event = Event::kData}, {.prefix = "+IPCLOSE:", .event = Event::kClosed},
    {.prefix = "+CIPOPEN:", .event = Event::kOpened},  {.prefix = "+CIPEVENT:", .event = Event::kPdpLost},
    {.prefix = "RDY", .event = Event::kReboot},        {.prefix = "NORMALPOWERDOWN", .event = Event::kPowerDown},
    {.prefix = "AT", .event = Event::kEcho},
};

constexpr Step kSetUp[] = {
    {.exchange = {.command = "ATE0"}},
    {.exchange = {.command = "AT+CMEE=1"}},
    {.exchange = {.command = "AT+IFC=2,2"}, .take = Take::kFlow},
    {.exchange = {.command = "AT+IFC=0,0"}, .take = Take::kNoFlow},
    {.exchange = {.command = "AT+IPR=%b"}, .take = Take::kRate},
    {.exchange = {.command = "AT+CFUN=1", .timeout = 15s}, .may_fail = true},
    {.exchange = {.command = "AT+CPIN?", .info = "+CPIN:"}, .take = Take::kSimReady},
    {.exchange = {.command = "AT+CTZU=1"}, .may_fail = true},
    {.exchange = {.command = "AT+CIPMODE=0"}, .may_fail = true},
    {.exchange = {.command = "AT+CIPSENDMODE=0"}, .may_fail = true},
};

// The network may be open from before a reset, with connections that nobody knows any more: closed first.
constexpr Step kAttach[] = {
    {.exchange = {.command = "AT+NETCLOSE", .also = "+NETCLOSE:", .timeout = 40s}, .may_fail = true},
    {.exchange = {.command = "AT+CIPRXGET=1"}},
    {.exchange = {.command = "AT+CGDCONT=1,\"IP\",\"%a\""}},
    {.exchange = {.command = "AT+NETOPEN", .also = "+NETOPEN:", .timeout = 150s}, .take = Take::kZero},
};

constexpr Step kDetach[] = {
    {.exchange = {.command = "AT+NETCLOSE", .also = "+NETCLOSE:", .timeout = 40s}, .may_fail = true},
};

constexpr Step kRadio[] = {
    {.exchange = {.command = "AT+CFUN=0", .timeout = 15s}, .may_fail = true},
    {.exchange = {.command = "AT+CFUN=1", .timeout = 15s}, .may_fail = true},
};

constexpr Step kPowerOff[] = {
    {.exchange = {.command = "AT+CPOF"}, .may_fail = true},
};

}  // namespace

const Family kSimcom{
    .name = "simcom",
    .payloads = kPayloads,
    .urcs = kUrcs,
    .set_up = kSetUp,
    .attach = kAttach,
    .detach = kDetach,
    .radio = kRadio,
    .power_off = kPowerOff,
    .open = {.command = "AT+CIPOPEN=%i,\"TCP\",\"%h\",%p"},
    .send = {.command = "AT+CIPSEND=%i,%n", .also = "+CIPSEND:%i,", .timeout = 10s, .prompts = true},
    .read = {.command = "AT+CIPRXGET=2,%i,%n", .info = "+IPERROR:"},
    .close = {.command = "AT+CIPCLOSE=%i", .also = "+CIPCLOSE:%i,", .timeout = 12s},
    .clock = {.command = "AT+CCLK?", .info = "+CCLK:"},
    .no_data = "Nodata",
    .sent_field = 1,
    .links = 10,
    .in_use_error = 4,
    .refused_error = 10,
    .longest_read = 1460,
    .longest_send = 1400,
    .opens_later = true,
};

}  // namespace ferry::modem
