#include "ports/posix/file_nor_flash.h"

#include <csignal>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "device/flash/nor_flash_rules.h"
#include "ports/posix/temporary_folder.h"

namespace ferry::posix {
namespace {

constexpr FlashGeometry kGeometry{.size = 65536, .sector_size = 4096, .write_size = 8};

std::vector<std::uint8_t> read(FileNorFlash& flash, std::uint32_t offset, std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  EXPECT_TRUE(flash.read(offset, bytes));
  return bytes;
}

std::string message_of(const std::filesystem::path& file, FlashGeometry geometry) {
  try {
    const FileNorFlash flash(file, geometry);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

class FileNorFlashTest : public ::testing::Test {
 protected:
  TemporaryFolder folder_;
  std::filesystem::path file_ = folder_.path() / "flash.bin";
};

TEST_F(FileNorFlashTest, KeepsTheRulesOfThePort) {
  for (const std::uint32_t write_size : {1U, 8U, 32U}) {
    FileNorFlash flash(file_, {.size = 65536, .sector_size = 4096, .write_size = write_size});
    EXPECT_EQ(broken_rule(flash, 8192), "");
    EXPECT_EQ(broken_rule(flash, 65536 - 3 * 4096), "");
  }
}

TEST_F(FileNorFlashTest, IsCreatedErased) {
  FileNorFlash flash(file_, kGeometry);
  EXPECT_EQ(read(flash, 0, kGeometry.size), std::vector<std::uint8_t>(kGeometry.size, 0xFF));
  EXPECT_EQ(std::filesystem::file_size(file_), kGeometry.size);
}

TEST_F(FileNorFlashTest, KeepsWhatWasWritten) {
  const std::vector<std::uint8_t> bytes{1, 2, 3, 4, 5, 6, 7, 8};
  {
    FileNorFlash flash(file_, kGeometry);
    ASSERT_TRUE(flash.program(4096, bytes));
  }
  FileNorFlash flash(file_, kGeometry);
  EXPECT_EQ(read(flash, 4096, 8), bytes);
}

TEST_F(FileNorFlashTest, ProgramsOnlyErasedUnits) {
  FileNorFlash flash(file_, kGeometry);
  const std::vector<std::uint8_t> zeros(8);
  ASSERT_TRUE(flash.program(8, zeros));
  EXPECT_EQ(flash.program(8, zeros), fail(Error::kFlashNotErased));
  const std::vector<std::uint8_t> across(24);
  EXPECT_EQ(flash.program(0, across), fail(Error::kFlashNotErased));
  EXPECT_EQ(read(flash, 0, 8), std::vector<std::uint8_t>(8, 0xFF));  // nothing of it was done
  ASSERT_TRUE(flash.erase(0));
  EXPECT_TRUE(flash.program(0, across));
}

TEST_F(FileNorFlashTest, EraseTakesItsSectorAlone) {
  FileNorFlash flash(file_, kGeometry);
  const std::vector<std::uint8_t> zeros(8);
  for (const std::uint32_t offset : {4088U, 4096U, 8184U, 8192U}) {
    ASSERT_TRUE(flash.program(offset, zeros));
  }
  ASSERT_TRUE(flash.erase(4096));
  EXPECT_EQ(read(flash, 4088, 8), zeros);
  EXPECT_EQ(read(flash, 4096, 4096), std::vector<std::uint8_t>(4096, 0xFF));
  EXPECT_EQ(read(flash, 8192, 8), zeros);
}

// Whatever was erased and programmed before, in whatever order: a unit that is not erased is found.
TEST_F(FileNorFlashTest, RemembersWhatIsErasedOnlyWhileItIs) {
  FileNorFlash flash(file_, kGeometry);
  const std::vector<std::uint8_t> zeros(16);
  const auto refuses = [&](std::uint32_t offset) {
    return flash.program(offset, zeros) == fail(Error::kFlashNotErased);
  };
  ASSERT_TRUE(flash.erase(4096));
  ASSERT_TRUE(flash.erase(8192));
  ASSERT_TRUE(flash.program(4088, zeros));  // across the beginning of what was erased
  EXPECT_TRUE(refuses(4096));
  ASSERT_TRUE(flash.program(8184, zeros));
  EXPECT_TRUE(refuses(8184));
  EXPECT_TRUE(refuses(8192));
  ASSERT_TRUE(flash.program(12280, zeros));  // across its end
  EXPECT_TRUE(refuses(12272));
  ASSERT_TRUE(flash.erase(8192));
  EXPECT_TRUE(flash.program(8192, zeros));
  EXPECT_TRUE(flash.program(8256, zeros));  // behind a gap
  EXPECT_TRUE(flash.program(8208, zeros));  // in the gap
  for (const std::uint32_t offset : {8192U, 8208U, 8256U}) {
    EXPECT_TRUE(refuses(offset));
  }
}

// What is read after a write is what the file holds, not what was meant.
TEST_F(FileNorFlashTest, ReadsBackFromTheFile) {
  FileNorFlash flash(file_, kGeometry);
  const std::vector<std::uint8_t> zeros(4096);
  ASSERT_TRUE(flash.program(0, zeros));
  std::fstream(file_, std::ios::in | std::ios::out | std::ios::binary).seekp(300).put('x').flush();
  EXPECT_EQ(read(flash, 0, 256), std::vector<std::uint8_t>(256));
  EXPECT_EQ(read(flash, 300, 1), std::vector<std::uint8_t>(1, 'x'));
  ASSERT_TRUE(flash.erase(0));
  EXPECT_EQ(read(flash, 256, 256), std::vector<std::uint8_t>(256, 0xFF));
  const std::vector<std::uint8_t> ones(512, 1);
  ASSERT_TRUE(flash.program(256, ones));
  EXPECT_EQ(read(flash, 512, 256), std::vector<std::uint8_t>(256, 1));
  EXPECT_EQ(read(flash, 512, 512), [] {
    std::vector<std::uint8_t> expected(512, 0xFF);
    std::fill_n(expected.begin(), 256, std::uint8_t{1});
    return expected;
  }());
}

TEST_F(FileNorFlashTest, StaysInsideAndAligned) {
  FileNorFlash flash(file_, kGeometry);
  std::vector<std::uint8_t> bytes(16);
  EXPECT_EQ(flash.read(kGeometry.size - 8, bytes), fail(Error::kOutOfRange));
  EXPECT_EQ(flash.read(UINT32_MAX, bytes), fail(Error::kOutOfRange));
  EXPECT_EQ(flash.program(kGeometry.size - 8, bytes), fail(Error::kOutOfRange));
  EXPECT_EQ(flash.program(4, bytes), fail(Error::kOutOfRange));
  EXPECT_EQ(flash.program(0, ByteView(bytes).first(7)), fail(Error::kOutOfRange));
  EXPECT_EQ(flash.erase(8), fail(Error::kOutOfRange));
  EXPECT_EQ(flash.erase(kGeometry.size), fail(Error::kOutOfRange));
}

TEST_F(FileNorFlashTest, IsLockedWhileItIsOpen) {
  const FileNorFlash flash(file_, kGeometry);
  EXPECT_THAT(message_of(file_, kGeometry), ::testing::HasSubstr("in use by another process"));
}

TEST_F(FileNorFlashTest, ChecksItsSize) {
  { const FileNorFlash flash(file_, kGeometry); }
  EXPECT_THAT(message_of(file_, {.size = 131072, .sector_size = 4096, .write_size = 8}),
              ::testing::HasSubstr("holds 65536 bytes"));
}

TEST_F(FileNorFlashTest, SaysWhyItCannotBeMade) {
  EXPECT_THAT(message_of(folder_.path() / "none" / "flash.bin", kGeometry), ::testing::HasSubstr("No such file"));
  EXPECT_THAT(message_of(file_, {.size = 65536, .sector_size = 5000, .write_size = 8}),
              ::testing::HasSubstr("not a geometry"));
  EXPECT_THAT(message_of(file_, {.size = 0, .sector_size = 4096, .write_size = 8}),
              ::testing::HasSubstr("not a geometry"));
}

TEST_F(FileNorFlashTest, ACreationThatWasKilledIsBegunAnew) {
  std::ofstream(file_.string() + ".new") << "half of it";
  FileNorFlash flash(file_, kGeometry);
  EXPECT_EQ(read(flash, 0, 16), std::vector<std::uint8_t>(16, 0xFF));
  EXPECT_FALSE(std::filesystem::exists(file_.string() + ".new"));
}

TEST_F(FileNorFlashTest, SurvivesAKillAtAnyMoment) {
  const std::vector<std::uint8_t> zeros(8);
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    FileNorFlash flash(file_, kGeometry);
    for (std::uint32_t offset = 0; offset < kGeometry.size; offset += 8) {
      if (!flash.program(offset, zeros) || ::write(pipe[1], &offset, sizeof offset) != sizeof offset) {
        ::_exit(1);
      }
    }
    ::_exit(0);
  }
  std::uint32_t last = 0;
  while (last < 4096) {
    ASSERT_EQ(::read(pipe[0], &last, sizeof last), static_cast<ssize_t>(sizeof last));
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(pipe[1]);
  while (::read(pipe[0], &last, sizeof last) == static_cast<ssize_t>(sizeof last)) {
  }
  ::close(pipe[0]);
  FileNorFlash flash(file_, kGeometry);  // the lock went with the process
  EXPECT_EQ(read(flash, 0, last + 8), std::vector<std::uint8_t>(last + 8));
}

TEST_F(FileNorFlashTest, SyncKeepsTheSameRules) {
  for (const Sync sync : {Sync::kNever, Sync::kBarriers, Sync::kAlways}) {
    FileNorFlash flash(file_, kGeometry, {.sync = sync, .barrier_end = 16384});
    const std::vector<std::uint8_t> zeros(8);
    for (const std::uint32_t offset : {0U, 32768U}) {
      ASSERT_TRUE(flash.erase(offset));
      ASSERT_TRUE(flash.program(offset, zeros));
      EXPECT_EQ(flash.program(offset, zeros), fail(Error::kFlashNotErased));
    }
  }
}

}  // namespace
}  // namespace ferry::posix
