// A Cortex-M4 with bootloader and meter, which QEMU emulates, behind a 4G module of its own (ferry-modem).
#pragma once

#include "tools/ferry/demo/console.h"
#include "tools/ferry/demo/device.h"
#include "tools/ferry/demo/images.h"
#include "tools/ferry/demo/log_tail.h"

namespace ferry::tool {

class Microcontroller final : public Device {
 public:
  static constexpr const char* kEmulator = "qemu-system-arm";
  static constexpr std::uint32_t kSlotSize = 256 * 1024;  // of ports/mps2, as all of its plan

  Microcontroller(BoardFirmware firmware, std::string serial, Stage& stage, Story& story);

  void power_on(std::int64_t clock_offset) override;
  [[nodiscard]] std::optional<Json> next_event() override;
  // Resets it: at its start it asks the module for the network's time.
  void set_clock(std::int64_t offset) override;
  [[nodiscard]] bool begins_blank() const override { return false; }
  void ask_memory() override;
  [[nodiscard]] std::optional<std::vector<ProgramMemory>> memory() const override;

 private:
  void burn_first_release(const std::string& product);
  [[nodiscard]] std::string start_module();  // where its serial line is
  void write_clock(std::int64_t offset);
  void start_board(const std::string& serial_line);
  void type(const std::string& command) const;
  void note(const ConsoleMemory& memory);
  [[nodiscard]] std::filesystem::path file(const std::string& ending) const;

  BoardFirmware firmware_;
  std::string serial_;
  Stage& stage_;
  Story& story_;
  LogTail console_;
  const host::ChildProcess* board_ = nullptr;
  std::string device_;  // its id
  ProgramMemory bootloader_;
  ProgramMemory application_;
  ProgramMemory decoder_;     // of deltas, a part of the application
  bool memory_told_ = false;  // since it was asked
};

}  // namespace ferry::tool
