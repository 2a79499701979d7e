#include "device/ftp/reply.h"

#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

namespace ferry::ftp {
namespace {

struct Read {
  std::vector<std::pair<int, std::string>> replies;
  std::optional<Error> error;
  friend bool operator==(const Read&, const Read&) = default;
};

// Feeds `text` in pieces of `piece` bytes.
Read read(std::string_view text, std::size_t piece = std::string_view::npos) {
  ReplyReader reader;
  Read result;
  while (!text.empty() && !result.error) {
    ByteView bytes = as_bytes(text.substr(0, piece));
    text.remove_prefix(bytes.size());
    while (!bytes.empty() && !result.error) {
      const auto reply = reader.receive(bytes);
      if (!reply) {
        result.error = reply.error();
      } else if (reply->has_value()) {
        result.replies.emplace_back((*reply)->code, (*reply)->text);
      }
    }
  }
  return result;
}

Read good(std::vector<std::pair<int, std::string>> replies) {
  return {std::move(replies), std::nullopt};
}

TEST(FtpReply, OneLine) {
  EXPECT_EQ(read("220 Ready.\r\n"), good({{220, "Ready."}}));
  EXPECT_EQ(read("226\r\n"), good({{226, ""}}));
  EXPECT_EQ(read("226 \r\n"), good({{226, ""}}));
  EXPECT_EQ(read("150 a\r\n226 b\r\n"), good({{150, "a"}, {226, "b"}}));
}

TEST(FtpReply, BareLineFeedAndManyCarriageReturns) {
  EXPECT_EQ(read("220 a\n331 b\n"), good({{220, "a"}, {331, "b"}}));
  EXPECT_EQ(read("220 a\r\r\n"), good({{220, "a"}}));
}

TEST(FtpReply, ManyLines) {
  EXPECT_EQ(read("220-Welcome\r\n to\r\n220-this\r\n331 not the end\r\n\r\n220 End\r\n230 x\r\n"),
            good({{220, "End"}, {230, "x"}}));
  EXPECT_EQ(read("211-Features:\n EPSV\n211\n"), good({{211, ""}}));
}

TEST(FtpReply, T24_NoCodeNulAndIacAreRefused) {
  for (const std::string& text :
       {std::string("Hello\r\n"), std::string("\r\n"), std::string("22 x\r\n"), std::string("620 x\r\n"),
        std::string("020 x\r\n"), std::string("2200 x\r\n"), std::string("220_x\r\n"), std::string("220 a\0b\r\n", 9),
        std::string("220 \xff\xf4 x\r\n"), std::string("HTTP/1.1 400 Bad Request\r\n")}) {
    EXPECT_EQ(read(text).error, Error::kFtpMalformedReply) << text;
  }
}

TEST(FtpReply, T24_LongLinesAndLongRepliesAreBounded) {
  const std::string longest = "220 " + std::string(ReplyReader::kMaxLine - 4, 'x');
  EXPECT_EQ(read(longest + "\n"), good({{220, std::string(ReplyReader::kMaxText, 'x')}}));
  EXPECT_EQ(read(longest + "x\n").error, Error::kFtpReplyTooLong);

  std::string lines = "220-first\r\n";
  for (std::size_t i = 1; i < ReplyReader::kMaxLines - 1; ++i) {
    lines += "220-more\r\n";
  }
  EXPECT_EQ(read(lines + "220 End\r\n"), good({{220, "End"}}));
  EXPECT_EQ(read(lines + "220-more\r\n220-more\r\n220 End\r\n").error, Error::kFtpReplyTooLong);
}

TEST(FtpReply, FailedStaysFailedUntilReset) {
  ReplyReader reader;
  ByteView bad = as_bytes("bad\r\n");
  EXPECT_FALSE(reader.receive(bad).has_value());
  ByteView more = as_bytes("220 x\r\n");
  EXPECT_FALSE(reader.receive(more).has_value());
  reader.reset();
  EXPECT_EQ(reader.receive(more)->value().code, 220);
}

TEST(FtpReply, AnySplitGivesTheSameReplies) {
  const std::string text = "220-Welcome\r\n 220 no\r\n220 End\r\n331 x\n150-a\r\n150 b\r\n226 c\r\nbad\r\n";
  const Read whole = read(text);
  EXPECT_EQ(whole.replies.size(), 4U);
  for (std::size_t piece = 1; piece < text.size(); ++piece) {
    EXPECT_EQ(read(text, piece), whole) << piece;
  }
}

TEST(FtpReply, MutatedBytesSplitAnywhereGiveTheSameRepliesAndStayBounded) {
  const std::string text =
      "220-Hi\r\n220 x\r\n331 p\r\n230 ok\r\n200 t\r\n229 E (|||40000|)\r\n150 o\r\n226 d\r\n221 b\r\n";
  std::mt19937 random(7);
  for (int i = 0; i < 5000; ++i) {
    std::string mutated = text;
    for (int changes = 0; changes < 3; ++changes) {
      mutated[random() % mutated.size()] = "\r\n 0129-\xff"[random() % 9];
    }
    const Read whole = read(mutated);
    EXPECT_EQ(read(mutated, 1 + random() % 9), whole);
    for (const auto& [code, reply] : whole.replies) {
      EXPECT_TRUE(code >= 100 && code <= 599 && reply.size() <= ReplyReader::kMaxText);
    }
  }
}

TEST(FtpReply, EpsvPort) {
  EXPECT_EQ(parse_epsv("Entering Extended Passive Mode (|||6446|)"), 6446);
  EXPECT_EQ(parse_epsv("ok (!!!65535!)"), 65535);
  EXPECT_EQ(parse_epsv("(|1|132.235.1.2|6275|)."), 6275);
  EXPECT_EQ(parse_epsv("Entering Extended Passive Mode |||80|"), 80);
  EXPECT_EQ(parse_epsv("wait... @@@21@"), 21);
  for (const char* bad : {"", "(", "()", "(|||)", "(||||)", "(|||0|)", "(|||65536|)", "(|||99999999999|)", "(|||12",
                          "(|||12)", "(||12|)", "(111234561)", "(|||-5|)", "(||| 5|)", "|||", "||||", "none"}) {
    EXPECT_EQ(parse_epsv(bad), std::nullopt) << bad;
  }
}

TEST(FtpReply, PasvPort) {
  EXPECT_EQ(parse_pasv("Entering Passive Mode (192,168,1,2,156,64)."), 156 * 256 + 64);
  EXPECT_EQ(parse_pasv("Entering Passive Mode 10,0,0,1,0,21"), 21);
  EXPECT_EQ(parse_pasv("= 127,0,0,1,255,255"), 65535);
  EXPECT_EQ(parse_pasv("2 sockets: 1,2,3,4,5,6"), 5 * 256 + 6);
  for (const char* bad : {"", "()", "1,2,3,4,5", "1,2,3,4,5,256", "256,1,1,1,1,1", "1,2,3,4,0,0", "1;2;3;4;5;6",
                          "1,2,3,4,,5,6", "99999999999,1,1,1,1,1", "1, 2, 3, 4, 5, 6"}) {
    EXPECT_EQ(parse_pasv(bad), std::nullopt) << bad;
  }
}

TEST(FtpReply, Size) {
  EXPECT_EQ(parse_size("12345"), 12345U);
  EXPECT_EQ(parse_size("  7 bytes"), 7U);
  EXPECT_EQ(parse_size("18446744073709551615"), UINT64_MAX);
  for (const char* bad : {"", "-1", "x", "18446744073709551616"}) {
    EXPECT_EQ(parse_size(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace ferry::ftp
