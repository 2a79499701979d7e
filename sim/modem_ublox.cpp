// u-blox's socket commands.
#include "sim/modem.h"

namespace ferry::sim {

namespace {

class Ublox final : public ModemDialect {
 public:
  bool run(Modem& modem, const std::string& name, const std::string& arguments) override;
  void on_boot(Modem&) override {}  // it says nothing
  void on_opened(Modem& modem, std::size_t link, bool good) override;
  void on_data(Modem& modem, std::size_t link) override;
  void on_closed(Modem& modem, std::size_t link) override;
  void on_bearer_lost(Modem& modem) override { modem.urc("+UUPSDD: 0"); }
  void on_power_down(Modem&) override {}
  [[nodiscard]] Duration gap() const override { return Duration{20}; }

 private:
  using Arguments = std::vector<std::string>;
  void activate(Modem& modem, const Arguments& arguments, bool asks);
  void create(Modem& modem, const Arguments& arguments);
  void connect(Modem& modem, const Arguments& arguments);
  void write(Modem& modem, const Arguments& arguments);
  void take_data(Modem& modem, std::size_t number, const std::string& bytes);
  void read(Modem& modem, const Arguments& arguments);
  void close(Modem& modem, const Arguments& arguments);
};

constexpr long kLastLink = 6;
constexpr long kLongest = 1024;
constexpr int kNotAllowed = 3;

bool Ublox::run(Modem& modem, const std::string& name, const std::string& text) {
  const Arguments arguments = split_arguments(text.empty() ? "" : text.substr(1));
  if (name == "AT+CGACT") {
    activate(modem, arguments, text == "?");
  } else if (name == "AT+USOCR") {
    create(modem, arguments);
  } else if (name == "AT+USOCO") {
    connect(modem, arguments);
  } else if (name == "AT+USOWR") {
    write(modem, arguments);
  } else if (name == "AT+USORD") {
    read(modem, arguments);
  } else if (name == "AT+USOCL") {
    close(modem, arguments);
  } else if (name == "AT+CPWROFF") {
    modem.answer({});
    modem.power_down(Duration{1500});
  } else {
    return false;
  }
  return true;
}

void Ublox::activate(Modem& modem, const Arguments& arguments, bool asks) {
  if (asks) {
    const bool shown = modem.bearer_is_up() || modem.faults().hits("qiact-lies");
    return modem.answer({std::string("+CGACT: 1,") + (shown ? "1" : "0")});
  }
  if (arguments.size() != 2 || arguments[1] != "1") {
    return modem.error(50);
  }
  const bool up = arguments[0] == "1";
  if (up && (!modem.registered() || modem.faults().hits("refuse", modem.current()))) {
    return modem.error(30);
  }
  if (!up) {
    modem.close_all_links();
  }
  modem.set_bearer(up);
  modem.answer({}, "OK", modem.config().attach);
}

void Ublox::create(Modem& modem, const Arguments& arguments) {
  if (arguments[0] != "6") {
    return modem.error(50);
  }
  for (std::size_t link = 0; link <= static_cast<std::size_t>(kLastLink); ++link) {
    if (!modem.link(link).used) {
      modem.link(link).used = true;
      return modem.answer({"+USOCR: " + std::to_string(link)});
    }
  }
  modem.error(kNotAllowed);
}

// Answers only when the connection is made or failed.
void Ublox::connect(Modem& modem, const Arguments& arguments) {
  long number = 0;
  long port = 0;
  if (arguments.size() < 3 || !in_range(arguments[0], 0, kLastLink, number) || arguments[1].empty() ||
      !in_range(arguments[2], 1, 65535, port) || !modem.link(static_cast<std::size_t>(number)).used ||
      !modem.bearer_is_up() || modem.faults().hits("in-use", modem.current())) {
    return modem.error(kNotAllowed);
  }
  const auto link = static_cast<std::size_t>(number);
  if (!modem.start_open(link, arguments[1], static_cast<std::uint16_t>(port), 0)) {
    modem.link(link) = {.used = true};
    return modem.error(kNotAllowed);
  }
  modem.hold();
}

void Ublox::on_opened(Modem& modem, std::size_t link, bool good) {
  if (!good) {
    modem.close_link(link);
    modem.link(link).used = true;
    return modem.error(kNotAllowed);
  }
  modem.answer({});
}

void Ublox::write(Modem& modem, const Arguments& arguments) {
  long number = 0;
  long size = 0;
  if (arguments.size() != 2 || !in_range(arguments[0], 0, kLastLink, number) ||
      !in_range(arguments[1], 1, kLongest, size)) {
    return modem.error(50);
  }
  const auto link = static_cast<std::size_t>(number);
  if (!modem.link(link).is_open || modem.link(link).peer_closed) {
    return modem.error(kNotAllowed);
  }
  modem.prompt("\r\n@", static_cast<std::size_t>(size),
               [this, &modem, link](const std::string& bytes) { take_data(modem, link, bytes); });
}

void Ublox::take_data(Modem& modem, std::size_t number, const std::string& bytes) {
  Modem::Link& link = modem.link(number);
  if (!link.is_open) {
    return modem.error(kNotAllowed);
  }
  const bool full = modem.send_room(link) < bytes.size() || modem.faults().hits("send-fail", modem.current());
  if (!full) {
    modem.send_on(link, bytes);
  }
  modem.answer({"+USOWR: " + std::to_string(number) + "," + (full ? "0" : std::to_string(bytes.size()))});
}

void Ublox::read(Modem& modem, const Arguments& arguments) {
  long number = 0;
  long size = 0;
  if (arguments.size() != 2 || !in_range(arguments[0], 0, kLastLink, number) ||
      !in_range(arguments[1], 0, kLongest, size) || !modem.link(static_cast<std::size_t>(number)).used) {
    return modem.error(kNotAllowed);
  }
  Modem::Link& link = modem.link(static_cast<std::size_t>(number));
  const std::string head = "+USORD: " + std::to_string(number) + ",";
  if (size == 0) {
    return modem.answer({head + std::to_string(link.received.size())});
  }
  const std::string bytes = modem.take_received(link, static_cast<std::size_t>(size));
  link.announced = link.announced && !link.received.empty();
  modem.answer({bytes.empty() ? head + "\"\"" : head + std::to_string(bytes.size()) + ",\"" + bytes + "\""});
}

void Ublox::close(Modem& modem, const Arguments& arguments) {
  long number = 0;
  if (!in_range(arguments[0], 0, kLastLink, number) || !modem.link(static_cast<std::size_t>(number)).used) {
    return modem.error(kNotAllowed);
  }
  modem.close_link(static_cast<std::size_t>(number));
  modem.answer({}, "OK", Duration{20});
}

void Ublox::on_data(Modem& modem, std::size_t number) {
  Modem::Link& link = modem.link(number);
  if (link.announced) {
    return;
  }
  link.announced = true;
  if (!modem.faults().hits("no-recv")) {
    modem.urc("+UUSORD: " + std::to_string(number) + "," + std::to_string(link.received.size()));
  }
}

void Ublox::on_closed(Modem& modem, std::size_t number) {
  modem.urc("+UUSOCL: " + std::to_string(number));
}

}  // namespace

std::unique_ptr<ModemDialect> make_ublox_dialect() {
  return std::make_unique<Ublox>();
}

}  // namespace ferry::sim
