// Files that are written into a real folder. For folder_tree.cpp.
#pragma once

#include "servers/ftp/descriptor.h"
#include "servers/ftp/tree.h"

namespace ferry::server::ftp {

[[nodiscard]] TreeError tree_error(int error_number);

// `name` in `folder`, written beside its place and moved there by finish().
[[nodiscard]] TreeResult<std::unique_ptr<Sink>> open_replacing(Descriptor folder, const std::string& name,
                                                               std::uint64_t max_size);
// `name` in `folder`, written in its place: at its end (made where it is not there), or from `offset` on.
[[nodiscard]] TreeResult<std::unique_ptr<Sink>> open_appending(const Descriptor& folder, const std::string& name,
                                                               std::uint64_t max_size);
[[nodiscard]] TreeResult<std::unique_ptr<Sink>> open_continuing(const Descriptor& folder, const std::string& name,
                                                                std::uint64_t offset, std::uint64_t max_size);

}  // namespace ferry::server::ftp
