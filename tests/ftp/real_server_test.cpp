// The client over real sockets against real servers, each started here on a free port of the loopback interface.
// A server that is not installed is skipped.
#include <arpa/inet.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ports/posix/posix_network.h"
#include "ports/posix/system.h"
#include "tests/ftp/world.h"

namespace ferry::ftp {
namespace {

namespace fs = std::filesystem;

std::uint16_t free_port() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(bind(fd, generic, size), 0);
  EXPECT_EQ(getsockname(fd, generic, &size), 0);
  ::close(fd);
  return ntohs(address.sin_port);
}

// A program that runs as long as this object.
class Process {
 public:
  explicit Process(std::vector<std::string> arguments) : pid_(fork()) {
    if (pid_ == 0) {
      std::vector<char*> raw;
      for (std::string& argument : arguments) {
        raw.push_back(argument.data());
      }
      raw.push_back(nullptr);
      execv(raw[0], raw.data());
      _exit(127);
    }
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() {
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }

 private:
  pid_t pid_;
};

class FtpRealServer : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    fs::create_directories(root_ / "p");
    put("p/manifest.suit", content(600));
    put("p/payload", payload_);
    put("p/empty", "");
    fs::permissions(root_, fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec |
                               fs::perms::group_read | fs::perms::others_read);
    if (GetParam() == "vsftpd") {
      start_vsftpd();
    } else {
      start_pyftpdlib();
    }
  }
  void TearDown() override {
    client_.close();
    process_.reset();
    fs::remove_all(folder_);
  }

  void start_vsftpd() {
    const fs::path program = "/usr/sbin/vsftpd";
    if (!fs::exists(program)) {
      GTEST_SKIP() << "vsftpd is not installed";
    }
    std::ofstream(folder_ / "vsftpd.conf")
        << "listen=YES\nlisten_address=127.0.0.1\nlisten_port=" << port_ << "\nanonymous_enable=YES\n"
        << "local_enable=NO\nanon_root=" << root_.string() << "\nrun_as_launching_user=YES\nbackground=NO\n"
        << "xferlog_enable=NO\nseccomp_sandbox=NO\n";
    start({program, folder_ / "vsftpd.conf"});
  }

  void start_pyftpdlib() {
    const fs::path python = "/usr/bin/python3";
    if (!fs::exists("/usr/lib/python3/dist-packages/pyftpdlib")) {
      GTEST_SKIP() << "pyftpdlib is not installed";
    }
    start({python, "-W", "ignore", "-m", "pyftpdlib", "-i", "127.0.0.1", "-p", std::to_string(port_), "-d", root_});
  }

  void start(std::vector<std::string> arguments) {
    process_.emplace(std::move(arguments));
    server_.port = port_;
    for (int i = 0; i < 100 && client_.state() != ClientState::kReady; ++i) {
      client_.close();
      client_.connect(server_, clock_.now());
      run_client();
      if (client_.state() != ClientState::kReady) {
        network_.wait(clock_.now() + 50ms);
      }
    }
    ASSERT_EQ(client_.state(), ClientState::kReady) << text_of(client_.outcome());
  }

  void run_client() {
    while (client_.state() == ClientState::kWorking) {
      client_.poll(clock_.now());
      network_.wait(std::min(client_.poll_timeout(), clock_.now() + 20ms));
    }
  }
  Status fetch(std::string_view path, std::optional<std::uint32_t> expected, std::uint32_t limit = 1 << 20) {
    download_.start(server_, path, expected, limit, sink_, clock_.now());
    while (download_.state() == DownloadState::kWorking) {
      download_.poll(clock_.now());
      network_.wait(std::min(download_.poll_timeout(), clock_.now() + 20ms));
    }
    return download_.outcome();
  }
  void put(const fs::path& path, std::string_view bytes) {
    std::ofstream(root_ / path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
  static fs::path make_folder() {
    std::string name = (fs::temp_directory_path() / "ferry-ftp-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    return name;
  }

  const std::string payload_ = content(300000, 2);
  const fs::path folder_ = make_folder();
  const fs::path root_ = folder_ / "root";
  const std::uint16_t port_ = free_port();
  Server server_{.host = "127.0.0.1", .port = 0, .user = "anonymous", .password = "ferry"};
  posix::SystemClock clock_;
  posix::PosixNetwork network_;
  Client client_{network_};
  Download download_{client_, RetryPolicy{}, 1};
  MemorySink sink_;
  std::optional<Process> process_;
};

TEST_P(FtpRealServer, FetchesResumesAndFindsNothing) {
  EXPECT_TRUE(fetch("p/payload", payload_.size()).has_value());
  EXPECT_TRUE(sink_.bytes == payload_);
  sink_.bytes.resize(123456);
  EXPECT_TRUE(fetch("p/payload", payload_.size()).has_value());
  EXPECT_TRUE(sink_.bytes == payload_);
  sink_.bytes.clear();
  EXPECT_TRUE(fetch("p/empty", std::nullopt).has_value());
  EXPECT_EQ(fetch("p/missing", 10).error(), Error::kFtpFileUnavailable);
}

TEST_P(FtpRealServer, T20_MoreThanExpectedIsStopped) {
  EXPECT_EQ(fetch("p/payload", 1000).error(), Error::kFtpTooMuchData);
  EXPECT_TRUE(sink_.bytes == payload_.substr(0, 1000));
  sink_.bytes.clear();
  EXPECT_TRUE(fetch("p/payload", payload_.size()).has_value());
  EXPECT_TRUE(sink_.bytes == payload_);
}

TEST_P(FtpRealServer, ResumeAtTheEndOfAFileOfUnknownSize) {
  sink_.bytes = content(600);
  EXPECT_TRUE(fetch("p/manifest.suit", std::nullopt).has_value());
  EXPECT_TRUE(sink_.bytes == content(600));
}

TEST_P(FtpRealServer, NothingNewCostsAtMost1600Bytes) {
  const std::uint64_t before = client_.bytes_over_the_air();  // the visit that found the server up
  client_.quit(clock_.now());
  run_client();
  const std::uint64_t start = client_.bytes_over_the_air();
  EXPECT_TRUE(fetch("p/manifest.suit", std::nullopt, 2048).has_value());
  client_.quit(clock_.now());
  run_client();
  EXPECT_EQ(client_.state(), ClientState::kIdle);
  EXPECT_TRUE(sink_.bytes == content(600));
  EXPECT_GT(start, before);
  EXPECT_LE(client_.bytes_over_the_air() - start, 1600U);
}

INSTANTIATE_TEST_SUITE_P(Servers, FtpRealServer, ::testing::Values("vsftpd", "pyftpdlib"),
                         [](const auto& server) { return server.param; });

}  // namespace
}  // namespace ferry::ftp
