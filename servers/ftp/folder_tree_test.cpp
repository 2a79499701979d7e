#include "servers/ftp/folder_tree.h"

#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "host/failure.h"
#include "host/files.h"

namespace ferry::server::ftp {
namespace {

namespace fs = std::filesystem;

class FtpFolderTree : public testing::Test {
 protected:
  FtpFolderTree() {
    std::string pattern = (fs::temp_directory_path() / "ferry-tree-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    fs::create_directories(folder_ / "root/p");
    write("root/manifest.suit", "manifest");
    write("root/p/payload", "0123456789");
    write("secret", "nobody sees this");
  }
  ~FtpFolderTree() override { fs::remove_all(folder_); }

  void write(const fs::path& file, std::string_view bytes) const {
    std::ofstream(folder_ / file, std::ios::binary) << bytes;
  }
  [[nodiscard]] std::string read(const fs::path& file) const { return host::read_text_file(folder_ / file); }
  static Path path(std::string_view text) { return *Path().resolve(text); }
  [[nodiscard]] std::vector<std::string> names(std::string_view folder) {
    std::vector<std::string> list;
    const auto listing = tree().list(path(folder), 1000);
    for (const Facts& facts : listing->entries) {
      list.push_back(facts.name);
    }
    return list;
  }
  FolderTree& tree() {
    if (!tree_) {
      tree_.emplace(folder_ / "root");
    }
    return *tree_;
  }

  fs::path folder_;
  std::optional<FolderTree> tree_;
};

TEST_F(FtpFolderTree, ShowsFilesAndFolders) {
  EXPECT_EQ(names("/"), (std::vector<std::string>{"manifest.suit", "p"}));
  EXPECT_EQ(tree().facts(path("/p/payload"))->size, 10U);
  EXPECT_TRUE(tree().facts(path("/p"))->is_folder);
  EXPECT_TRUE(tree().facts(path("/"))->is_folder);
  EXPECT_EQ(tree().facts(path("/missing")).error(), TreeError::kNotFound);
  EXPECT_EQ(tree().facts(path("/p/payload/x")).error(), TreeError::kNotFound);
  EXPECT_EQ(tree().list(path("/missing"), 10).error(), TreeError::kNotFound);
}

TEST_F(FtpFolderTree, OpensFilesOnly) {
  const auto source = tree().open(path("/p/payload"));
  ASSERT_TRUE(source.has_value());
  EXPECT_EQ((*source)->size(), 10U);
  char bytes[10];
  EXPECT_EQ(::pread((*source)->descriptor(), bytes, 10, 0), 10);
  EXPECT_EQ(tree().open(path("/p")).error(), TreeError::kNotAFile);
  EXPECT_EQ(tree().open(path("/")).error(), TreeError::kNotAFile);
}

TEST_F(FtpFolderTree, T50_SymbolicLinksAreNotThere) {
  fs::create_symlink(folder_ / "secret", folder_ / "root/absolute");
  fs::create_symlink("../secret", folder_ / "root/relative");
  fs::create_directory_symlink(folder_, folder_ / "root/folder");
  fs::create_symlink("manifest.suit", folder_ / "root/inside");
  fs::create_symlink("loop", folder_ / "root/loop");
  for (const char* name : {"/absolute", "/relative", "/folder/secret", "/inside", "/loop", "/folder"}) {
    EXPECT_EQ(tree().open(path(name)).error(), TreeError::kNotFound) << name;
    EXPECT_EQ(tree().facts(path(name)).error(), TreeError::kNotFound) << name;
    EXPECT_FALSE(tree().remove_file(path(name)).has_value()) << name;
    EXPECT_FALSE(tree().rename(path(name), path("/x")).has_value()) << name;
  }
  EXPECT_EQ(names("/"), (std::vector<std::string>{"manifest.suit", "p"}));
  EXPECT_EQ(tree().list(path("/folder"), 10).error(), TreeError::kNotFound);
  EXPECT_EQ(tree().create(path("/folder/new"), Writing::kReplace, 0, 100).error(), TreeError::kNotFound);
  EXPECT_EQ(tree().create(path("/relative"), Writing::kAppend, 0, 100).error(), TreeError::kNotFound);
  EXPECT_FALSE(tree().make_folder(path("/folder/new")).has_value());
  EXPECT_EQ(read("secret"), "nobody sees this");
}

TEST_F(FtpFolderTree, T50_LinkIsReplacedAndNotWrittenThrough) {
  fs::create_symlink(folder_ / "secret", folder_ / "root/link");
  auto sink = tree().create(path("/link"), Writing::kReplace, 0, 100);
  ASSERT_TRUE(sink.has_value());
  EXPECT_TRUE((*sink)->write(as_bytes("new")).has_value());
  EXPECT_TRUE((*sink)->finish().has_value());
  EXPECT_EQ(read("root/link"), "new");
  EXPECT_EQ(read("secret"), "nobody sees this");
}

TEST_F(FtpFolderTree, T50_DevicesAndPipesAreNotThere) {
  ASSERT_EQ(::mkfifo((folder_ / "root/pipe").c_str(), 0666), 0);
  EXPECT_EQ(tree().open(path("/pipe")).error(), TreeError::kNotAFile) << "and it does not wait for a writer";
  EXPECT_EQ(tree().facts(path("/pipe")).error(), TreeError::kNotFound);
  EXPECT_EQ(tree().create(path("/pipe"), Writing::kAppend, 0, 100).error(), TreeError::kNotAFile);
}

TEST_F(FtpFolderTree, T50_TheRootIsTheFolderThatWasOpened) {
  tree();
  fs::rename(folder_ / "root", folder_ / "moved");
  fs::create_directory(folder_ / "root");
  write("root/other", "x");
  EXPECT_EQ(names("/"), (std::vector<std::string>{"manifest.suit", "p"}));
}

TEST_F(FtpFolderTree, StoredFileIsThereWhenItIsWhole) {
  auto sink = tree().create(path("/manifest.suit"), Writing::kReplace, 0, 100);
  ASSERT_TRUE((*sink)->write(as_bytes("new ")).has_value());
  EXPECT_EQ(read("root/manifest.suit"), "manifest");
  EXPECT_EQ(names("/"), (std::vector<std::string>{"manifest.suit", "p"})) << "what is under way is not shown";
  ASSERT_TRUE((*sink)->write(as_bytes("manifest")).has_value());
  ASSERT_TRUE((*sink)->finish().has_value());
  EXPECT_EQ(read("root/manifest.suit"), "new manifest");
}

TEST_F(FtpFolderTree, BrokenUploadLeavesNothing) {
  {
    auto sink = tree().create(path("/manifest.suit"), Writing::kReplace, 0, 100);
    ASSERT_TRUE((*sink)->write(as_bytes("new")).has_value());
  }
  EXPECT_EQ(read("root/manifest.suit"), "manifest");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "root"), {}), 2);
}

TEST_F(FtpFolderTree, AppendsAndContinuesInPlace) {
  auto append = tree().create(path("/p/payload"), Writing::kAppend, 0, 100);
  ASSERT_TRUE((*append)->write(as_bytes("abc")).has_value());
  EXPECT_EQ(tree().create(path("/p/payload"), Writing::kAppend, 0, 100).error(), TreeError::kBusy);
  append->reset();
  EXPECT_EQ(read("root/p/payload"), "0123456789abc") << "what was appended stays";
  auto again = tree().create(path("/p/payload"), Writing::kContinue, 5, 100);
  ASSERT_TRUE((*again)->write(as_bytes("xy")).has_value());
  ASSERT_TRUE((*again)->finish().has_value());
  EXPECT_EQ(read("root/p/payload"), "01234xy");
  EXPECT_EQ(tree().create(path("/p/payload"), Writing::kContinue, 8, 100).error(), TreeError::kBeyondEnd);
  EXPECT_EQ(tree().create(path("/p/none"), Writing::kContinue, 1, 100).error(), TreeError::kNotFound);
}

TEST_F(FtpFolderTree, T54_UploadsAreBounded) {
  auto sink = tree().create(path("/big"), Writing::kReplace, 0, 10);
  EXPECT_TRUE((*sink)->write(as_bytes("01234567")).has_value());
  EXPECT_EQ((*sink)->write(as_bytes("89a")).error(), TreeError::kTooLarge);
  auto append = tree().create(path("/p/payload"), Writing::kAppend, 0, 10);
  EXPECT_EQ((*append)->write(as_bytes("a")).error(), TreeError::kTooLarge);
}

TEST_F(FtpFolderTree, ChangesTheTree) {
  EXPECT_TRUE(tree().make_folder(path("/q")).has_value());
  EXPECT_EQ(tree().make_folder(path("/q")).error(), TreeError::kExists);
  EXPECT_TRUE(tree().rename(path("/p/payload"), path("/q/moved")).has_value());
  EXPECT_TRUE(tree().rename(path("/q/moved"), path("/manifest.suit")).has_value()) << "over what is there";
  EXPECT_EQ(read("root/manifest.suit"), "0123456789");
  EXPECT_EQ(tree().rename(path("/missing"), path("/x")).error(), TreeError::kNotFound);
  EXPECT_EQ(tree().remove_file(path("/q")).error(), TreeError::kNotAFile);
  write("root/q/file", "");
  EXPECT_EQ(tree().remove_folder(path("/q")).error(), TreeError::kNotEmpty);
  EXPECT_TRUE(tree().remove_file(path("/q/file")).has_value());
  EXPECT_TRUE(tree().remove_folder(path("/q")).has_value());
  EXPECT_FALSE(tree().remove_folder(path("/")).has_value());
  EXPECT_FALSE(tree().rename(path("/"), path("/x")).has_value());
  EXPECT_EQ(tree().create(path("/p"), Writing::kReplace, 0, 10).error(), TreeError::kNotAFile);
}

TEST_F(FtpFolderTree, LongFoldersAreCut) {
  for (int i = 0; i < 20; ++i) {
    write("root/p/" + std::to_string(i), "");
  }
  const auto listing = tree().list(path("/p"), 10);
  EXPECT_EQ(listing->entries.size(), 10U);
  EXPECT_TRUE(listing->cut);
  EXPECT_FALSE(tree().list(path("/p"), 21)->cut);
}

TEST_F(FtpFolderTree, NamesThatWouldBreakAListingAreNotShown) {
  write("root/a\r\nb", "");
  write("root/.ferry-upload-1", "");
  EXPECT_EQ(names("/"), (std::vector<std::string>{"manifest.suit", "p"}));
}

TEST_F(FtpFolderTree, NeedsAFolder) {
  EXPECT_THROW(FolderTree(folder_ / "missing"), host::Failure);
  EXPECT_THROW(FolderTree(folder_ / "secret"), host::Failure);
}

}  // namespace
}  // namespace ferry::server::ftp
