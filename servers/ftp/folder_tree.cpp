#include "servers/ftp/folder_tree.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <optional>
#include <sys/stat.h>

#include "host/failure.h"
#include "servers/ftp/folder_sink.h"

namespace ferry::server::ftp {
namespace {

constexpr mode_t kFolderMode = 0755;

class FileSource final : public Source {
 public:
  FileSource(Descriptor file, std::uint64_t size) : file_(std::move(file)), size_(size) {}
  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] int descriptor() const override { return file_.get(); }

 private:
  Descriptor file_;
  std::uint64_t size_;
};

// What may be shown: regular files and folders.
std::optional<Facts> to_facts(std::string name, const struct stat& status) {
  if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) {
    return std::nullopt;
  }
  const bool is_folder = S_ISDIR(status.st_mode);
  return Facts{.name = std::move(name),
               .is_folder = is_folder,
               .size = is_folder ? 0 : static_cast<std::uint64_t>(status.st_size),
               .modified = status.st_mtim.tv_sec};
}

std::optional<Facts> look_up(const Descriptor& folder, const std::string& name) {
  struct stat status {};
  if (::fstatat(folder.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    return std::nullopt;
  }
  return to_facts(name, status);
}

// A name with a line break in it would be two lines of a listing.
bool is_shown(std::string_view name) {
  const bool printable = std::all_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F && c != '\xFF';
  });
  return printable && name != "." && name != ".." && !name.starts_with(Path::kReservedPrefix);
}

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

TreeResult<void> done(int result) {
  if (result != 0) {
    return tl::unexpected(tree_error(errno));
  }
  return {};
}

}  // namespace

FolderTree::FolderTree(const std::filesystem::path& folder)
    : root_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (!root_) {
    throw host::Failure("{} cannot be served: {}", folder.string(), std::strerror(errno));
  }
}

TreeResult<Descriptor> FolderTree::walk(const Path& folder) const {
  Descriptor here(::openat(root_.get(), ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
  for (const std::string& name : folder.names()) {
    here = Descriptor(::openat(here.get(), name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!here) {
      break;
    }
  }
  if (!here) {
    return tl::unexpected(errno == ENOTDIR ? TreeError::kNotFound : tree_error(errno));
  }
  return here;
}

TreeResult<Facts> FolderTree::facts(const Path& path) {
  if (path.is_root()) {
    struct stat status {};
    ::fstat(root_.get(), &status);
    return *to_facts("/", status);
  }
  const auto folder = walk(path.parent());
  if (!folder) {
    return tl::unexpected(folder.error());
  }
  const auto facts = look_up(*folder, path.names().back());
  if (!facts) {
    return tl::unexpected(TreeError::kNotFound);
  }
  return *facts;
}

TreeResult<Listing> FolderTree::list(const Path& path, std::size_t max_entries) {
  const auto folder = walk(path);
  if (!folder) {
    return tl::unexpected(folder.error());
  }
  const int readable = ::openat(folder->get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (readable < 0) {
    return tl::unexpected(tree_error(errno));
  }
  const std::unique_ptr<DIR, CloseFolder> stream(::fdopendir(readable));
  Listing listing;
  while (const dirent* entry = ::readdir(stream.get())) {
    const auto facts = is_shown(entry->d_name) ? look_up(*folder, entry->d_name) : std::nullopt;
    if (facts && listing.entries.size() == max_entries) {
      listing.cut = true;
      break;
    }
    if (facts) {
      listing.entries.push_back(*facts);
    }
  }
  std::sort(listing.entries.begin(), listing.entries.end(),
            [](const Facts& a, const Facts& b) { return a.name < b.name; });
  return listing;
}

TreeResult<std::unique_ptr<Source>> FolderTree::open(const Path& path) {
  if (path.is_root()) {
    return tl::unexpected(TreeError::kNotAFile);
  }
  const auto folder = walk(path.parent());
  if (!folder) {
    return tl::unexpected(folder.error());
  }
  // Without O_NONBLOCK a FIFO would hold the whole server until somebody writes to it.
  Descriptor file(
      ::openat(folder->get(), path.names().back().c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0) {
    return tl::unexpected(tree_error(errno));
  }
  if (!S_ISREG(status.st_mode)) {
    return tl::unexpected(TreeError::kNotAFile);
  }
  return std::make_unique<FileSource>(std::move(file), static_cast<std::uint64_t>(status.st_size));
}

TreeResult<std::unique_ptr<Sink>> FolderTree::create(const Path& path, Writing writing, std::uint64_t offset,
                                                     std::uint64_t max_size) {
  if (path.is_root()) {
    return tl::unexpected(TreeError::kNotAFile);
  }
  auto folder = walk(path.parent());
  if (!folder) {
    return tl::unexpected(folder.error());
  }
  const std::string& name = path.names().back();
  if (writing == Writing::kAppend) {
    return open_appending(*folder, name, max_size);
  }
  if (writing == Writing::kContinue) {
    return open_continuing(*folder, name, offset, max_size);
  }
  const auto old = look_up(*folder, name);
  if (old && old->is_folder) {
    return tl::unexpected(TreeError::kNotAFile);
  }
  return open_replacing(std::move(*folder), name, max_size);
}

TreeResult<void> FolderTree::remove_file(const Path& path) {
  const auto found = facts(path);
  const auto folder = walk(path.parent());
  if (!found || !folder) {
    return tl::unexpected(TreeError::kNotFound);
  }
  if (found->is_folder) {
    return tl::unexpected(TreeError::kNotAFile);
  }
  return done(::unlinkat(folder->get(), path.names().back().c_str(), 0));
}

TreeResult<void> FolderTree::make_folder(const Path& path) {
  if (path.is_root()) {
    return tl::unexpected(TreeError::kExists);
  }
  const auto folder = walk(path.parent());
  if (!folder) {
    return tl::unexpected(folder.error());
  }
  return done(::mkdirat(folder->get(), path.names().back().c_str(), kFolderMode));
}

TreeResult<void> FolderTree::remove_folder(const Path& path) {
  const auto folder = walk(path.parent());
  if (!folder) {
    return tl::unexpected(folder.error());
  }
  if (path.is_root()) {
    return tl::unexpected(TreeError::kDenied);
  }
  return done(::unlinkat(folder->get(), path.names().back().c_str(), AT_REMOVEDIR));
}

TreeResult<void> FolderTree::rename(const Path& from, const Path& to) {
  const auto old_folder = walk(from.parent());
  const auto new_folder = walk(to.parent());
  if (from.is_root() || to.is_root()) {
    return tl::unexpected(TreeError::kDenied);
  }
  if (!old_folder || !new_folder || !look_up(*old_folder, from.names().back())) {
    return tl::unexpected(TreeError::kNotFound);
  }
  return done(::renameat(old_folder->get(), from.names().back().c_str(), new_folder->get(), to.names().back().c_str()));
}

}  // namespace ferry::server::ftp
