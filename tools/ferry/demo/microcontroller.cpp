#include "tools/ferry/demo/microcontroller.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "device/factory/factory.h"
#include "host/failure.h"
#include "host/files.h"

namespace ferry::tool {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kBoardMemory = 16 << 20;  // the board's PSRAM, of which the device's flash is the beginning
constexpr const char* kFactoryArea = "8192";       // as the rest of the flash, of ports/mps2
constexpr double kForTheModule = 30;               // seconds

}  // namespace

Microcontroller::Microcontroller(BoardFirmware firmware, std::string serial, Stage& stage, Story& story)
    : firmware_(std::move(firmware)),
      serial_(std::move(serial)),
      stage_(stage),
      story_(story),
      console_(file(".console")),
      bootloader_{.program = "bootloader", .flash = fs::file_size(firmware_.bootloader_image)},
      application_{.program = "application", .flash = fs::file_size(firmware_.slot_a)},
      decoder_{.program = "decoder"} {}

fs::path Microcontroller::file(const std::string& ending) const {
  return stage_.folder() / (serial_ + ending);
}

void Microcontroller::power_on(std::int64_t clock_offset) {
  const host::Bytes bytes = host::read_file(file(".factory"));
  const auto factory = decode_factory(bytes);
  if (!factory) {
    throw host::Failure("{}.factory: {}", serial_, name(factory.error()));
  }
  device_ = to_text(factory->parameters.device_id).data();
  write_clock(clock_offset);
  burn_first_release(std::string(factory->parameters.product));
  start_board(start_module());
}

void Microcontroller::burn_first_release(const std::string& product) {
  const fs::path flash = file(".flash");
  stage_.ferry({"flash", "--factory", serial_ + ".factory", "--manifest", "repo/" + product + "/manifest.suit",
                "--image", firmware_.slot_a.string(), "--factory-area", kFactoryArea, "--out",
                flash.filename().string()});
  fs::resize_file(flash, kBoardMemory);
}

std::string Microcontroller::start_module() {
  const std::string log = serial_ + ".modem";
  const std::vector<std::string> options = {"--listen",       "127.0.0.1:0", "--boot",    "200",
                                            "--registration", "200",         "--latency", "5"};
  story_.command(fmt::format("ferry-modem {}", fmt::join(options, " ")));
  std::vector<std::string> arguments = options;
  arguments.insert(arguments.end(), {"--clock-offset", file(".clock").string()});
  stage_.start("ferry-modem", arguments, log);
  LogTail tail(stage_.folder() / log);
  std::string place;
  stage_.await("a 4G module waits for its device", kForTheModule, [&] {
    if (const auto line = tail.next()) {
      place = line->substr(line->rfind(' ') + 1);
    }
    return !place.empty();
  });
  return place;
}

void Microcontroller::start_board(const std::string& serial_line) {
  story_.command(fmt::format("{} -M mps2-an386 -kernel bootloader.elf ...  # its flash: {}.flash, its 4G module: {}",
                             kEmulator, serial_, serial_line));
  board_ = &stage_.start_machine(
      {kEmulator, "-M", "mps2-an386", "-nographic", "-monitor", "none", "-kernel", firmware_.bootloader.string(),
       "-object",
       fmt::format("memory-backend-file,id=psram,size={},mem-path={},share=on", kBoardMemory, file(".flash").string()),
       "-machine", "memory-backend=psram", "-serial", "stdio", "-serial", "tcp:" + serial_line},
      serial_ + ".console");
}

std::optional<Json> Microcontroller::next_event() {
  while (auto line = console_.next()) {
    line->erase(std::min(line->find('\r'), line->size()));
    if (const auto memory = console_memory(*line)) {
      note(*memory);
    }
    if (auto event = console_event(*line)) {
      if (event->value("slot", "") == "B") {
        application_.flash = fs::file_size(firmware_.next_slot_b);
      }
      (*event)["device"] = device_;
      (*event)["serial"] = serial_;
      return event;
    }
  }
  return std::nullopt;
}

// A program's stack is painted anew at each of its starts: what it used most of all counts.
void Microcontroller::note(const ConsoleMemory& memory) {
  if (memory.program == "decoder") {  // told last
    decoder_.objects = memory.objects;
    decoder_.flash = memory.flash;
    memory_told_ = true;
    return;
  }
  ProgramMemory& program = memory.program == bootloader_.program ? bootloader_ : application_;
  program.objects = memory.objects;
  program.stack = std::max(program.stack, memory.stack);
}

void Microcontroller::set_clock(std::int64_t offset) {
  write_clock(offset);
  type("reset");
}

void Microcontroller::write_clock(std::int64_t offset) {
  stage_.write(serial_ + ".clock", std::to_string(offset) + "\n");
}

void Microcontroller::ask_memory() {
  memory_told_ = false;
  type("status");
}

std::optional<std::vector<ProgramMemory>> Microcontroller::memory() const {
  return memory_told_ ? std::optional(std::vector{bootloader_, application_, decoder_}) : std::nullopt;
}

void Microcontroller::type(const std::string& command) const {
  board_->type(command + "\n");
}

}  // namespace ferry::tool
