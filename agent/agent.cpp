#include "agent/agent.h"

#include <csignal>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace ferry::agent {
namespace {

constexpr std::uint32_t kWriteSize = 8;  // as strict as the flash of common microcontrollers

std::vector<std::uint8_t> read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.eof() && file.fail()) {
    throw std::runtime_error(fmt::format("{}: cannot be read", path.string()));
  }
  return bytes;
}

FactoryFile decode(const std::vector<std::uint8_t>& bytes, const std::filesystem::path& path) {
  const auto file = decode_factory(bytes);
  if (!file) {
    throw std::runtime_error(
        fmt::format("{}: no factory file ({}); make one with `ferry provision`", path.string(), name(file.error())));
  }
  return *file;
}

LayoutPlan plan_of(const FactoryFile& factory) {
  const FlashSettings& flash = factory.settings.flash;
  LayoutPlan plan{.slot_size = flash.slot_size, .staging_size = flash.staging_size, .second_size = flash.second_size};
  for (std::size_t i = 0; i < factory.parameters.component_count; ++i) {
    plan.image_count += factory.parameters.components[i].kind == ComponentKind::kImage ? 1 : 0;
  }
  return plan;
}

std::unique_ptr<posix::FileNorFlash> open_flash(const FactoryFile& factory, const std::filesystem::path& state) {
  std::filesystem::create_directories(state);
  const std::uint32_t sector = factory.settings.flash.sector_size;
  const std::uint64_t size = Layout::bytes_needed(plan_of(factory), sector);
  if (size > UINT32_MAX) {
    throw std::runtime_error("the factory file asks for more than 4 GiB of flash; make slots and staging smaller");
  }
  const FlashGeometry geometry{
      .size = static_cast<std::uint32_t>(size), .sector_size = sector, .write_size = kWriteSize};
  return std::make_unique<posix::FileNorFlash>(
      state / "flash.bin", geometry,
      posix::FileNorFlash::Options{.sync = posix::Sync::kBarriers, .barrier_end = Layout::kJournalSectors * sector});
}

Layout make_layout(NorFlash& flash, const FactoryFile& factory) {
  const auto layout = Layout::make(flash, plan_of(factory));
  if (!layout) {
    throw std::runtime_error(
        fmt::format("the factory file's flash sizes make no layout ({}): whole sectors, please", name(layout.error())));
  }
  return *layout;
}

std::vector<std::unique_ptr<posix::ProgramHandler>> make_handlers(const FactoryFile& factory,
                                                                  const std::filesystem::path& state) {
  std::vector<std::unique_ptr<posix::ProgramHandler>> handlers;
  for (std::size_t i = 0; i < factory.parameters.component_count; ++i) {
    const ComponentName& component = factory.parameters.components[i];
    if (component.kind == ComponentKind::kHandler) {
      handlers.push_back(
          std::make_unique<posix::ProgramHandler>(state / "handlers", std::string(component.name), component.program));
    }
  }
  return handlers;
}

std::vector<Handler*> pointers(const std::vector<std::unique_ptr<posix::ProgramHandler>>& handlers) {
  std::vector<Handler*> all;
  for (const auto& handler : handlers) {
    all.push_back(handler.get());
  }
  return all;
}

std::uint32_t seed(Entropy& entropy) {
  std::array<std::uint8_t, 4> bytes{};
  return entropy.fill(bytes) ? load_le32(bytes) : 1;
}

void require(const Status& status, std::string_view what) {
  if (!status) {
    throw std::runtime_error(fmt::format("{}: {}", what, name(status.error())));
  }
}

}  // namespace

Agent::Agent(const Options& options, ResetCause cause)
    : options_(options),
      cause_(cause),
      factory_bytes_(read_file(options.factory)),
      factory_(decode(factory_bytes_, options.factory)),
      log_(options.json ? Log::Form::kJson : Log::Form::kText, factory_),
      flash_(open_flash(factory_, options.state)),
      layout_(make_layout(*flash_, factory_)),
      journal_(layout_.journal),
      clock_(options.clock_offset),
      board_(cause),
      handlers_(make_handlers(factory_, options.state)),
      handler_pointers_(pointers(handlers_)),
      link_(network_, factory_.settings.business, factory_.parameters.device_id, seed(entropy_)),
      business_(link_, factory_.parameters, journal_, entropy_),
      memory_(std::make_unique<WorkingMemory>()),
      decoder_(std::make_unique<Decoder>()),
      packed_decoder_(std::make_unique<packed::Decoder>()),
      environment_{.factory = factory_,
                   .layout = layout_,
                   .journal = journal_,
                   .network = network_,
                   .clock = clock_,
                   .entropy = entropy_,
                   .power = power_,
                   .board = board_,
                   .business = business_,
                   .handlers = handler_pointers_,
                   .delta_decoder = &decoder_->image_decoder(),
                   .packed_decoder = &packed_decoder_->image_decoder()},
      upgrade_(environment_, memory_->memory(), Tuning{}, &log_),
      meter_(factory_, clock_, business_) {}

Ending Agent::run(const volatile std::sig_atomic_t& stop) {
  const BootDecision decision = boot();
  log_.booted(decision, cause_);
  reverted_ = decision.action == BootAction::kStart && decision.reason != Error{};
  require(upgrade_.start(clock_.now(), decision.action == BootAction::kRecovery), "the flash cannot be used");
  if (options_.visit_now) {
    upgrade_.request_visit();
  }
  while (stop == 0) {
    const Instant now = clock_.now();
    live(now);
    if (board_.wants_reset()) {
      return Ending::kReset;
    }
    if (options_.once) {
      if (const auto ended = ending()) {
        return *ended;
      }
    }
    network_.wait(std::min(upgrade_.poll_timeout(now), now + 1s));
  }
  return Ending::kStopped;
}

// As a bootloader does. It and the upgrade meet only through the journal and the slots.
BootDecision Agent::boot() {
  require(journal_.mount(), "the journal cannot be used");
  BootStateStore store(journal_);
  const Memory memory = memory_->memory();
  Boot boot(layout_, factory_.parameters, journal_, store, memory.manifest(), memory.work(memory.longest_manifest));
  const auto decision = boot.decide(cause_);
  if (!decision) {
    throw std::runtime_error(fmt::format("the boot decision failed: {}", name(decision.error())));
  }
  return *decision;
}

void Agent::live(Instant now) {
  upgrade_.poll(now);
  meter_.poll(now, upgrade_.at_work());
}

// With --once: a visit that led to no reset, or a trial that was confirmed or went back.
std::optional<Ending> Agent::ending() {
  if (!upgrade_.at_work() || upgrade_.running().on_trial || upgrade_.running().blank) {
    const bool failed_blank = upgrade_.at_work() && upgrade_.running().blank && upgrade_.visits_ended() > 0;
    return failed_blank ? std::optional(Ending::kNotUpgraded) : std::nullopt;
  }
  const bool visited = upgrade_.visits_ended() > 0;
  if (!upgrade_.reporter().all_delivered() && link_.state() == LinkState::kOnline) {
    return std::nullopt;
  }
  if (reverted_ || (log_.reverted() && cause_ == ResetCause::kSoftware)) {  // else it is told of an earlier one
    return Ending::kNotUpgraded;
  }
  if (visited) {
    return upgrade_.last_error() == Error{} ? Ending::kUpToDate : Ending::kNotUpgraded;
  }
  return cause_ == ResetCause::kSoftware && !options_.visit_now ? std::optional(Ending::kUpToDate) : std::nullopt;
}

}  // namespace ferry::agent
