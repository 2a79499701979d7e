// SIMCom's socket commands.
#include "sim/modem.h"

namespace ferry::sim {

namespace {

class Simcom final : public ModemDialect {
 public:
  bool run(Modem& modem, const std::string& name, const std::string& arguments) override;
  void on_boot(Modem& modem) override;
  void on_opened(Modem& modem, std::size_t link, bool good) override;
  void on_data(Modem& modem, std::size_t link) override;
  void on_closed(Modem& modem, std::size_t link) override;
  void on_bearer_lost(Modem& modem) override { modem.urc("+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY"); }
  void on_power_down(Modem& modem) override { modem.urc("NORMAL POWER DOWN"); }

 private:
  using Arguments = std::vector<std::string>;
  void later(Modem& modem, const std::string& line, Duration delay);
  void ip_error(Modem& modem, const std::string& text);
  void open_network(Modem& modem);
  void close_network(Modem& modem);
  void open(Modem& modem, const Arguments& arguments);
  void send(Modem& modem, const Arguments& arguments);
  void take_data(Modem& modem, std::size_t number, const std::string& bytes);
  void read(Modem& modem, const Arguments& arguments);
  void close(Modem& modem, const Arguments& arguments);

  bool manual_read_ = false;
};

constexpr long kLastLink = 9;
constexpr long kLongestRead = 1460;
constexpr long kLongestSend = 1400;  // more was seen to fail
constexpr Duration kSoon{2};

bool Simcom::run(Modem& modem, const std::string& name, const std::string& text) {
  const Arguments arguments = split_arguments(text.empty() ? "" : text.substr(1));
  if (name == "AT+CIPMODE" || name == "AT+CIPSENDMODE") {
    arguments[0] == "0" ? modem.answer({}) : modem.error();
  } else if (name == "AT+NETOPEN") {
    open_network(modem);
  } else if (name == "AT+NETCLOSE") {
    close_network(modem);
  } else if (name == "AT+IPADDR") {
    modem.bearer_is_up() ? modem.answer({"+IPADDR: 10.7.157.1"}) : ip_error(modem, "Network not opened");
  } else if (name == "AT+CIPOPEN") {
    open(modem, arguments);
  } else if (name == "AT+CIPSEND") {
    send(modem, arguments);
  } else if (name == "AT+CIPRXGET") {
    read(modem, arguments);
  } else if (name == "AT+CIPCLOSE") {
    close(modem, arguments);
  } else if (name == "AT+CPOF") {
    modem.answer({});
    modem.power_down(Duration{1500});
  } else {
    return false;
  }
  return true;
}

void Simcom::on_boot(Modem& modem) {
  manual_read_ = false;
  modem.urc("RDY");
  modem.urc("+CPIN: READY", Duration{100});
  modem.urc("SMS DONE", Duration{300});
  modem.urc("PB DONE", Duration{500});
}

// OK and then the line; the other way round where a fault wants it.
void Simcom::later(Modem& modem, const std::string& line, Duration delay) {
  if (modem.faults().hits("swap-order", modem.current())) {
    return modem.answer({line}, "OK", delay);
  }
  modem.answer({});
  modem.urc(line, modem.config().turnaround + delay);
}

void Simcom::ip_error(Modem& modem, const std::string& text) {
  modem.answer({"+IP ERROR: " + text}, "ERROR");
}

void Simcom::open_network(Modem& modem) {
  if (modem.bearer_is_up()) {
    return ip_error(modem, "Network is already opened");
  }
  const bool good = modem.registered() && !modem.faults().hits("refuse", modem.current());
  modem.set_bearer(good);
  later(modem, good ? "+NETOPEN: 0" : "+NETOPEN: 1", modem.config().attach + kSoon);
}

void Simcom::close_network(Modem& modem) {
  if (!modem.bearer_is_up()) {
    return ip_error(modem, "Network not opened");
  }
  modem.close_all_links();
  modem.set_bearer(false);
  later(modem, "+NETCLOSE: 0", Duration{100});
}

void Simcom::open(Modem& modem, const Arguments& arguments) {
  long number = 0;
  long port = 0;
  if (arguments.size() < 4 || !in_range(arguments[0], 0, kLastLink, number) || arguments[1] != "TCP" ||
      arguments[2].empty() || !in_range(arguments[3], 1, 65535, port)) {
    return modem.error();
  }
  const std::string told = "+CIPOPEN: " + std::to_string(number) + ",";
  const auto link = static_cast<std::size_t>(number);
  if (!modem.bearer_is_up()) {
    return modem.answer({told + "2"}, "ERROR");
  }
  if (modem.link(link).used || modem.faults().hits("in-use", modem.current())) {
    return modem.answer({told + "4"}, "ERROR");
  }
  modem.link(link).used = true;
  modem.answer({});
  modem.after(modem.config().turnaround + kSoon, [&modem, link, port, told, host = arguments[2]] {
    if (modem.link(link).used && !modem.start_open(link, host, static_cast<std::uint16_t>(port), 0)) {
      modem.urc(told + "10");
      modem.close_link(link);
    }
  });
}

void Simcom::on_opened(Modem& modem, std::size_t link, bool good) {
  modem.urc("+CIPOPEN: " + std::to_string(link) + (good ? ",0" : ",10"));
  if (!good) {
    modem.close_link(link);
  }
}

void Simcom::send(Modem& modem, const Arguments& arguments) {
  long number = 0;
  long size = 0;
  if (arguments.size() != 2 || !in_range(arguments[0], 0, kLastLink, number) ||
      !in_range(arguments[1], 1, kLongestSend, size)) {
    return modem.error();
  }
  const auto link = static_cast<std::size_t>(number);
  if (!modem.link(link).is_open || modem.link(link).peer_closed) {
    return modem.answer({"+CIPERROR: 4"}, "ERROR");
  }
  modem.prompt("\r\n>", static_cast<std::size_t>(size),
               [this, &modem, link](const std::string& bytes) { take_data(modem, link, bytes); });
}

void Simcom::take_data(Modem& modem, std::size_t number, const std::string& bytes) {
  Modem::Link& link = modem.link(number);
  if (!link.is_open) {
    return modem.error();
  }
  const bool full = modem.send_room(link) < bytes.size() || modem.faults().hits("send-fail", modem.current());
  const std::string size = std::to_string(bytes.size());
  if (!full) {
    modem.send_on(link, bytes);
  }
  later(modem, "+CIPSEND: " + std::to_string(number) + "," + size + "," + (full ? "0" : size), kSoon);
}

// 1: announcements instead of data; 2: read; 4: how much there is.
void Simcom::read(Modem& modem, const Arguments& arguments) {
  if (arguments[0] == "1" && arguments.size() == 1) {
    manual_read_ = true;
    return modem.answer({});
  }
  long number = 0;
  long size = kLongestRead;
  if (arguments.size() < 2 || !in_range(arguments[1], 0, kLastLink, number) ||
      (arguments.size() > 2 && !in_range(arguments[2], 1, kLongestRead, size))) {
    return modem.error();
  }
  Modem::Link& link = modem.link(static_cast<std::size_t>(number));
  const std::string head = "+CIPRXGET: " + arguments[0] + "," + std::to_string(number) + ",";
  if (!link.used) {
    return ip_error(modem, "Connection not established");
  }
  if (arguments[0] == "4") {
    return modem.answer({head + std::to_string(link.received.size())});
  }
  const std::string bytes = modem.take_received(link, static_cast<std::size_t>(size));
  link.announced = link.announced && !link.received.empty();
  if (bytes.empty()) {
    return ip_error(modem, "No data");
  }
  std::string answer = "\r\n" + head + std::to_string(bytes.size()) + "," + std::to_string(link.received.size()) +
                       "\r\n" + bytes + "\r\n";
  if (!modem.faults().hits("no-final", modem.commands().back())) {
    answer += "OK\r\n";
  }
  modem.answer_raw(answer);
}

void Simcom::close(Modem& modem, const Arguments& arguments) {
  long number = 0;
  if (!in_range(arguments[0], 0, kLastLink, number) || !modem.link(static_cast<std::size_t>(number)).used) {
    return modem.error();
  }
  modem.close_link(static_cast<std::size_t>(number));
  later(modem, "+CIPCLOSE: " + std::to_string(number) + ",0", Duration{20});
}

void Simcom::on_data(Modem& modem, std::size_t number) {
  Modem::Link& link = modem.link(number);
  if (!manual_read_) {
    const std::string bytes = modem.take_received(link, link.received.size());
    return modem.urc_raw("\r\n+IPD" + std::to_string(bytes.size()) + "\r\n" + bytes);
  }
  if (!link.announced) {
    link.announced = true;
    if (!modem.faults().hits("no-recv")) {
      modem.urc("+CIPRXGET: 1," + std::to_string(number));
    }
  }
}

void Simcom::on_closed(Modem& modem, std::size_t number) {
  modem.urc("+IPCLOSE: " + std::to_string(number) + ",1");
}

}  // namespace

std::unique_ptr<ModemDialect> make_simcom_dialect() {
  return std::make_unique<Simcom>();
}

}  // namespace ferry::sim
