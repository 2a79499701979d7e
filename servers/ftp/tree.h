// The served tree, as a session needs it: a port, so that the session can be tested and fuzzed on memory alone.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "device/base/bytes.h"
#include "servers/ftp/path.h"

namespace ferry::server::ftp {

enum class TreeError : std::uint8_t {
  kNotFound,  // also what may not be seen: symbolic links, devices
  kNotAFile,
  kNotAFolder,
  kExists,
  kNotEmpty,
  kBusy,       // somebody else is writing it
  kBeyondEnd,  // an offset past the end of the file
  kDenied,     // by the file system
  kNoSpace,
  kTooLarge,
  kFailed,
};
template <typename T>
using TreeResult = tl::expected<T, TreeError>;

struct Facts {
  std::string name;
  bool is_folder = false;
  std::uint64_t size = 0;
  std::int64_t modified = 0;  // seconds since 1970
};

struct Listing {
  std::vector<Facts> entries;  // by name
  bool cut = false;            // there are more
};

// A file that is read. Its size is what it was when it was opened.
class Source {
 public:
  virtual ~Source() = default;
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  // The descriptor to send it from, -1 where there is none.
  [[nodiscard]] virtual int descriptor() const = 0;
};

// A file that is written. Unless finish() succeeds, a new file is not there afterwards and a replaced one is as it was;
// one that was appended to or continued keeps what was written.
class Sink {
 public:
  virtual ~Sink() = default;
  [[nodiscard]] virtual TreeResult<void> write(ByteView bytes) = 0;
  [[nodiscard]] virtual TreeResult<void> finish() = 0;
};

enum class Writing : std::uint8_t {
  kReplace,
  kAppend,
  kContinue
};  // kContinue: from an offset, what follows is dropped

class Tree {
 public:
  virtual ~Tree() = default;

  [[nodiscard]] virtual TreeResult<Facts> facts(const Path& path) = 0;
  [[nodiscard]] virtual TreeResult<Listing> list(const Path& folder, std::size_t max_entries) = 0;
  [[nodiscard]] virtual TreeResult<std::unique_ptr<Source>> open(const Path& file) = 0;
  // At most `max_size` bytes in all; write() gives kTooLarge beyond. `offset` is for kContinue.
  [[nodiscard]] virtual TreeResult<std::unique_ptr<Sink>> create(const Path& file, Writing writing,
                                                                 std::uint64_t offset, std::uint64_t max_size) = 0;
  [[nodiscard]] virtual TreeResult<void> remove_file(const Path& file) = 0;
  [[nodiscard]] virtual TreeResult<void> make_folder(const Path& folder) = 0;
  [[nodiscard]] virtual TreeResult<void> remove_folder(const Path& folder) = 0;
  // A file at `to` is replaced in one step.
  [[nodiscard]] virtual TreeResult<void> rename(const Path& from, const Path& to) = 0;
};

}  // namespace ferry::server::ftp
