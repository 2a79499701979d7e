// Quectel's socket commands.
#include <utility>

#include "sim/modem.h"

namespace ferry::sim {

namespace {

class Quectel final : public ModemDialect {
 public:
  bool run(Modem& modem, const std::string& name, const std::string& arguments) override;
  void on_boot(Modem& modem) override;
  void on_opened(Modem& modem, std::size_t link, bool good) override;
  void on_data(Modem& modem, std::size_t link) override;
  void on_closed(Modem& modem, std::size_t link) override;
  void on_bearer_lost(Modem& modem) override { modem.urc("+QIURC: \"pdpdeact\",1"); }
  void on_power_down(Modem& modem) override { modem.urc("POWERED DOWN"); }

 private:
  using Arguments = std::vector<std::string>;
  void fail(Modem& modem, int error);
  void activate(Modem& modem);
  void open(Modem& modem, const Arguments& arguments);
  void send(Modem& modem, const Arguments& arguments);
  void take_data(Modem& modem, std::size_t number, const std::string& bytes);
  void read(Modem& modem, const Arguments& arguments);
  void close(Modem& modem, const Arguments& arguments);
  void state(Modem& modem, const Arguments& arguments);
  void set_mode(Modem& modem, const Arguments& arguments);
  void push(Modem& modem, std::size_t number);

  int last_error_ = 0;
  bool swapped_ = false;  // +QIOPEN before its OK
};

constexpr std::size_t kLongestSend = 1460;
constexpr std::size_t kLongestRead = 1500;
constexpr std::size_t kPushAhead = 4096;  // queued for the serial line

std::string quoted(const std::string& text) {
  return "\"" + text + "\"";
}

void Quectel::fail(Modem& modem, int error) {
  last_error_ = error;
  modem.error();
}

bool Quectel::run(Modem& modem, const std::string& name, const std::string& text) {
  const Arguments arguments = split_arguments(text.empty() ? "" : text.substr(1));
  const bool asks = text == "?";
  if (name == "AT+QICSGP" || name == "AT+QURCCFG" || name == "AT+QISDE" || name == "AT+QICFG") {
    modem.answer({});
  } else if (name == "AT+QIACT" && asks) {
    const bool shown = modem.bearer_is_up() || modem.faults().hits("qiact-lies");
    modem.answer(shown ? Arguments{"+QIACT: 1,1,1,\"10.7.157.1\""} : Arguments{});
  } else if (name == "AT+QIACT") {
    activate(modem);
  } else if (name == "AT+QIDEACT") {
    modem.close_all_links();
    modem.set_bearer(false);
    modem.answer({}, "OK", Duration{100});
  } else if (name == "AT+QIOPEN") {
    open(modem, arguments);
  } else if (name == "AT+QISEND") {
    send(modem, arguments);
  } else if (name == "AT+QIRD") {
    read(modem, arguments);
  } else if (name == "AT+QICLOSE") {
    close(modem, arguments);
  } else if (name == "AT+QISTATE") {
    state(modem, arguments);
  } else if (name == "AT+QISWTMD") {
    set_mode(modem, arguments);
  } else if (name == "AT+QIGETERROR") {
    modem.answer({"+QIGETERROR: " + std::to_string(last_error_) + ",error"});
  } else if (name == "AT+QLTS") {
    modem.answer({"+QLTS: \"20" + modem.clock_text(arguments[0] == "2") + ",0\""});
  } else if (name == "AT+QPOWD") {
    modem.answer({});
    modem.power_down(Duration{1500});
  } else {
    return false;
  }
  return true;
}

void Quectel::on_boot(Modem& modem) {
  modem.urc("RDY");
  modem.urc("+CPIN: READY", Duration{100});
  modem.urc("+QIND: SMS DONE", Duration{300});
  modem.urc("+QIND: PB DONE", Duration{500});
}

void Quectel::activate(Modem& modem) {
  if (!modem.registered() || modem.faults().hits("refuse", "AT+QIACT")) {
    return fail(modem, 561);
  }
  modem.set_bearer(true);
  modem.answer({}, "OK", modem.config().attach);
}

// AT+QIOPEN=<context>,<id>,"TCP","host",port[,local port[,mode]]
void Quectel::open(Modem& modem, const Arguments& arguments) {
  long number = 0;
  long port = 0;
  long mode = 0;
  if (arguments.size() < 5 || !in_range(arguments[1], 0, 11, number) || arguments[2] != "TCP" || arguments[3].empty() ||
      !in_range(arguments[4], 1, 65535, port) || (arguments.size() > 6 && !in_range(arguments[6], 0, 1, mode))) {
    return fail(modem, 552);
  }
  const auto link = static_cast<std::size_t>(number);
  const std::string told = "+QIOPEN: " + std::to_string(number) + ",";
  if (!modem.bearer_is_up()) {
    return fail(modem, 561);
  }
  if (modem.link(link).used || modem.faults().hits("in-use", modem.current())) {
    last_error_ = 563;
    modem.answer({});
    return modem.urc(told + "563", Duration{20});
  }
  // The answer first, as far as faults do not want it otherwise.
  swapped_ = modem.faults().hits("swap-order", modem.current());
  swapped_ ? modem.hold() : modem.answer({});
  modem.after(modem.config().turnaround + Duration{1}, [this, &modem, link, port, mode, host = arguments[3]] {
    if (modem.link(link).used &&
        !modem.start_open(link, host, static_cast<std::uint16_t>(port), static_cast<unsigned>(mode))) {
      on_opened(modem, link, false);
    }
  });
  modem.link(link).used = true;
}

void Quectel::on_opened(Modem& modem, std::size_t link, bool good) {
  modem.urc("+QIOPEN: " + std::to_string(link) + (good ? ",0" : ",566"));
  if (!good) {
    modem.close_link(link);
  }
  if (std::exchange(swapped_, false)) {
    modem.answer({});
  }
}

void Quectel::send(Modem& modem, const Arguments& arguments) {
  long number = 0;
  long size = 0;
  if (arguments.size() != 2 || !in_range(arguments[0], 0, 11, number) ||
      !in_range(arguments[1], 0, static_cast<long>(kLongestSend), size)) {
    return fail(modem, 552);
  }
  const auto link = static_cast<std::size_t>(number);
  Modem::Link& used = modem.link(link);
  if (!used.is_open || used.peer_closed) {
    return fail(modem, 558);
  }
  if (size == 0) {
    const std::string sent = std::to_string(used.sent);
    return modem.answer({"+QISEND: " + sent + "," + sent + ",0"});
  }
  modem.prompt("\r\n> ", static_cast<std::size_t>(size),
               [this, &modem, link](const std::string& bytes) { take_data(modem, link, bytes); });
}

void Quectel::take_data(Modem& modem, std::size_t number, const std::string& bytes) {
  Modem::Link& link = modem.link(number);
  if (!link.is_open) {
    return modem.answer({}, "ERROR");
  }
  if (modem.send_room(link) < bytes.size() || modem.faults().hits("send-fail", "AT+QISEND")) {
    return modem.answer({}, "SEND FAIL");
  }
  modem.send_on(link, bytes);
  modem.answer({}, "SEND OK");
}

void Quectel::read(Modem& modem, const Arguments& arguments) {
  long number = 0;
  long size = kLongestRead;
  if (!in_range(arguments[0], 0, 11, number) ||
      (arguments.size() > 1 && !in_range(arguments[1], 0, static_cast<long>(kLongestRead), size))) {
    return fail(modem, 552);
  }
  Modem::Link& link = modem.link(static_cast<std::size_t>(number));
  if (!link.used) {
    return fail(modem, 559);
  }
  if (size == 0) {
    return modem.answer({"+QIRD: " + std::to_string(link.total) + "," + std::to_string(link.read) + "," +
                         std::to_string(link.received.size())});
  }
  if (link.mode != 0) {
    return fail(modem, 572);
  }
  const std::string bytes = modem.take_received(link, static_cast<std::size_t>(size));
  link.announced = link.announced && !link.received.empty();
  if (bytes.empty()) {
    return modem.answer({"+QIRD: 0"});
  }
  modem.answer({"+QIRD: " + std::to_string(bytes.size()) + "\r\n" + bytes});
}

void Quectel::close(Modem& modem, const Arguments& arguments) {
  long number = 0;
  if (!in_range(arguments[0], 0, 11, number)) {
    return fail(modem, 552);
  }
  modem.close_link(static_cast<std::size_t>(number));
  modem.answer({}, "OK", Duration{20});
}

void Quectel::state(Modem& modem, const Arguments& arguments) {
  long number = 0;
  if (arguments.size() != 2 || arguments[0] != "1" || !in_range(arguments[1], 0, 11, number)) {
    return fail(modem, 552);
  }
  const Modem::Link& link = modem.link(static_cast<std::size_t>(number));
  if (!link.used) {
    return modem.answer({});
  }
  const std::string state = link.opening ? "1" : link.peer_closed ? "4" : "2";
  modem.answer({"+QISTATE: " + std::to_string(number) + ",\"TCP\"," + quoted(link.host) + "," +
                std::to_string(link.port) + ",0," + state + ",1,0," + std::to_string(link.mode) + ",\"uart1\""});
}

void Quectel::set_mode(Modem& modem, const Arguments& arguments) {
  long number = 0;
  long mode = 0;
  if (arguments.size() != 2 || !in_range(arguments[0], 0, 11, number) || !in_range(arguments[1], 0, 1, mode) ||
      !modem.link(static_cast<std::size_t>(number)).used) {
    return fail(modem, 552);
  }
  modem.link(static_cast<std::size_t>(number)).mode = static_cast<unsigned>(mode);
  modem.answer({});
}

void Quectel::on_data(Modem& modem, std::size_t number) {
  Modem::Link& link = modem.link(number);
  if (link.mode == 1) {
    return push(modem, number);
  }
  if (link.announced) {
    return;
  }
  link.announced = true;
  if (!modem.faults().hits("no-recv")) {
    modem.urc("+QIURC: \"recv\"," + std::to_string(number));
  }
}

// As long as the serial line keeps up; the rest when it has.
void Quectel::push(Modem& modem, std::size_t number) {
  Modem::Link& link = modem.link(number);
  while (link.is_open && !link.received.empty() && modem.uart().queued() < kPushAhead) {
    const std::string bytes = modem.take_received(link, kLongestRead);
    modem.urc_raw("\r\n+QIURC: \"recv\"," + std::to_string(number) + "," + std::to_string(bytes.size()) + "\r\n" +
                  bytes + (modem.faults().hits("no-trailer") ? "" : "\r\n"));
  }
  if (link.is_open && !link.received.empty()) {
    if (!std::exchange(link.pushing, true)) {
      modem.after(Duration{2}, [this, &modem, number] {
        modem.link(number).pushing = false;
        push(modem, number);
      });
    }
  } else if (link.peer_closed && link.close_told && !link.announced) {
    link.announced = true;
    modem.urc("+QIURC: \"closed\"," + std::to_string(number));
  }
}

void Quectel::on_closed(Modem& modem, std::size_t number) {
  if (modem.link(number).mode == 1) {
    return push(modem, number);
  }
  modem.urc("+QIURC: \"closed\"," + std::to_string(number));
}

}  // namespace

std::unique_ptr<ModemDialect> make_quectel_dialect() {
  return std::make_unique<Quectel>();
}

}  // namespace ferry::sim
