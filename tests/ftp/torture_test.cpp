// Many defects at once, drawn by seed: the sink never holds a wrong byte, and an honest server ends the download.
#include <random>

#include "tests/ftp/world.h"

namespace ferry::ftp {
namespace {

using sim::FtpServer;

class Draw {
 public:
  explicit Draw(std::uint32_t seed) : random_(seed) {}
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }
  bool one_in(std::uint32_t n) { return below(n) == 0; }
  std::optional<std::size_t> place(std::uint32_t one_in_n, std::uint32_t bound) {
    return one_in(one_in_n) ? std::optional<std::size_t>(below(bound)) : std::nullopt;
  }

 private:
  std::mt19937 random_;
};

FtpServer::Misbehaviour draw_misbehaviour(Draw& draw, std::uint32_t size) {
  FtpServer::Misbehaviour misbehave;
  misbehave.rest = static_cast<FtpServer::Rest>(draw.below(3));
  misbehave.final = static_cast<FtpServer::Final>(draw.below(4));
  misbehave.final_reply = draw.one_in(3) ? "426 Aborted.\r\n" : "226 Done.\r\n";
  misbehave.bare_lf = draw.one_in(3);
  misbehave.busy_sessions = draw.below(3);
  misbehave.past_end_is_554 = draw.one_in(2);
  misbehave.epsv_port_is_closed = draw.one_in(4);
  misbehave.pasv_port_is_closed = draw.one_in(8);
  misbehave.data_stays_open = draw.one_in(6);
  misbehave.short_at = draw.place(4, size);
  misbehave.stall_at = draw.place(8, size);
  misbehave.reset_data_at = draw.place(6, size);
  misbehave.lose_control_at = draw.place(6, size);
  misbehave.busy_at = draw.place(8, size);
  misbehave.extra_bytes = draw.one_in(6) ? draw.below(5000) : 0;
  return misbehave;
}

void torture(std::uint32_t seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  Draw draw(seed);
  World world;
  const std::uint32_t size = 1 + draw.below(9000);
  const std::string file = content(size, seed);
  world.server.files["f"] = file;
  world.network.set_conditions(
      {.latency = Duration{draw.below(100)}, .window = 100 + draw.below(3000), .largest_piece = draw.below(40)});
  for (int spell = 0; spell < 4; ++spell) {
    world.server.misbehave = draw_misbehaviour(draw, size);
    world.faults.cut_connection_at =
        draw.one_in(2) ? world.faults.wire_bytes + 1 + draw.below(size + 500) : sim::FaultPlan::kNone;
    world.fetch("f", size, 0, Duration{draw.below(400'000)});
    ASSERT_TRUE(world.sink.bytes == file.substr(0, world.sink.bytes.size()));
    if (draw.one_in(2)) {
      world.download.cancel();
    }
  }
  world.server.misbehave = {};
  world.faults.cut_connection_at = sim::FaultPlan::kNone;
  ASSERT_EQ(world.fetch("f", size), DownloadState::kDone) << text_of(world.download.outcome());
  ASSERT_TRUE(world.sink.bytes == file);
}

TEST(FtpTorture, T20_T21_T22_T27_NeverAWrongByteAndAlwaysAnEnd) {
  for (std::uint32_t seed = 1; seed <= 3000 && !::testing::Test::HasFatalFailure(); ++seed) {
    torture(seed);
  }
}

}  // namespace
}  // namespace ferry::ftp
