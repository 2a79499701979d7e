// The device on embedded Linux: flash in a file, the boot decision, then the upgrade beside the meter.
#pragma once

#include <csignal>
#include <memory>
#include <vector>

#include "agent/log.h"
#include "agent/meter.h"
#include "agent/options.h"
#include "device/delta/huge/decoder.h"
#include "device/mqtt/link.h"
#include "device/packed/decoder.h"
#include "device/seal/sealed_link.h"
#include "device/upgrade/upgrade.h"
#include "ports/posix/file_nor_flash.h"
#include "ports/posix/posix_network.h"
#include "ports/posix/process_board.h"
#include "ports/posix/program_handler.h"
#include "ports/posix/rehearsal_clock.h"
#include "ports/posix/system.h"
#include "ports/posix/system_power.h"

namespace ferry::agent {

enum class Ending : std::uint8_t { kStopped, kReset, kUpToDate, kNotUpgraded };

// A manifest of up to 16 KiB; what remains makes for long reads and writes.
using Decoder = delta::huge::EveryDecoder<delta::Decoder<delta::MemoryClass::kLarge>>;
using WorkingMemory = MemoryOf<16384 + 65536 + 4096, 4096, 16384>;

class Agent {
 public:
  // Throws std::runtime_error with one sentence: files that cannot be used.
  Agent(const Options& options, ResetCause cause);

  // The boot decision, and then the device's life until it resets or is stopped.
  Ending run(const volatile std::sig_atomic_t& stop);
  void wake() { network_.wake(); }

 private:
  [[nodiscard]] BootDecision boot();
  void live(Instant now);
  [[nodiscard]] std::optional<Ending> ending();

  Options options_;
  ResetCause cause_;
  std::vector<std::uint8_t> factory_bytes_;
  FactoryFile factory_;
  Log log_;
  std::unique_ptr<posix::FileNorFlash> flash_;
  Layout layout_;
  Journal journal_;
  posix::PosixNetwork network_;
  posix::RehearsalClock clock_;
  posix::UrandomEntropy entropy_;
  posix::SystemPower power_;
  posix::ProcessBoard board_;
  std::vector<std::unique_ptr<posix::ProgramHandler>> handlers_;
  std::vector<Handler*> handler_pointers_;
  mqtt::Link link_;
  seal::SealedLink business_;
  std::unique_ptr<WorkingMemory> memory_;
  std::unique_ptr<Decoder> decoder_;
  std::unique_ptr<packed::Decoder> packed_decoder_;
  Environment environment_;
  Upgrade upgrade_;
  Meter meter_;
  bool reverted_ = false;
};

}  // namespace ferry::agent
