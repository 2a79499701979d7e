// Data connections and transfers, against a server that breaks every rule about them.
#include "tests/ftp/hostile.h"

namespace ferry::ftp {
namespace {

// --- EPSV and PASV ---

TEST_F(FtpHostile, PasvWhereEpsvIsNotKnownAndNotAskedAgain) {
  server.misbehave.replies["EPSV"] = "500 What?\r\n";
  expect_whole();
  sink.bytes.clear();
  expect_whole();
  EXPECT_EQ(server.count("EPSV"), 1U);
  EXPECT_EQ(server.count("PASV"), 2U);
}

TEST_F(FtpHostile, PasvWhereThePortOfEpsvIsClosedOrSilent) {
  server.misbehave.epsv_port_is_closed = true;
  expect_whole();
  EXPECT_EQ(server.count("USER"), 1U);
  EXPECT_EQ(server.count("EPSV"), 1U);
}

TEST_F(FtpHostile, PasvWhereEpsvNamesNoPort) {
  for (const char* format : {"", "(|||)", "(|||0|)", "(|||70000|)"}) {
    server.misbehave.epsv_format = format;
    client.quit(clock.now());
    run();
    sink.bytes.clear();
    expect_whole();
  }
  EXPECT_EQ(server.count("PASV"), 4U);
}

TEST_F(FtpHostile, OddDelimitersOfEpsv) {
  for (const char* format : {"(!!!#!)", "(|1|10.0.0.1|#|).", "|||#|"}) {
    server.misbehave.epsv_format = format;
    sink.bytes.clear();
    expect_whole();
  }
  EXPECT_EQ(server.count("PASV"), 0U);
}

TEST_F(FtpHostile, EpsvIsTriedAgainOnTheNextVisit) {
  server.misbehave.replies["EPSV"] = "500 What?\r\n";
  expect_whole();
  client.quit(clock.now());
  run();
  expect_recovery();
  EXPECT_EQ(server.count("EPSV"), 2U);
  EXPECT_EQ(server.count("PASV"), 1U);
}

TEST_F(FtpHostile, NoDataConnectionAtAll) {
  server.misbehave.epsv_port_is_closed = true;
  server.misbehave.pasv_port_is_closed = true;
  expect_failure(Error::kFtpNoDataConnection);
  EXPECT_EQ(server.count("RETR"), 0U);
  expect_recovery();
}

TEST_F(FtpHostile, Refusal425LeadsToPasv) {
  ASSERT_EQ(connect(), ClientState::kReady);
  server.misbehave.replies["RETR"] = "425 Use PORT or PASV first.\r\n";
  EXPECT_EQ(retrieve("f", 0, kSize).error(), Error::kFtpNoDataConnection);
  server.misbehave = {};
  EXPECT_TRUE(retrieve("f", 0, kSize).has_value());
  EXPECT_EQ(server.count("PASV"), 1U);
}

TEST_F(FtpHostile, T23_AddressOfPasvIsIgnored) {
  server.misbehave.replies["EPSV"] = "500 What?\r\n";
  server.misbehave.pasv_address = "10,6,6,6";
  expect_whole();
  for (const auto& [host, port] : network.opened()) {
    EXPECT_EQ(host, "ftp.example");
  }
}

// --- Orders of final reply and end of data ---

TEST_F(FtpHostile, FinalReplyInAnyOrder) {
  for (auto final :
       {FtpServer::Final::kAfterData, FtpServer::Final::kBeforeData, FtpServer::Final::kAfterClientClosed}) {
    for (std::optional<std::uint32_t> expected : {std::optional<std::uint32_t>{}, std::optional(kSize)}) {
      server.misbehave.final = final;
      sink.bytes.clear();
      expect_whole(expected);
    }
  }
  EXPECT_EQ(server.count("USER"), 1U);  // never taken for a failure
}

TEST_F(FtpHostile, OtherFinalReplies) {
  for (const char* reply : {"250 Done.\r\n", "200 Done.\r\n", "226-Done\r\n in 2 s\r\n226 Bye\r\n", "226\n"}) {
    server.misbehave.final_reply = reply;
    sink.bytes.clear();
    expect_whole(std::nullopt);
  }
  EXPECT_EQ(server.count("USER"), 1U);
}

TEST_F(FtpHostile, WholeFileIsWholeWhateverTheReply) {
  for (const char* reply : {"426 Aborted.\r\n", "451 Local error.\r\n", "550 No.\r\n", "421 Bye.\r\n"}) {
    for (auto final : {FtpServer::Final::kAfterData, FtpServer::Final::kBeforeData}) {
      server.misbehave.final = final;
      server.misbehave.final_reply = reply;
      sink.bytes.clear();
      server.clear_log();
      expect_whole();
      EXPECT_EQ(server.count("RETR"), 1U);
    }
  }
}

TEST_F(FtpHostile, WholeFileIsWholeWithoutAReply) {
  server.misbehave.final = FtpServer::Final::kNever;
  expect_whole();
  EXPECT_EQ(server.count("RETR"), 1U);
  EXPECT_LE(clock.now(), Instant{31s});
}

TEST_F(FtpHostile, WholeFileIsWholeThoughDataStaysOpen) {
  server.misbehave.data_stays_open = true;
  server.misbehave.final = FtpServer::Final::kAfterClientClosed;
  expect_whole();
  EXPECT_EQ(server.count("RETR"), 1U);
  server.misbehave.final = FtpServer::Final::kBeforeData;
  sink.bytes.clear();
  expect_whole();
  EXPECT_EQ(server.count("RETR"), 2U);
}

TEST_F(FtpHostile, FileOfUnknownSizeNeedsItsReply) {
  server.misbehave.final = FtpServer::Final::kNever;
  ASSERT_EQ(connect(), ClientState::kReady);
  EXPECT_EQ(retrieve("f").error(), Error::kTimedOut);
  client.close();
  sink.bytes.clear();
  server.misbehave.final = FtpServer::Final::kAfterData;
  server.misbehave.final_reply = "426 Aborted.\r\n";
  ASSERT_EQ(connect(), ClientState::kReady);
  EXPECT_EQ(retrieve("f").error(), Error::kFtpTransferIncomplete);
}

TEST_F(FtpHostile, T22_ShortTransferFollowedBy226IsResumed) {
  server.misbehave.short_at = 7000;
  expect_whole();
  EXPECT_EQ(server.count("RETR"), 3U);
  EXPECT_EQ(server.count("REST"), 2U);
}

TEST_F(FtpHostile, T22_TruncatedFileIsGivenUp) {
  server.files["f"].resize(kSize - 1);
  expect_failure(Error::kFtpTransferIncomplete);
  server.files["f"] = file;
  expect_whole();  // goes on where it stood
}

// --- REST ---

TEST_F(FtpHostile, T22_RestRefusedStartsFromZeroAndDropsWhatIsThere) {
  server.misbehave.rest = FtpServer::Rest::kRefused;
  sink.bytes = file.substr(0, 5000);
  expect_whole();
  EXPECT_EQ(server.count("REST"), 1U);
  sink.bytes = file.substr(0, 100);
  expect_whole();
  EXPECT_EQ(server.count("REST"), 1U);
}

TEST_F(FtpHostile, T22_RestIgnoredIsFoundOutBeforeAWrongByteIsTaken) {
  server.misbehave.rest = FtpServer::Rest::kIgnored;
  sink.bytes = file.substr(0, 5000);
  expect_whole();
  EXPECT_EQ(server.count("REST"), 1U);
}

TEST_F(FtpHostile, T22_RestIgnoredIsFoundOutByCountingWhereTheSinkHasNoTail) {
  server.misbehave.rest = FtpServer::Rest::kIgnored;
  sink.has_tail = false;
  sink.bytes = file.substr(0, 5000);
  ASSERT_EQ(fetch("f", kSize), DownloadState::kFailed);
  EXPECT_EQ(download.outcome().error(), Error::kFtpSizeMismatch);
  sink.bytes.clear();  // what the caller does
  server.misbehave.short_at = 15000;
  ASSERT_EQ(fetch("f", kSize, 0, 60s), DownloadState::kWorking);
  EXPECT_TRUE(sink.bytes == file.substr(0, 15000));  // redone without REST: never a wrong byte again
  EXPECT_EQ(server.count("REST"), 1U);
}

TEST_F(FtpHostile, T22_RestIgnoredAfterADropIsFoundOutEvenWhereTheSinkHasNoTail) {
  server.misbehave.rest = FtpServer::Rest::kIgnored;
  sink.has_tail = false;
  network.set_conditions({.latency = 50ms, .window = 600, .largest_piece = 7});
  download.start(kServer, "f", kSize, 0, sink, clock.now());
  for (std::uint64_t cut : {3000U, 9000U, 25000U}) {
    faults.cut_connection_at = cut;
    run_download(20s);
  }
  ASSERT_EQ(run_download(), DownloadState::kDone);
  EXPECT_TRUE(sink.bytes == file);
  EXPECT_EQ(server.count("REST"), 1U);
  EXPECT_GE(server.count("RETR"), 3U);
}

TEST_F(FtpHostile, T22_RestIgnoredIsCountedInAnyOrderOfReplyAndData) {
  sink.has_tail = false;
  for (auto final : {FtpServer::Final::kBeforeData, FtpServer::Final::kAfterClientClosed, FtpServer::Final::kNever}) {
    server.misbehave = {};
    server.misbehave.rest = FtpServer::Rest::kIgnored;
    server.misbehave.final = final;
    client.quit(clock.now());
    run();
    sink.bytes = file.substr(0, 5000);
    ASSERT_EQ(fetch("f", kSize), DownloadState::kFailed);
    EXPECT_EQ(download.outcome().error(), Error::kFtpSizeMismatch);
    EXPECT_FALSE(client.rest_works());
  }
}

TEST_F(FtpHostile, T22_AnotherFileThanTheOneBegunIsNotContinued) {
  sink.bytes = content(5000, 99);
  ASSERT_EQ(fetch("f", kSize), DownloadState::kFailed);
  EXPECT_EQ(download.outcome().error(), Error::kFtpSizeMismatch);
  EXPECT_TRUE(sink.bytes == content(5000, 99));
}

TEST_F(FtpHostile, RestAtTheEndOfAFileOfUnknownSize) {
  for (bool past_end_is_554 : {false, true}) {
    server.misbehave.past_end_is_554 = past_end_is_554;
    sink.has_tail = false;
    sink.bytes = file;
    expect_whole(std::nullopt);
  }
}

TEST_F(FtpHostile, ResumeGoesOnWhereTheSinkStands) {
  sink.bytes = file.substr(0, 12345);
  ASSERT_EQ(connect(), ClientState::kReady);
  EXPECT_TRUE(retrieve("f", 12345, kSize).has_value());
  EXPECT_TRUE(sink.bytes == file);
  EXPECT_EQ(client.delivered(), kSize - 12345);
}

// --- Too much, too slow ---

TEST_F(FtpHostile, T20_EndlessDataIsStoppedAtTheSize) {
  server.misbehave.extra_bytes = 500000;
  expect_failure(Error::kFtpTooMuchData);
  EXPECT_EQ(sink.bytes.size(), kSize);
  EXPECT_LE(faults.wire_bytes, kSize + 4 * 2048U);
  expect_recovery();
}

TEST_F(FtpHostile, T20_OneByteTooMuchIsTooMuch) {
  server.misbehave.extra_bytes = 1;
  for (auto final : {FtpServer::Final::kAfterData, FtpServer::Final::kBeforeData}) {
    server.misbehave.final = final;
    sink.bytes.clear();
    expect_failure(Error::kFtpTooMuchData);
  }
}

TEST_F(FtpHostile, T20_UnknownSizeIsStoppedAtTheLimit) {
  ASSERT_EQ(fetch("f", std::nullopt, 1000), DownloadState::kFailed);
  EXPECT_EQ(download.outcome().error(), Error::kFtpTooMuchData);
  EXPECT_TRUE(sink.bytes == file.substr(0, 1000));
  EXPECT_EQ(client.state(), ClientState::kReady);
  sink.bytes.clear();
  ASSERT_EQ(fetch("f", std::nullopt, kSize), DownloadState::kDone);
}

TEST_F(FtpHostile, T21_StalledDataTimesOutAndResumes) {
  server.misbehave.stall_at = 7000;
  download.start(kServer, "f", kSize, 0, sink, clock.now());
  ASSERT_EQ(run_download(50s), DownloadState::kWorking);
  EXPECT_EQ(sink.bytes.size(), 7000U);
  server.misbehave.stall_at.reset();
  EXPECT_EQ(run_download(30s), DownloadState::kDone);
  EXPECT_TRUE(sink.bytes == file);
  EXPECT_EQ(server.count("RETR"), 2U);
}

TEST_F(FtpHostile, T21_DripIsAStall) {
  server.misbehave.drip = 3;
  download.start(kServer, "f", kSize, 0, sink, clock.now());
  run_download(1h);
  EXPECT_EQ(download.state(), DownloadState::kFailed);
  EXPECT_EQ(download.outcome().error(), Error::kTimedOut);
  EXPECT_TRUE(sink.bytes == file.substr(0, sink.bytes.size()));
  expect_recovery();
}

TEST_F(FtpHostile, T21_SlowButSteadyIsNoStall) {
  server.misbehave.drip = 20;
  download.start(kServer, "f", kSize, 0, sink, clock.now());
  EXPECT_EQ(run_download(1h), DownloadState::kDone);
  EXPECT_EQ(server.count("RETR"), 1U);
}

TEST_F(FtpHostile, T21_StallOfTheControlConnectionAtEveryCommand) {
  for (const char* verb : {"USER", "PASS", "TYPE", "EPSV", "REST", "RETR"}) {
    server.misbehave.mute_after = verb;
    sink.bytes = file.substr(0, 100);
    download.start(kServer, "f", kSize, 0, sink, clock.now());
    EXPECT_EQ(run_download(20s), DownloadState::kWorking) << verb;
    server.misbehave.mute_after.clear();
    EXPECT_EQ(run_download(30s), DownloadState::kDone) << verb;
    EXPECT_TRUE(sink.bytes == file);
    client.close();
  }
}

TEST_F(FtpHostile, T21_UnreachableRefusedAndSilentServers) {
  for (auto reach : {sim::Reach::kRefused, sim::Reach::kUnreachable, sim::Reach::kSilent}) {
    network.set_reach("ftp.example", reach);
    const Instant start = clock.now();
    sink.bytes.clear();
    client.close();
    expect_failure(reach == sim::Reach::kSilent ? Error::kTimedOut : Error::kIo);
    EXPECT_GE(clock.now() - start, 110s);  // five pauses: 5, 10, 20, 40, 80 s, less a quarter at most
    EXPECT_LE(clock.now() - start, 200s + 6 * 30s);
    network.set_reach("ftp.example", sim::Reach::kReachable);
    expect_recovery();
  }
}

TEST_F(FtpHostile, T21_PausesAreSpreadByTheSeed) {
  const auto time_of_failure = [](std::uint32_t seed) {
    World world;
    world.network.set_reach("ftp.example", sim::Reach::kRefused);
    Download spread(world.client, RetryPolicy{}, seed);
    spread.start(kServer, "f", kSize, 0, world.sink, world.clock.now());
    sim::run_until(
        world.clock, world.network, spread, [&] { return spread.state() != DownloadState::kWorking; }, 1h);
    return world.clock.now();
  };
  EXPECT_EQ(time_of_failure(1), time_of_failure(1));
  EXPECT_NE(time_of_failure(1), time_of_failure(2));
}

// --- Control connection in mid-transfer ---

TEST_F(FtpHostile, ControlLostDuringTransferAndTheFileIsStillWhole) {
  server.misbehave.lose_control_at = 5000;
  expect_whole();
  EXPECT_EQ(server.count("RETR"), 1U);
  EXPECT_EQ(client.state(), ClientState::kFailed);
  expect_recovery();  // reconnects
}

TEST_F(FtpHostile, Busy421DuringTransferAndTheFileIsStillWhole) {
  server.misbehave.busy_at = 5000;
  expect_whole();
  EXPECT_EQ(server.count("RETR"), 1U);
  expect_recovery();
}

TEST_F(FtpHostile, ControlLostDuringTransferOfUnknownSize) {
  server.misbehave.lose_control_at = 5000;
  ASSERT_EQ(connect(), ClientState::kReady);
  EXPECT_EQ(retrieve("f").error(), Error::kIo);
  EXPECT_EQ(client.state(), ClientState::kFailed);
}

TEST_F(FtpHostile, Busy421AtAnyCommand) {
  for (const char* verb : {"USER", "PASS", "TYPE", "EPSV", "RETR", "REST"}) {
    server.misbehave.replies = {{verb, "421 Timeout.\r\n"}};
    client.close();
    sink.bytes = file.substr(0, 100);
    download.start(kServer, "f", kSize, 0, sink, clock.now());
    EXPECT_EQ(run_download(3s), DownloadState::kWorking) << verb;
    EXPECT_EQ(client.state(), ClientState::kIdle) << verb;
    server.misbehave = {};
    EXPECT_EQ(run_download(10s), DownloadState::kDone) << verb;
    EXPECT_TRUE(sink.bytes == file);
  }
}

TEST_F(FtpHostile, Busy421BetweenFiles) {
  ASSERT_EQ(connect(), ClientState::kReady);
  ASSERT_TRUE(retrieve("f").has_value());
  server.misbehave.busy_at = 0;
  network.reset_all();
  sink.bytes.clear();
  server.misbehave = {};
  expect_whole();
}

}  // namespace
}  // namespace ferry::ftp
