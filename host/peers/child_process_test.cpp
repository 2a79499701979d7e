#include "host/peers/child_process.h"

#include <csignal>
#include <cstdlib>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/failure.h"
#include "host/files.h"

namespace ferry::host {
namespace {

class ChildProcessTest : public testing::Test {
 protected:
  ChildProcessTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "ferry-child-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~ChildProcessTest() override { std::filesystem::remove_all(folder_); }
  [[nodiscard]] ChildProcess::Program shell(const std::string& line) const {
    return {.command = {"sh", "-c", line}, .output = folder_ / "output"};
  }
  [[nodiscard]] std::string output() const { return read_text_file(folder_ / "output"); }

  std::filesystem::path folder_;
};

TEST_F(ChildProcessTest, GivesOutputEnvironmentAndCode) {
  ChildProcess::Program program = shell("echo $GREETING; echo error >&2; exit 7");
  program.environment = {"GREETING=hello"};
  ChildProcess child(program);
  EXPECT_TRUE(child.has_ended(10s));
  EXPECT_EQ(child.end(), 7);
  EXPECT_EQ(child.end(), 7);
  EXPECT_EQ(output(), "hello\nerror\n");
}

TEST_F(ChildProcessTest, SaysThatThereIsNoSuchProgram) {
  EXPECT_THROW(ChildProcess({.command = {"/nowhere/no-such-program"}}), Failure);
}

TEST_F(ChildProcessTest, EndsWhatItStarted) {
  ChildProcess child(shell("sleep 1000 & echo $!; wait"));
  EXPECT_FALSE(child.has_ended());
  while (output().empty()) {
    ASSERT_FALSE(child.has_ended(5ms));
  }
  const pid_t grandchild = std::stoi(output());
  pollfd ended{.fd = static_cast<int>(::syscall(SYS_pidfd_open, grandchild, 0)), .events = POLLIN, .revents = 0};
  ASSERT_GE(ended.fd, 0);
  EXPECT_EQ(child.end(), 128 + SIGTERM);
  EXPECT_EQ(::poll(&ended, 1, 10'000), 1);
  ::close(ended.fd);
}

TEST_F(ChildProcessTest, TakesInput) {
  ChildProcess::Program program = shell("read line; echo \"got $line\"");
  program.takes_input = true;
  ChildProcess child(program);
  child.type("one line\n");
  EXPECT_EQ(child.wait(10s), 0);
  EXPECT_EQ(output(), "got one line\n");
  EXPECT_THROW(child.type("nobody reads it\n"), Failure);
}

TEST_F(ChildProcessTest, IsKilled) {
  ChildProcess child(shell("trap '' TERM; while :; do sleep 0.01; done"));
  EXPECT_EQ(child.kill(), 128 + SIGKILL);
}

TEST_F(ChildProcessTest, CannotWriteMoreThanItMay) {
  ChildProcess::Program program = shell("head -c 100000 /dev/zero >'" + (folder_ / "file").string() + "'");
  program.largest_file = 5000;
  ChildProcess child(program);
  EXPECT_NE(child.wait(10s), 0);
  EXPECT_EQ(std::filesystem::file_size(folder_ / "file"), 5000U);
}

}  // namespace
}  // namespace ferry::host
