// A copy of all that is in a database, in one file: a SQLite database of the same schema, whichever kind it was taken
// from. So what was kept in one kind can go on in the other.
//
// The file is the state of one moment, while hubs go on. It is read back and compared with what was read before it gets
// its name. Throws host::Failure.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace ferry::hub {

using RowCounts = std::map<std::string, std::int64_t>;  // by table

// Refuses where `file` exists. It can be read by its owner only, for it holds hashes of passwords.
RowCounts back_up(const std::string& url, const std::filesystem::path& file);
// Into a database that holds nothing, and that no hub uses; all or nothing.
RowCounts restore(const std::string& url, const std::filesystem::path& file);

}  // namespace ferry::hub
