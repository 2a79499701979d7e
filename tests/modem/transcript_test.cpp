// Plays transcripts with other spacing, echo and order of lines than the simulated module has: one exchange of data
// with a server, as modules of several makers and firmware versions were seen to write it.
#include <deque>

#include "tests/modem/world.h"

namespace ferry::modem {
namespace {

struct Line {
  std::string command;  // begins so; "=" before it: is so
  std::string answer;
};

struct Transcript {
  std::string name;
  const Family* family;
  std::vector<Line> lines;  // each is used once, in any order, and the last for a command again and again
  bool push = false;
  bool echo = false;  // whatever ATE0 says
  std::string start;  // what the module says first
};

// A module that knows nothing but its transcript.
class Player final : public SerialPort {
 public:
  explicit Player(const Transcript& transcript) : transcript_(transcript), output_(transcript.start) {}

  [[nodiscard]] Status configure(std::uint32_t, FlowControl) override { return ok(); }
  [[nodiscard]] bool is_drained() override { return true; }
  [[nodiscard]] bool lost_bytes() override { return false; }
  [[nodiscard]] Result<std::size_t> read(ByteSpan buffer) override {
    const std::size_t size = std::min({buffer.size(), output_.size(), piece});
    copy(as_bytes(output_).first(size), buffer);
    output_.erase(0, size);
    return size;
  }
  [[nodiscard]] Result<std::size_t> write(ByteView bytes) override {
    for (const std::uint8_t byte : bytes) {
      take(static_cast<char>(byte));
    }
    return bytes.size();
  }

  std::size_t piece = 1000;
  std::string payload;
  std::vector<std::string> commands;

 private:
  void take(char c) {
    if (wanted_ > 0) {
      payload += c;
      if (--wanted_ == 0) {
        output_ += after_payload_;
      }
      return;
    }
    typed_ += c;
    if (c != '\r') {
      return;
    }
    if (transcript_.echo) {
      output_ += typed_;
    }
    typed_.pop_back();
    commands.push_back(typed_);
    answer(std::exchange(typed_, {}));
  }

  void answer(const std::string& command) {
    std::string text = "\r\nOK\r\n";
    for (Line& line : transcript_.lines) {
      const bool fits = line.command[0] == '=' ? command == line.command.substr(1) : command.starts_with(line.command);
      const bool is_last = std::none_of(&line + 1, transcript_.lines.data() + transcript_.lines.size(),
                                        [&](const Line& other) { return other.command == line.command; });
      if (fits && !line.command.empty()) {
        text = line.answer;
        if (!is_last) {
          line.command = "=used";
        }
        break;
      }
    }
    // What follows the bar comes after the payload, whose length the command ends with.
    const std::size_t bar = text.find('|');
    output_ += text.substr(0, bar);
    if (bar != std::string::npos) {
      after_payload_ = text.substr(bar + 1);
      wanted_ = std::strtoul(command.c_str() + command.rfind(',') + 1, nullptr, 10);
    }
  }

  Transcript transcript_;
  std::string output_;
  std::string typed_;
  std::string after_payload_;
  std::size_t wanted_ = 0;
};

class NoPower final : public PowerLines {
 public:
  void set_supply(bool) override {}
  void press_power_key(bool) override {}
};

const std::vector<Transcript> kTranscripts = {
    {"QuectelTight",
     &kQuectel,
     {{"AT+CPIN?", "\r\n+CPIN:READY\r\nOK\r\n"},
      {"AT+CEREG?", "\r\n+CEREG:2,5,\"1A2B\",\"01C3D4E5\",7\r\nOK\r\n"},
      {"AT+CSQ", "\r\n+CSQ:20,0\r\nOK\r\n"},
      {"AT+QIOPEN", "\r\nOK\r\n\r\n+QIOPEN:0,0\r\n"},
      {"AT+QISEND", ">|\r\nSEND OK\r\n\r\n+QIURC:\"recv\",0\r\n"},
      {"=AT+QIRD=0,0", "\r\n+QIRD:12,12,0\r\n\r\nOK\r\n"},
      {"AT+QIRD=0,", "\r\n+QIRD: 0\r\n\r\nOK\r\n"},
      {"AT+QIRD=0,", "\r\n+QIRD:5\r\nhello\r\n\r\nOK\r\n"},
      {"AT+QIRD=0,", "\r\n+QIRD:7\r\n, world\r\n\r\n+QIURC:\"closed\",0\r\n\r\nOK\r\n"},
      {"AT+QIRD=0,", "\r\n+QIRD:0\r\n\r\nOK\r\n"}}},
    {"QuectelWide",
     &kQuectel,
     {{"AT+CPIN?", "\r\n+CPIN: NOT READY\r\n\r\nOK\r\n"},
      {"AT+CPIN?", "\r\n\r\n+CPIN:  READY \r\n\r\n\r\n\r\nOK\r\n"},
      {"AT+CEREG?", "\r\n+CEREG: 2, 1, \"1A2B\", \"01C3D4E5\", 7\r\n\r\nOK\r\n"},
      {"AT+QIOPEN", "\r\n+QIND: \"csq\",20,99\r\n\r\n+QIOPEN: 0, 0\r\n\r\nOK\r\n"},
      {"AT+QISEND", "\r\n> |\r\nSEND OK\r\n"},
      {"=AT+QIRD=0,0", "\r\n+QIRD: 12, 12, 0\r\n\r\nOK\r\n"},
      {"AT+QIRD=0,", "\r\n+QIRD: 0\r\n\r\nOK\r\n"},
      {"AT+QIRD=0,",
       "\r\n+QIURC: \"recv\", 0\r\n\r\n+QIRD: 12\r\nhello, world\r\n\r\nOK\r\n\r\n+QIURC: \"closed\", 0\r\n"},
      {"AT+QIRD=0,", "\r\n+QIRD: 0\r\n\r\nOK\r\n"}},
     false,
     false,
     std::string("\0\xFF\r\nRDY\r\n\r\nAPP RDY\r\n", 18)},
    {"QuectelEcho",
     &kQuectel,
     {{"AT+CPIN?", "\r\n+CPIN: READY\r\n\r\nOK\r\n"},
      {"AT+CEREG?", "\r\n+CEREG: 5\r\n\r\n+CEREG: 0,1\r\n\r\nOK\r\n"},
      {"AT+QIOPEN", "\r\nOK\r\n\r\n+QIOPEN: 0,0\r\n"},
      {"AT+QISEND", "\r\n> |\r\nSEND OK\r\n\r\n+QIURC: \"recv\",0\r\n\r\n+QIURC: \"closed\",0\r\n"},
      {"=AT+QIRD=0,0", "\r\n+QIRD: 12,12,0\r\n\r\nOK\r\n"},
      {"AT+QIRD=0,", "\r\n+QIRD: 0\r\n\r\nOK\r\n"},
      {"AT+QIRD=0,", "\r\n+QIRD: 12\r\nhello, world\r\n\r\nOK\r\n"},
      {"AT+QIRD=0,", "\r\n+QIRD: 0\r\n\r\nOK\r\n"}},
     false,
     true},
    {"QuectelPush",
     &kQuectel,
     {{"AT+CPIN?", "\r\n+CPIN: READY\r\n\r\nOK\r\n"},
      {"AT+CEREG?", "\r\n+CEREG: 0,1\r\n\r\nOK\r\n"},
      {"AT+QIOPEN", "\r\nOK\r\n\r\n+QIOPEN: 0,0\r\n"},
      {"AT+QISEND",
       "\r\n> |\r\n+QIURC: \"recv\",0,5\r\nhello\r\n\r\nSEND OK\r\n\r\n+QIURC:\"recv\",0,7\r\n, world\r\n\r\n+QIURC: "
       "\"closed\",0\r\n"},
      {"=AT+QIRD=0,0", "\r\nERROR\r\n"}},
     true},
    // The echo of the next command comes where the line behind pushed data is awaited.
    {"QuectelPushEcho",
     &kQuectel,
     {{"AT+CPIN?", "\r\n+CPIN: READY\r\n\r\nOK\r\n"},
      {"AT+CEREG?", "\r\n+CEREG: 0,1\r\n\r\nOK\r\n"},
      {"AT+QIOPEN", "\r\nOK\r\n\r\n+QIOPEN: 0,0\r\n\r\n+QIURC: \"recv\",0,5\r\nhello\r\n"},
      {"AT+QISEND", "\r\n> |\r\nSEND OK\r\n\r\n+QIURC:\"recv\",0,7\r\n, world\r\n\r\n+QIURC: \"closed\",0\r\n"},
      {"=AT+QIRD=0,0", "\r\nERROR\r\n"}},
     true,
     true},
    {"SimcomTight",
     &kSimcom,
     {{"AT+CPIN?", "\r\n+CPIN: READY\r\n\r\nOK\r\n"},
      {"AT+CEREG?", "\r\n+CEREG: 0,1\r\n\r\nOK\r\n"},
      {"AT+NETCLOSE", "\r\n+IP ERROR: Network not opened\r\n\r\nERROR\r\n"},
      {"AT+NETOPEN", "\r\n+NETOPEN:0\r\nOK\r\n"},
      {"AT+CIPOPEN", "\r\n+CIPOPEN:0,0\r\nOK\r\n"},
      {"AT+CIPSEND=", ">|\r\n+CIPSEND:0,4,4\r\nOK\r\n\r\n+CIPRXGET:1,0\r\n"},
      {"AT+CIPRXGET=2", "\r\n+IP ERROR:No data\r\nERROR\r\n"},
      {"AT+CIPRXGET=2", "\r\n+CIPRXGET:2,0,5,7\r\nhello\r\nOK\r\n\r\n+IPCLOSE:0,1\r\n"},
      {"AT+CIPRXGET=2", "\r\n+CIPRXGET:2,0,7,0\r\n, world\r\nOK\r\n"},
      {"AT+CIPRXGET=2", "\r\n+IP ERROR:No data\r\nERROR\r\n"}}},
    {"SimcomWide",
     &kSimcom,
     {{"AT+CPIN?", "\r\n+CPIN: READY\r\n\r\nOK\r\n"},
      {"AT+CEREG?", "\r\n+CEREG: 0,1\r\n\r\nOK\r\n"},
      {"AT+NETCLOSE", "\r\nOK\r\n\r\n+NETCLOSE: 0\r\n"},
      {"AT+NETOPEN", "\r\nOK\r\n\r\n+NETOPEN: 0\r\n"},
      {"AT+CIPOPEN", "\r\nOK\r\n\r\n+CIPOPEN: 0,0\r\n"},
      {"AT+CIPSEND=", "\r\n>|\r\nOK\r\n\r\n+CIPRXGET: 1,0\r\n\r\n+CIPSEND: 0,4,4\r\n"},
      {"AT+CIPRXGET=2", "\r\n+IP ERROR: No data\r\n\r\nERROR\r\n"},
      {"AT+CIPRXGET=2", "\r\n+CIPRXGET: 2,0,12,0\r\nhello, world\r\n\r\nOK\r\n\r\n+IPCLOSE: 0,1\r\n"},
      {"AT+CIPRXGET=2", "\r\n+IP ERROR: No data\r\n\r\nERROR\r\n"}},
     false,
     true},
    {"Ublox",
     &kUblox,
     {{"AT+CPIN?", "\r\n+CPIN: READY\r\n\r\nOK\r\n"},
      {"AT+CEREG?", "\r\n+CEREG: 0,1\r\n\r\nOK\r\n"},
      {"AT+USOCR", "\r\n+USOCR: 3\r\n\r\nOK\r\n"},
      {"AT+USOWR", "\r\n@|\r\n+USOWR: 3,4\r\n\r\nOK\r\n\r\n+UUSORD: 3,5\r\n"},
      {"AT+USORD", "\r\n+USORD: 3,\"\"\r\n\r\nOK\r\n"},
      {"AT+USORD", "\r\n+USORD: 3,5,\"hello\"\r\n\r\nOK\r\n"},
      {"AT+USORD", "\r\n+UUSOCL: 3\r\n\r\n+USORD:3,7,\", world\"\r\nOK\r\n"},
      {"AT+USORD", "\r\n+USORD: 3,\"\"\r\n\r\nOK\r\n"}}},
};

class TranscriptTest : public ::testing::TestWithParam<Transcript> {};
INSTANTIATE_TEST_SUITE_P(Seen, TranscriptTest, ::testing::ValuesIn(kTranscripts),
                         [](const auto& each) { return each.param.name; });

TEST_P(TranscriptTest, T40_OneExchangeOfData) {
  for (const std::size_t piece : {1000U, 1U, 2U, 3U, 5U, 11U}) {
    Player player(GetParam());
    player.piece = piece;
    NoPower power;
    MemoryRecord record;
    Modem driver(*GetParam().family, player, power, record, {.apn = "internet", .push = GetParam().push});
    Instant now{};
    driver.start(now);
    auto connection = driver.open("server.example", 7);
    ASSERT_TRUE(connection.has_value());
    std::string received;
    Error end{};
    bool sent = false;
    for (; now < Instant{} + 60s && end == Error{}; now += 1ms) {
      driver.poll(now);
      if (driver.state(*connection) != ConnectionState::kOpen) {
        continue;
      }
      if (!sent) {
        sent = driver.send(*connection, as_bytes("ping")).value_or(0) == 4;
      }
      std::array<std::uint8_t, 100> buffer{};
      const auto size = driver.receive(*connection, buffer);
      end = size.has_value() ? end : size.error();
      received += as_text(ByteView(buffer).first(size.value_or(0)));
    }
    EXPECT_EQ(player.payload, "ping") << piece;
    EXPECT_EQ(received, "hello, world") << piece;
    EXPECT_EQ(end, Error::kClosed) << piece;
  }
}

}  // namespace
}  // namespace ferry::modem
