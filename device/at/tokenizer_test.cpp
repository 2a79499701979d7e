#include "device/at/tokenizer.h"

#include <gtest/gtest.h>

namespace ferry::at {
namespace {

constexpr PayloadRule kRules[] = {
    {.prefix = "+QIRD:", .fields = 1, .count_field = 0, .opening = '\0', .trailer = "\r\n\r\n"},
    {.prefix = "+QIURC:\"recv\",", .fields = 2, .count_field = 1, .opening = '\0', .trailer = "\r\n\r\n"},
    {.prefix = "+USORD:", .fields = 3, .count_field = 1, .opening = '"', .trailer = "\"\r\n"},
};

// Everything in one text: lines in <>, payload in {}, then . when it ended; prompts as >, a break as !.
std::string read(std::string_view text, std::size_t piece, bool prompt = false, std::uint32_t most = 10000) {
  Tokenizer tokenizer(kRules);
  tokenizer.expect_prompt(prompt);
  std::string out;
  while (!text.empty()) {
    ByteView bytes = as_bytes(text.substr(0, piece));
    text = skip(text, piece);
    while (!bytes.empty()) {
      const Token token = tokenizer.next(bytes, 7);
      switch (token.kind) {
        case TokenKind::kNone:
          break;
        case TokenKind::kLine:
          out += "<" + std::string(token.text) + ">";
          break;
        case TokenKind::kPrompt:
          out += ">";
          break;
        case TokenKind::kHeader:
          out += "<" + std::string(token.text) + "=" + std::to_string(token.count) + ">";
          if (token.count > 0 && token.count <= most) {
            tokenizer.accept_payload(token.count);
          }
          break;
        case TokenKind::kPayload:
          out += std::string(as_text(token.payload));
          break;
        case TokenKind::kPayloadEnd:
          out += ".";
          break;
        case TokenKind::kBroken:
          out += "!";
          break;
      }
    }
  }
  return out;
}

TEST(Tokenizer, LinesLoseTheirSpacesOutsideQuotes) {
  EXPECT_EQ(read("\r\n+CME ERROR: 10\r\n\r\nSEND OK\r\n\r\n+COPS: 0,0,\"My Net\"\r\n", 100),
            "<+CMEERROR:10><SENDOK><+COPS:0,0,\"My Net\">");
}

TEST(Tokenizer, PayloadIsCountedAndNeverLookedAt) {
  const std::string_view payload("OK\r\n+++\r\n+QIURC: \"closed\",0\r\n> \x80\xFF\0\r\nERROR\r\n", 44);
  const std::string text = "\r\n+QIRD: 44\r\n" + std::string(payload) + "\r\n\r\nOK\r\n";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    EXPECT_EQ(read(text, piece), "<+QIRD:44=44>" + std::string(payload) + ".<OK>") << piece;
  }
}

TEST(Tokenizer, PushedAndQuotedPayload) {
  EXPECT_EQ(read("\r\n+QIURC: \"recv\",3,5\r\nabcde\r\n\r\n+QIURC: \"recv\",3\r\n", 1),
            "<+QIURC:\"recv\",3,5=5>abcde.<+QIURC:\"recv\",3>");
  EXPECT_EQ(read("\r\n+USORD: 0,4,\"a\"b\r\"\r\n\r\nOK\r\n", 1), "<+USORD:0,4,=4>a\"b\r.<OK>");
  EXPECT_EQ(read("\r\n+USORD: 0,\"\"\r\n\r\nOK\r\n", 1), "<+USORD:0,\"\"><OK>");
}

TEST(Tokenizer, ThreeFieldsAreNoHeader) {
  EXPECT_EQ(read("\r\n+QIRD: 100,40,60\r\n\r\nOK\r\n", 1), "<+QIRD:100,40,60><OK>");
}

TEST(Tokenizer, AHeaderThatIsNotAcceptedIsALine) {
  EXPECT_EQ(read("\r\n+QIRD: 0\r\n\r\nOK\r\n", 1), "<+QIRD:0=0><OK>");
  EXPECT_EQ(read("\r\n+QIURC: \"recv\",0,9\r\n\r\nOK\r\n", 3, false, 5), "<+QIURC:\"recv\",0,9=9><OK>");
}

TEST(Tokenizer, T40_LostBytesOfAPayloadBreakIt) {
  const std::string whole = "\r\n+QIRD: 8\r\nabcdefgh\r\n\r\nOK\r\n";
  for (std::size_t lost = 1; lost <= 8; ++lost) {
    std::string text = whole;
    text.erase(14, lost);
    const std::string out = read(text, text.size());
    EXPECT_EQ(out.find('.'), std::string::npos) << lost << ": " << out;
  }
}

TEST(Tokenizer, PromptsAreBareAndOnlyWhereExpected) {
  for (const auto* text : {"\r\n> ", ">", "> ", "\r\n>", "@", "\r\n@"}) {
    EXPECT_EQ(read(text, 1, true), ">") << text;
  }
  EXPECT_EQ(read("> \r\nSEND OK\r\n", 1, true), "><SENDOK>");
  EXPECT_EQ(read("\r\n>x\r\n", 1, false), "<>x>");
  EXPECT_EQ(read("AT+QISEND=0,5\r\r\n> ", 1, true), "<AT+QISEND=0,5>>");
}

TEST(Tokenizer, LongLinesLoseTheirEnd) {
  const std::string out = read("\r\n" + std::string(1000, 'x') + "\r\nOK\r\n", 10);
  EXPECT_EQ(out, "<" + std::string(Tokenizer::kMaxLine, 'x') + "><OK>");
}

}  // namespace
}  // namespace ferry::at
