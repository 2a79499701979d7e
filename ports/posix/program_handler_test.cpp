#include "ports/posix/program_handler.h"

#include <csignal>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>

#include "ports/posix/system.h"
#include "ports/posix/temporary_folder.h"

namespace ferry::posix {
namespace {

std::string content(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

void put(const std::filesystem::path& file, std::string_view text) {
  std::ofstream(file) << text;
}

// What the device does: calls again until the answer is no more "later".
template <typename Call>
Result<bool> until_done(Call call) {
  const Instant end = monotonic_now() + 20s;
  for (;;) {
    const Result<bool> done = call();
    if (!done || *done || monotonic_now() >= end) {
      return done;
    }
    std::this_thread::yield();
  }
}

class ProgramHandlerTest : public ::testing::Test {
 protected:
  // The program "installs" by copying the file to `system_`.
  [[nodiscard]] std::string copy_command() const { return "cp {file} '" + system_.string() + "'"; }
  [[nodiscard]] std::unique_ptr<ProgramHandler> handler(const std::string& command) const {
    return std::make_unique<ProgramHandler>(folder_.path(), "app", command);
  }
  [[nodiscard]] std::unique_ptr<ProgramHandler> handler() const { return handler(copy_command()); }
  static void fill(ProgramHandler& handler, std::string_view text) {
    ASSERT_TRUE(handler.begin(static_cast<std::uint32_t>(text.size())));
    ASSERT_TRUE(handler.write(as_bytes(text.substr(0, text.size() / 2))));
    ASSERT_TRUE(handler.write(as_bytes(text.substr(text.size() / 2))));
    ASSERT_TRUE(handler.finish());
  }
  static Result<bool> activate(ProgramHandler& handler) {
    return until_done([&] { return handler.activate(); });
  }
  static Result<bool> roll_back(ProgramHandler& handler) {
    return until_done([&] { return handler.roll_back(); });
  }
  [[nodiscard]] bool is_there(const char* ending) const { return std::filesystem::exists(file_.string() + ending); }
  // In force, with an old one before it.
  void install(std::string_view text) {
    const auto first = handler();
    fill(*first, text);
    ASSERT_EQ(activate(*first), true);
  }

  TemporaryFolder folder_;
  std::filesystem::path file_ = folder_.path() / "app";
  std::filesystem::path system_ = folder_.path() / "system";
};

TEST_F(ProgramHandlerTest, TakesBytesAllOrNothing) {
  const auto tested = handler();
  EXPECT_EQ(tested->write(as_bytes("x")), fail(Error::kWrongState));
  EXPECT_EQ(tested->finish(), fail(Error::kWrongState));
  ASSERT_TRUE(tested->begin(4));
  ASSERT_TRUE(tested->write(as_bytes("new")));
  EXPECT_EQ(tested->finish(), fail(Error::kWrongState));
  EXPECT_EQ(tested->write(as_bytes("ss")), fail(Error::kImageTooLarge));
  EXPECT_FALSE(is_there(".new"));
  ASSERT_TRUE(tested->write(as_bytes("s")));
  ASSERT_TRUE(tested->finish());
  EXPECT_EQ(content(folder_.path() / "app.new"), "news");
  EXPECT_FALSE(is_there(""));
}

TEST_F(ProgramHandlerTest, T35_MoreThanTheDiskHoldsIsRefused) {
  const auto tested = handler();
  struct rlimit before {};
  ::getrlimit(RLIMIT_FSIZE, &before);
  struct rlimit small = before;
  small.rlim_cur = 65536;
  const auto old_handler = ::signal(SIGXFSZ, SIG_IGN);
  ::setrlimit(RLIMIT_FSIZE, &small);
  EXPECT_EQ(tested->begin(1U << 20), fail(Error::kImageTooLarge));
  ::setrlimit(RLIMIT_FSIZE, &before);
  ::signal(SIGXFSZ, old_handler);
  EXPECT_FALSE(is_there(".part"));
}

TEST_F(ProgramHandlerTest, ReadsTheNewBytes) {
  const auto tested = handler();
  std::array<std::uint8_t, 3> bytes{};
  EXPECT_EQ(tested->read(0, bytes), fail(Error::kOutOfRange));
  fill(*tested, "abcdef");
  ASSERT_TRUE(tested->read(2, bytes));
  EXPECT_EQ(as_text(bytes), "cde");
  EXPECT_EQ(tested->read(4, bytes), fail(Error::kOutOfRange));
  EXPECT_EQ(tested->read(UINT32_MAX, bytes), fail(Error::kOutOfRange));
}

TEST_F(ProgramHandlerTest, ActivatesAndKeepsTheOld) {
  install("one");
  EXPECT_EQ(content(system_), "one");
  install("two");
  EXPECT_EQ(content(system_), "two");
  EXPECT_EQ(content(file_), "two");
  EXPECT_EQ(content(folder_.path() / "app.old"), "one");
  EXPECT_FALSE(is_there(".new"));
  EXPECT_EQ(activate(*handler("false")), true);  // again, after a power cut: the program is not run
}

TEST_F(ProgramHandlerTest, RollsBack) {
  install("one");
  install("two");
  EXPECT_EQ(roll_back(*handler()), true);
  EXPECT_EQ(content(system_), "one");
  EXPECT_EQ(content(file_), "one");
  EXPECT_FALSE(is_there(".old"));
  EXPECT_EQ(roll_back(*handler("false")), true);  // again
  EXPECT_EQ(content(file_), "one");
}

TEST_F(ProgramHandlerTest, RollBackForgetsWhatWasNeverActivated) {
  install("one");
  install("two");
  fill(*handler(), "three");
  EXPECT_EQ(roll_back(*handler("false")), true);
  EXPECT_EQ(roll_back(*handler("false")), true);  // not back to "one", whichever way it is asked
  EXPECT_EQ(content(file_), "two");
  EXPECT_EQ(content(system_), "two");
  EXPECT_FALSE(is_there(".new"));
}

TEST_F(ProgramHandlerTest, TheVeryFirstBytesHaveNothingToGoBackTo) {
  install("one");
  EXPECT_EQ(roll_back(*handler("false")), true);
  EXPECT_EQ(content(file_), "one");
}

TEST_F(ProgramHandlerTest, AProgramThatFailsIsTold) {
  install("one");
  for (const char* command : {"false", "/none/such/program {file}", "sh -c 'kill -9 $$'"}) {
    const auto tested = handler(command);
    fill(*tested, "two");
    EXPECT_EQ(activate(*tested), fail(Error::kHandlerFailed)) << command;
    EXPECT_EQ(roll_back(*handler()), true);
    EXPECT_EQ(content(system_), "one");
    EXPECT_EQ(content(file_), "one");
    EXPECT_FALSE(is_there(".new"));
    EXPECT_FALSE(is_there(".old"));
  }
}

TEST_F(ProgramHandlerTest, WithoutAProgramTheFileIsAll) {
  fill(*handler(""), "one");
  EXPECT_EQ(handler("")->activate(), true);
  fill(*handler(""), "two");
  EXPECT_EQ(handler("")->activate(), true);
  EXPECT_EQ(content(file_), "two");
  EXPECT_EQ(handler("")->roll_back(), true);
  EXPECT_EQ(content(file_), "one");
}

TEST_F(ProgramHandlerTest, DoesNotBlock) {
  const auto tested = handler("sleep 1000");
  fill(*tested, "one");
  EXPECT_EQ(tested->activate(), false);
  EXPECT_EQ(tested->activate(), false);
  EXPECT_EQ(until_done([&] { return tested->roll_back(); }), true);  // ends it
  EXPECT_FALSE(is_there(".new"));
}

TEST_F(ProgramHandlerTest, EndsItsProgramWhenItGoes) {
  const std::filesystem::path pid_file = folder_.path() / "pid";
  {
    const auto tested = handler("sh -c 'echo $$ > " + pid_file.string() + "; exec sleep 1000'");
    fill(*tested, "one");
    EXPECT_EQ(tested->activate(), false);
    EXPECT_EQ(until_done([&]() -> Result<bool> { return content(pid_file).ends_with('\n'); }), true);
  }
  const pid_t program = std::stoi(content(pid_file));
  EXPECT_EQ(::kill(program, 0), -1);
}

// Every arrangement of files that a kill can leave, and the program run or not: activation and rolling back both come
// to the right end, however often they are begun.
TEST_F(ProgramHandlerTest, T30_EveryMomentOfAKill) {
  struct Moment {
    const char* file;
    const char* fresh;
    const char* old;
    const char* system;
  };
  const std::vector<Moment> moments{
      {"one", "two", "", "one"},                                // whole and durable
      {"one", "two", "one", "one"},                             // the old one has its second name
      {"one", "two", "one", "two"},                             // the program has run, or a part of it
      {"", "two", "one", "one"},                                // likewise, on a file system without links
      {"", "two", "one", "two"},    {"two", "", "one", "two"},  // all done, but nobody knows
  };
  for (const Moment& moment : moments) {
    for (const bool forward : {true, false}) {
      for (const auto& [ending, text] : {std::pair("", moment.file), {".new", moment.fresh}, {".old", moment.old}}) {
        std::filesystem::remove(file_.string() + ending);
        if (*text != '\0') {
          put(file_.string() + ending, text);
        }
      }
      put(system_, moment.system);
      for (int again = 0; again < 2; ++again) {
        EXPECT_EQ(forward ? activate(*handler()) : roll_back(*handler()), true);
        EXPECT_EQ(content(system_), forward ? "two" : "one");
        EXPECT_EQ(content(file_), forward ? "two" : "one");
        EXPECT_EQ(is_there(".old"), forward);
        EXPECT_FALSE(is_there(".new"));
      }
      install("three");  // and life goes on
      EXPECT_EQ(content(system_), "three");
      EXPECT_EQ(content(folder_.path() / "app.old"), forward ? "two" : "one");
    }
  }
}

// The real thing: a process that activates and rolls back for ever is killed at any time, again and again.
TEST_F(ProgramHandlerTest, T30_KilledAtAnyTime) {
  install("one");
  unsigned pauses = 1;
  for (int round = 0; round < 40; ++round) {
    fill(*handler(), "two");
    const pid_t child = ::fork();
    if (child == 0) {
      const auto tested = handler();
      (void)activate(*tested);
      ::_exit(0);
    }
    for (unsigned i = 0; i < pauses; ++i) {
      std::this_thread::yield();
    }
    pauses = pauses * 3 / 2 + 1;
    pauses = pauses > 20000 ? 1 : pauses;
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    if (round % 2 == 0) {
      ASSERT_EQ(roll_back(*handler()), true);
      ASSERT_EQ(content(file_), "one");
      ASSERT_FALSE(is_there(".new"));
      ASSERT_FALSE(is_there(".old"));
    } else {
      ASSERT_EQ(activate(*handler()), true);
      ASSERT_EQ(content(system_), "two");
      ASSERT_EQ(content(file_), "two");
      ASSERT_EQ(roll_back(*handler()), true);
    }
    ASSERT_EQ(content(system_), "one");
  }
}

TEST(SplitCommand, WordsAndQuotes) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(split_command("rauc install {file}"), (Words{"rauc", "install", "{file}"}));
  EXPECT_EQ(split_command("  a\tb  "), (Words{"a", "b"}));
  EXPECT_EQ(split_command("sh -c 'echo \"x y\"'"), (Words{"sh", "-c", "echo \"x y\""}));
  EXPECT_EQ(split_command("a'b c'd \"\""), (Words{"ab cd", ""}));
  EXPECT_EQ(split_command(""), Words{});
  EXPECT_EQ(split_command("a 'b"), std::nullopt);
}

TEST(SplitCommand, AnOpenQuoteIsToldAtOnce) {
  const TemporaryFolder folder;
  EXPECT_THROW(ProgramHandler(folder.path(), "app", "x '"), std::runtime_error);
}

}  // namespace
}  // namespace ferry::posix
