// The tree on a real folder. Every path is walked name by name from the folder's own descriptor, and no symbolic link
// is followed on the way or at its end: nothing outside the folder can be named, whoever changes the folder meanwhile.
// Only regular files and folders are seen.
#pragma once

#include <filesystem>

#include "servers/ftp/descriptor.h"
#include "servers/ftp/tree.h"

namespace ferry::server::ftp {

class FolderTree final : public Tree {
 public:
  // Throws host::Failure where `folder` is none or cannot be read. (It may be named through a symbolic link itself.)
  explicit FolderTree(const std::filesystem::path& folder);

  [[nodiscard]] TreeResult<Facts> facts(const Path& path) override;
  [[nodiscard]] TreeResult<Listing> list(const Path& folder, std::size_t max_entries) override;
  [[nodiscard]] TreeResult<std::unique_ptr<Source>> open(const Path& file) override;
  [[nodiscard]] TreeResult<std::unique_ptr<Sink>> create(const Path& file, Writing writing, std::uint64_t offset,
                                                         std::uint64_t max_size) override;
  [[nodiscard]] TreeResult<void> remove_file(const Path& file) override;
  [[nodiscard]] TreeResult<void> make_folder(const Path& folder) override;
  [[nodiscard]] TreeResult<void> remove_folder(const Path& folder) override;
  [[nodiscard]] TreeResult<void> rename(const Path& from, const Path& to) override;

 private:
  [[nodiscard]] TreeResult<Descriptor> walk(const Path& folder) const;

  Descriptor root_;
};

}  // namespace ferry::server::ftp
