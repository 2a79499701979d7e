// NOR flash in a file, with the rules of NOR flash. The bytes of the file are the bytes of the flash.
//
// What was written survives the end of the process at any moment. Against a loss of power, Sync says how much is made
// durable, and when.
#pragma once

#include <filesystem>
#include <vector>

#include "device/flash/nor_flash.h"
#include "ports/posix/unique_fd.h"

namespace ferry::posix {

enum class Sync : std::uint8_t {
  kNever,     // the operating system writes when it likes: tests, and file systems in memory
  kBarriers,  // an operation below `barrier_end` is durable when it returns, and so is everything before it
  kAlways,    // every operation is durable when it returns
};

class FileNorFlash final : public NorFlash {
 public:
  struct Options {
    Sync sync = Sync::kNever;
    // The part of the flash, from offset 0, whose operations order all others: Ferry's layout has the journal there.
    std::uint32_t barrier_end = 0;
  };

  // Opens `file`, or creates it erased, whole or not at all. Locked while it is open. Throws std::runtime_error with a
  // sentence: in use by another process, another size than `geometry` says, no space, no access.
  FileNorFlash(const std::filesystem::path& file, FlashGeometry geometry, Options options);
  FileNorFlash(const std::filesystem::path& file, FlashGeometry geometry) : FileNorFlash(file, geometry, Options{}) {}

  [[nodiscard]] FlashGeometry geometry() const override { return geometry_; }
  [[nodiscard]] Status read(std::uint32_t offset, ByteSpan bytes) override;
  [[nodiscard]] Status program(std::uint32_t offset, ByteView bytes) override;
  [[nodiscard]] Status erase(std::uint32_t offset) override;

 private:
  struct Run {
    std::uint32_t from = 0;
    std::uint32_t to = 0;
    [[nodiscard]] bool holds(std::uint32_t offset, std::size_t size) const {
      return offset >= from && offset <= to && size <= to - offset;
    }
  };

  [[nodiscard]] bool inside(std::uint32_t offset, std::size_t size) const;
  [[nodiscard]] Status read_back(std::uint32_t offset);
  [[nodiscard]] Status check_erased(std::uint32_t offset, std::size_t size);
  [[nodiscard]] Status before(std::uint32_t offset) const;
  [[nodiscard]] Status write(std::uint32_t offset, ByteView bytes);

  FlashGeometry geometry_;
  Options options_;
  UniqueFd file_;
  std::vector<std::uint8_t> erased_sector_;
  std::vector<std::uint8_t> buffer_;
  Run erased_;      // known to be: erased here, and not programmed since
  Run programmed_;  // by the last program()
  Run buffered_;    // what buffer_ holds of the file; nothing after a write
};

}  // namespace ferry::posix
