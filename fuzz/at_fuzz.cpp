// Any bytes from a module, split anywhere: the same tokens, payload counted to the byte, and a driver that never hangs,
// never gives out more than came in, and always comes back to a state of its own.
#include <cstdlib>
#include <string>

#include "device/at/tokenizer.h"
#include "device/modem/modem.h"

namespace {

using namespace ferry;

std::string read(const modem::Family& family, ByteView bytes, std::size_t piece) {
  at::Tokenizer tokenizer(family.payloads);
  tokenizer.expect_prompt(true);
  std::string out;
  while (!bytes.empty()) {
    ByteView part = bytes.first(std::min(piece, bytes.size()));
    bytes = bytes.subspan(part.size());
    while (!part.empty()) {
      const at::Token token = tokenizer.next(part, piece);
      if (token.kind == at::TokenKind::kPayload) {
        out += as_text(token.payload);
        continue;
      }
      if (token.text.size() > at::Tokenizer::kMaxLine) {
        std::abort();
      }
      if (token.kind != at::TokenKind::kNone) {
        out += std::to_string(static_cast<int>(token.kind)) + std::string(token.text) + std::to_string(token.count);
      }
      if (token.kind == at::TokenKind::kHeader && token.count < 4096) {
        tokenizer.accept_payload(token.count);
      }
    }
  }
  return out;
}

// Says OK to most commands, and in between what the input holds.
class Module final : public SerialPort, public modem::PowerLines, public modem::RetainedRecord {
 public:
  Module(ByteView bytes, std::size_t piece) : bytes_(bytes), piece_(piece) {}
  [[nodiscard]] Status configure(std::uint32_t, FlowControl) override { return ok(); }
  [[nodiscard]] bool is_drained() override { return true; }
  [[nodiscard]] bool lost_bytes() override { return false; }
  [[nodiscard]] Result<std::size_t> write(ByteView bytes) override {
    for (const std::uint8_t byte : bytes) {
      answers_ += byte == '\r' ? 1U : 0U;
    }
    return bytes.size();
  }
  [[nodiscard]] Result<std::size_t> read(ByteSpan buffer) override {
    if (answers_ > 0 && !bytes_.empty() && bytes_.front() != 0) {
      --answers_;
      return copy(as_bytes("\r\n+CPIN: READY\r\n+CEREG: 0,1\r\nOK\r\n"), buffer);
    }
    answers_ = 0;
    const std::size_t size = copy(bytes_.first(std::min(piece_, bytes_.size())), buffer);
    bytes_ = bytes_.subspan(size);
    given += size;
    return size;
  }
  void set_supply(bool) override {}
  void press_power_key(bool) override {}
  [[nodiscard]] Result<std::size_t> load(ByteSpan) override { return 0; }
  [[nodiscard]] Status store(ByteView) override { return ok(); }
  [[nodiscard]] bool is_empty() const { return bytes_.empty(); }

  std::size_t given = 0;

 private:
  ByteView bytes_;
  std::size_t piece_;
  std::size_t answers_ = 0;
};

void drive(const modem::Family& family, ByteView bytes, std::size_t piece, bool push) {
  Module module(bytes, piece);
  modem::Modem driver(family, module, module, module, {.apn = "a", .push = push});
  Instant now{};
  driver.start(now);
  auto control = driver.open("a.example", 21);
  auto data = driver.open("b.example", 20);
  std::size_t received = 0;
  constexpr int kPolls = 400;
  for (int i = 0; i < kPolls; ++i) {
    driver.poll(now);
    for (auto& connection : {control, data}) {
      if (!connection) {
        continue;
      }
      std::array<std::uint8_t, 64> buffer{};
      received += driver.receive(*connection, buffer).value_or(0);
      static_cast<void>(driver.send(*connection, as_bytes("PASV\r\n")));
    }
    if (i % 100 == 99 && data) {
      driver.close(*data);
      data = driver.open_beside(*control, 20);
    }
    now = std::max(now + Duration{1}, std::min(driver.poll_timeout(), now + 500ms));
  }
  if (received > module.given || driver.poll_timeout() == kNever) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  const ByteView bytes(data + 2, size - 2);
  const modem::Family* const families[] = {&modem::kQuectel, &modem::kSimcom, &modem::kUblox};
  const modem::Family& family = *families[data[0] % 3];
  if (read(family, bytes, 1U + data[1] % 64) != read(family, bytes, size)) {
    std::abort();
  }
  drive(family, bytes, 1U + data[1] % 64, data[0] >= 128);
  return 0;
}
