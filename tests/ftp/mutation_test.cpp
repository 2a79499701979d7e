// Mutated transcripts of whole transfers: whatever the peer says, the client ends, in bounds.
#include <gtest/gtest.h>
#include <random>

#include "tests/ftp/scripted_peer.h"

namespace ferry::ftp {
namespace {

const Transcript kGood{
    .replies = {"220-Hello\r\n220 x\r\n", "331 x\r\n", "230 x\r\n", "200 x\r\n", "229 x (|||40000|)\r\n", "350 x\r\n",
                "150 x\r\n226 x\r\n", "221 x\r\n"},
    .data = std::string(500, 'd'),
};

TEST(FtpMutation, TheTranscriptIsGood) {
  const Attacked result = attack(kGood, 100, 600);
  EXPECT_TRUE(result.ended && result.bounded);
  EXPECT_EQ(result.delivered, kGood.data);
  EXPECT_EQ(result.state, ClientState::kReady);
}

void mutate(std::string& text, std::mt19937& random) {
  if (text.empty()) {
    return;
  }
  const std::size_t at = random() % text.size();
  switch (random() % 5) {
    case 0:
      text[at] = static_cast<char>(random());
      break;
    case 1:
      text[at] = "0123456789-\r\n (|),"[random() % 18];
      break;
    case 2:
      text.erase(at, 1 + random() % 4);
      break;
    case 3:
      text.insert(at, text.substr(random() % text.size(), random() % 30));
      break;
    default:
      text.resize(at);
      break;
  }
}

TEST(FtpMutation, T24_AnyTranscriptEndsInBounds) {
  std::mt19937 random(5);
  for (int i = 0; i < 20000; ++i) {
    Transcript transcript = kGood;
    transcript.piece = random() % 4;
    for (auto changes = 1 + random() % 3; changes > 0; --changes) {
      mutate(transcript.replies[random() % transcript.replies.size()], random);
    }
    if (random() % 3 == 0) {
      std::swap(transcript.replies[random() % 8], transcript.replies[random() % 8]);
    }
    const Attacked result = attack(transcript, random() % 2 * 100, 600);
    ASSERT_TRUE(result.ended) << i;
    ASSERT_TRUE(result.bounded) << i;
    ASSERT_EQ(result.delivered, kGood.data.substr(0, result.delivered.size())) << i;
  }
}

}  // namespace
}  // namespace ferry::ftp
