#include "device/modem/ring.h"

#include <array>
#include <gtest/gtest.h>
#include <string>

namespace ferry::modem {
namespace {

TEST(Ring, GivesOutWhatIsCommitted) {
  std::array<std::uint8_t, 8> storage{};
  Ring ring(storage);
  std::array<std::uint8_t, 8> out{};
  ring.write(as_bytes("abcde"));
  EXPECT_EQ(ring.read(out), 0U);
  EXPECT_EQ(ring.room(), 3U);
  ring.commit();
  EXPECT_EQ(ring.read(ByteSpan(out).first(2)), 2U);
  ring.write(as_bytes("fghij"));
  EXPECT_EQ(ring.room(), 0U);
  ring.commit();
  EXPECT_EQ(ring.read(out), 8U);
  EXPECT_EQ(as_text(out), "cdefghij");
}

TEST(Ring, DropsWhatIsNot) {
  std::array<std::uint8_t, 4> storage{};
  Ring ring(storage);
  std::array<std::uint8_t, 4> out{};
  ring.write(as_bytes("ab"));
  ring.commit();
  ring.write(as_bytes("xy"));
  ring.drop_pending();
  ring.write(as_bytes("cd"));
  ring.commit();
  EXPECT_EQ(ring.read(out), 4U);
  EXPECT_EQ(as_text(out), "abcd");
}

}  // namespace
}  // namespace ferry::modem
