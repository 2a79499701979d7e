// One device and one FTP server on a simulated network.
#pragma once

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "device/ftp/client.h"
#include "device/ftp/download.h"
#include "sim/ftp_server.h"
#include "sim/network.h"

namespace ferry::ftp {

// `size` bytes without a period, different for each seed.
inline std::string content(std::size_t size, std::uint32_t seed = 1) {
  std::string bytes(size, '\0');
  std::uint32_t state = seed * 2654435761U + 1;
  for (char& byte : bytes) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<char>(state >> 24);
  }
  return bytes;
}

inline std::string_view text_of(const Status& status) {
  return status ? "ok" : name(status.error());
}

class MemorySink final : public ResumableSink {
 public:
  [[nodiscard]] Status write(ByteView data) override {
    if (bytes.size() + data.size() > capacity) {
      return fail(Error::kFlashWornOut);
    }
    bytes += as_text(data);
    writes.push_back(data.size());
    return ok();
  }
  [[nodiscard]] std::uint32_t received() const override { return static_cast<std::uint32_t>(bytes.size()); }
  [[nodiscard]] std::size_t tail(ByteSpan last) override {
    const std::size_t size = has_tail ? std::min(last.size(), bytes.size()) : 0;
    return copy(as_bytes(bytes).last(size), last);
  }

  std::string bytes;
  std::vector<std::size_t> writes;  // sizes
  std::size_t capacity = 1 << 24;
  bool has_tail = true;
};

inline constexpr Server kServer{.host = "ftp.example", .port = 21, .user = "anonymous", .password = "ferry"};

struct World {
  World() { server.attach(network); }

  // Runs the client until its request has ended.
  ClientState run(Duration limit = 1h) {
    sim::run_until(
        clock, network, client, [&] { return client.state() != ClientState::kWorking; }, limit);
    return client.state();
  }
  ClientState connect() {
    client.connect(kServer, clock.now());
    return run();
  }
  Status retrieve(std::string_view path, std::uint32_t offset = 0, std::optional<std::uint32_t> expected = {},
                  std::uint32_t limit = 1 << 20) {
    client.retrieve(path, offset, expected, limit, sink, clock.now());
    run();
    return client.outcome();
  }
  DownloadState run_download(Duration limit = 24h) {
    sim::run_until(
        clock, network, download, [&] { return download.state() != DownloadState::kWorking; }, limit);
    return download.state();
  }
  DownloadState fetch(std::string_view path, std::optional<std::uint32_t> expected = {}, std::uint32_t limit = 1 << 20,
                      Duration patience = 24h) {
    download.start(kServer, path, expected, limit, sink, clock.now());
    return run_download(patience);
  }

  sim::Clock clock;
  sim::FaultPlan faults;
  sim::Network network{clock, faults};
  sim::FtpServer server{"ftp.example"};
  Client client{network};
  Download download{client, RetryPolicy{}, 1};
  MemorySink sink;
};

}  // namespace ferry::ftp
