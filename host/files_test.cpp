#include "host/files.h"

#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "host/failure.h"
#include "host/mapped_file.h"

namespace ferry::host {
namespace {

namespace fs = std::filesystem;

class HostFiles : public testing::Test {
 protected:
  HostFiles() {
    std::string name = (fs::temp_directory_path() / "ferry-files-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~HostFiles() override { fs::remove_all(folder_); }

  [[nodiscard]] std::size_t entries() const {
    const fs::recursive_directory_iterator all(folder_);
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }

  fs::path folder_;
};

TEST_F(HostFiles, AppearTogetherOnCommit) {
  FileSet files;
  files.put(folder_ / "a/b/one", "1");
  files.put(folder_ / "two", "22", Mode::kSecret);
  EXPECT_FALSE(fs::exists(folder_ / "a/b/one"));
  files.commit();
  EXPECT_EQ(read_text_file(folder_ / "a/b/one"), "1");
  EXPECT_EQ(read_text_file(folder_ / "two"), "22");
  EXPECT_EQ(fs::status(folder_ / "two").permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(entries(), 4U);
}

TEST_F(HostFiles, AppendsToTheLastOneAndMapsIt) {
  FileSet files;
  files.put(folder_ / "one", "1");
  files.append(as_bytes("23"));
  files.append(as_bytes("4"));
  files.commit();
  EXPECT_EQ(as_text(MappedFile(folder_ / "one").bytes()), "1234");
  FileSet empty;
  empty.put(folder_ / "none", "");
  empty.commit();
  EXPECT_TRUE(MappedFile(folder_ / "none").bytes().empty());
  EXPECT_THROW(MappedFile(folder_ / "other"), Failure);
  EXPECT_THROW(MappedFile{folder_}, Failure);
}

TEST_F(HostFiles, NothingIsLeftWithoutCommit) {
  {
    FileSet files;
    files.put(folder_ / "a/b/one", "1");
  }
  EXPECT_EQ(entries(), 0U);
}

TEST_F(HostFiles, RefusesToOverwrite) {
  std::ofstream(folder_ / "key") << "old";
  {
    FileSet files;
    files.put(folder_ / "other", "new");
    EXPECT_THROW(files.put(folder_ / "key", "new", Mode::kSecret, Existing::kRefuse), Failure);
  }
  EXPECT_EQ(read_text_file(folder_ / "key"), "old");
  EXPECT_EQ(entries(), 1U);
}

TEST_F(HostFiles, RefusesWhatAppearedMeanwhile) {
  {
    FileSet files;
    files.put(folder_ / "first", "new", Mode::kSecret, Existing::kRefuse);
    files.put(folder_ / "key", "new", Mode::kSecret, Existing::kRefuse);
    std::ofstream(folder_ / "key") << "old";
    EXPECT_THROW(files.commit(), Failure);
  }
  EXPECT_EQ(read_text_file(folder_ / "key"), "old");
  EXPECT_EQ(entries(), 1U) << "what was in place already is removed again";
}

TEST_F(HostFiles, ReplacesAtomically) {
  std::ofstream(folder_ / "manifest") << "old";
  FileSet files;
  files.put(folder_ / "manifest", "new");
  EXPECT_EQ(read_text_file(folder_ / "manifest"), "old");
  files.commit();
  EXPECT_EQ(read_text_file(folder_ / "manifest"), "new");
}

TEST_F(HostFiles, ADeviceOrPipeIsNotReplacedAndNotTakenForEmpty) {
  const fs::path pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  fs::create_symlink(pipe, folder_ / "link");
  for (const char* name : {"pipe", "link"}) {
    FileSet files;
    EXPECT_THROW(files.put(folder_ / name, "1"), Failure) << name;
    EXPECT_THROW((void)read_file(folder_ / name), Failure) << name;
  }
  FileSet files;
  EXPECT_THROW(files.put(folder_, "1"), Failure);
  EXPECT_TRUE(fs::is_fifo(pipe));
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  EXPECT_EQ(entries(), 2U);
}

TEST_F(HostFiles, ReadingSaysWhatIsWrong) {
  EXPECT_THROW((void)read_file(folder_ / "none"), Failure);
  EXPECT_THROW((void)read_file(folder_), Failure);
  std::ofstream(folder_ / "large") << std::string(100, 'x');
  EXPECT_THROW((void)read_file(folder_ / "large", 99), Failure);
  EXPECT_EQ(read_file(folder_ / "large", 100).size(), 100U);
}

TEST_F(HostFiles, AppendsLines) {
  append_line(folder_ / "list", "one");
  append_line(folder_ / "list", "two");
  EXPECT_EQ(read_text_file(folder_ / "list"), "one\ntwo\n");
}

}  // namespace
}  // namespace ferry::host
