// u-blox SARA and LARA.
#include "device/modem/family.h"

namespace ferry::modem {

namespace {

constexpr at::PayloadRule kPayloads[] = {
    {.prefix = "+USORD:", .fields = 3, .count_field = 1, .opening = '"', .trailer = "\"\r\n"},
};

constexpr at::Urc<Event> kUrcs[] = {
    {.prefix = "+UUSORD:", .event = Event::kData},
    {.prefix = "+UUSOCL:", .event = Event::kClosed},
    {.prefix = "+UUPSDD:", .event = Event::kPdpLost},
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
};

constexpr Step kAttach[] = {
    {.exchange = {.command = "AT+CGACT=0,1", .timeout = 40s}, .may_fail = true},
    {.exchange = {.command = "AT+CGDCONT=1,\"IP\",\"%a\""}},
    {.exchange = {.command = "AT+CGACT=1,1", .timeout = 150s}},
};

constexpr Step kDetach[] = {
    {.exchange = {.command = "AT+CGACT=0,1", .timeout = 40s}, .may_fail = true},
};

constexpr Step kRadio[] = {
    {.exchange = {.command = "AT+CFUN=0", .timeout = 15s}, .may_fail = true},
    {.exchange = {.command = "AT+CFUN=1", .timeout = 15s}, .may_fail = true},
};

constexpr Step kPowerOff[] = {
    {.exchange = {.command = "AT+CPWROFF", .timeout = 40s}, .may_fail = true},
};

}  // namespace

const Family kUblox{
    .name = "ublox",
    .payloads = kPayloads,
    .urcs = kUrcs,
    .set_up = kSetUp,
    .attach = kAttach,
    .detach = kDetach,
    .radio = kRadio,
    .power_off = kPowerOff,
    .create = {.command = "AT+USOCR=6", .info = "+USOCR:"},
    .open = {.command = "AT+USOCO=%i,\"%h\",%p", .timeout = 130s},
    .send = {.command = "AT+USOWR=%i,%n", .info = "+USOWR:", .timeout = 10s, .prompts = true},
    .read = {.command = "AT+USORD=%i,%n", .info = "+USORD:"},
    .close = {.command = "AT+USOCL=%i", .timeout = 40s},
    .clock = {.command = "AT+CCLK?", .info = "+CCLK:"},
    .sent_field = 1,
    .links = 7,
    .longest_read = 1024,
    .longest_send = 1024,
    .opens_later = false,
    .gap = 22ms,  // 20, counted from the end of the line, of which the last character may still be on its way
};

}  // namespace ferry::modem
