#include "tools/ferry/demo/images.h"

#include <cstdlib>
#include <sstream>

#include "host/failure.h"
#include "host/files.h"
#include "tools/ferry/demo/microcontroller.h"

namespace ferry::tool {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOldFirmware = "/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_jump.bin";
constexpr const char* kNewFirmware = "/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin";
constexpr const char* kBesideTheBuild = "../../cortex-m4/bin";
constexpr std::uint64_t kShortestPiece = 2048;  // between two drops: longer than a manifest

fs::path require_image(const fs::path& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  if (error || size == 0) {
    const std::string reason = fs::is_directory(path) ? "a folder" : error ? "no such file" : "empty";
    throw host::Failure("{}: {}, no firmware image; give two with --image OLD NEW, or `apt-get install opensbi`",
                        path.string(), reason);
  }
  return fs::absolute(path);
}

// OLD and NEW: files that can be read, and not the same.
std::array<ReleaseContent, 2> images_of_linux(const DemoOptions& options) {
  std::vector<fs::path> images = options.images;
  if (images.empty()) {
    images = {kOldFirmware, kNewFirmware};
  }
  for (fs::path& image : images) {
    image = require_image(image);
  }
  if (fs::file_size(images[0]) == fs::file_size(images[1]) &&
      host::read_file(images[0]) == host::read_file(images[1])) {
    throw host::Failure("{} and {} are the same image; an upgrade needs two that differ", images[0].string(),
                        images[1].string());
  }
  return {{{.options = {"--image", images[0].string()}, .bytes = fs::file_size(images[0])},
           {.options = {"--image", images[1].string()}, .bytes = fs::file_size(images[1])}}};
}

bool is_installed(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    std::error_code ignored;
    if (fs::is_regular_file(fs::path(folder) / program, ignored)) {
      return true;
    }
  }
  return false;
}

ReleaseContent linked(const fs::path& slot_a, const fs::path& slot_b) {
  return {.options = {"--slot-a", slot_a.string(), "--slot-b", slot_b.string()}, .bytes = fs::file_size(slot_b)};
}

// A program and its next version, each linked for either slot: 1.0.0 stands in slot A, and 2.0.0 goes into slot B, by
// delta. On a line that breaks it goes as a whole: a delta is over before the line could break.
std::array<ReleaseContent, 2> images_of_board(const DemoOptions& options) {
  const BoardFirmware firmware = board_firmware(options);
  for (const fs::path& file : {firmware.bootloader, firmware.bootloader_image, firmware.slot_a, firmware.slot_b,
                               firmware.next_slot_a, firmware.next_slot_b}) {
    std::error_code error;
    if (!fs::is_regular_file(file, error)) {
      throw host::Failure(
          "{}: no such file, so no firmware for the board; run `script/firmware`, or give --firmware DIR",
          file.string());
    }
  }
  if (!is_installed(Microcontroller::kEmulator)) {
    throw host::Failure("{0}, which emulates the board, is not installed: `apt-get install {0}`",
                        Microcontroller::kEmulator);
  }
  ReleaseContent next = linked(firmware.next_slot_a, firmware.next_slot_b);
  if (options.drops == 0) {
    next.options.insert(next.options.end(),
                        {"--from-slot-a", firmware.slot_a.string(), "--from-slot-b", firmware.slot_b.string()});
    next.has_deltas = true;
  }
  return {linked(firmware.slot_a, firmware.slot_b), next};
}

}  // namespace

std::array<ReleaseContent, 2> release_contents(const DemoOptions& options) {
  std::array<ReleaseContent, 2> contents = options.mcu ? images_of_board(options) : images_of_linux(options);
  const std::uint64_t most = contents[1].bytes / kShortestPiece;
  if (options.drops > 0 && options.drops >= most) {
    throw host::Failure("--drops {}: {} is too short to be cut more than {} times", options.drops,
                        contents[1].options.back(), most == 0 ? 0 : most - 1);
  }
  return contents;
}

BoardFirmware board_firmware(const DemoOptions& options) {
  const fs::path given = options.firmware.empty() ? program_folder() / kBesideTheBuild : options.firmware;
  const fs::path folder = fs::absolute(given).lexically_normal();
  return {.bootloader = folder / "bootloader.elf",
          .bootloader_image = folder / "bootloader.bin",
          .slot_a = folder / "meter-a.bin",
          .slot_b = folder / "meter-b.bin",
          .next_slot_a = folder / "meter-next-a.bin",
          .next_slot_b = folder / "meter-next-b.bin"};
}

}  // namespace ferry::tool
