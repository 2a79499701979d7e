// Severed members as files: spec/repository.md says where they stand, spec/manifest.md what they hold.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "device/suit/manifest.h"
#include "host/bytes.h"

namespace ferry::host {

// Where the member with this digest stands, below the product's folder.
[[nodiscard]] std::string member_path(ByteView digest);

// Of a manifest file: the folder that its uris and members are relative to.
[[nodiscard]] std::filesystem::path product_folder(const std::filesystem::path& manifest);

struct MemberOnDisk {
  suit::Member member;
  std::string path;  // below the product's folder
  std::uint64_t size = 0;
  bool there = false;
  bool matches = false;  // has the digest that the manifest names
};

struct WholeEnvelope {
  Bytes bytes;
  std::vector<MemberOnDisk> files;  // one for each severed member that was not in the envelope itself
};

// The envelope as if nothing had been kept apart: the severed members that lie below `product_folder`, and are the ones
// that the manifest names, are put into it; nothing that is signed changes. What is no envelope comes back as it is.
// Throws Failure where a file is there and cannot be read.
[[nodiscard]] WholeEnvelope with_members(ByteView envelope, const std::filesystem::path& product_folder);
// Reads a manifest file, and what belongs to it.
[[nodiscard]] WholeEnvelope read_whole_envelope(const std::filesystem::path& manifest);

}  // namespace ferry::host
