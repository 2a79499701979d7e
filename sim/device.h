// A whole simulated device: what survives a power cut (flash, a handler's files) and what does not (everything else).
//
// power_on() takes the boot decision as a bootloader would and starts the application; power_off() forgets all RAM. How
// the running image behaves is written into the image itself: see Behaviour.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "device/boot/boot.h"
#include "device/mqtt/link.h"
#include "device/upgrade/upgrade.h"
#include "sim/clock.h"
#include "sim/fault_plan.h"
#include "sim/network.h"
#include "sim/nor_flash.h"

namespace ferry::sim {

// The first bytes of an image say how it behaves once it runs; anything else is a good image.
enum class Behaviour : std::uint8_t {
  kGood,
  kCrash,  // "CRASH": resets by a fault as soon as it starts
  kHang,   // "HANG": does nothing until the watchdog bites
  kMute,   // "MUTE": works, but cannot log in to the business server
};

// Keeps the file of one component; what it holds survives power cuts, and every change counts as a flash operation.
class FileHandler final : public Handler {
 public:
  explicit FileHandler(FaultPlan& faults) : faults_(faults) {}
  [[nodiscard]] Status begin(std::uint32_t size) override;
  [[nodiscard]] Status write(ByteView bytes) override;
  [[nodiscard]] Status finish() override;
  [[nodiscard]] Status read(std::uint32_t offset, ByteSpan bytes) override;
  [[nodiscard]] Result<bool> activate() override;
  [[nodiscard]] Result<bool> roll_back() override;

  void set_in_force(std::string content) { in_force_ = std::move(content); }
  [[nodiscard]] const std::string& in_force() const { return in_force_; }
  void refuse_to_activate(bool refuse) { refuses_ = refuse; }

 private:
  [[nodiscard]] Status count();

  FaultPlan& faults_;
  std::string in_force_;
  std::string before_;
  std::string fresh_;
  std::uint32_t expected_ = 0;
  bool complete_ = false;
  bool activated_ = false;
  bool refuses_ = false;
};

class Device final : public Observer {
 public:
  struct World {      // must outlive the device
    NorFlash& flash;  // the simulated one
    Network& network;
    Clock& clock;
    FaultPlan& faults;
  };

  // `factory_file`: as ferry provision writes it. Handlers: one for each handler component, in their order.
  Device(World world, std::string factory_file, std::vector<Handler*> handlers = {}, Tuning tuning = {});
  ~Device();

  void power_on(ResetCause cause);
  void power_off();

  // Does one poll of whatever runs; takes resets, crashes and power cuts as they come.
  void poll(Instant now);
  [[nodiscard]] Instant poll_timeout() const;

  [[nodiscard]] bool is_on() const { return application_ != nullptr; }
  [[nodiscard]] const BootDecision& boot_decision() const { return decision_; }
  [[nodiscard]] Upgrade& upgrade();
  [[nodiscard]] const FactoryFile& factory() const { return factory_; }
  [[nodiscard]] const Layout& layout() const { return layout_; }
  [[nodiscard]] const std::vector<Event>& events() const { return events_; }
  void clear_events() { events_.clear(); }
  [[nodiscard]] std::uint32_t power_cuts() const { return power_cuts_; }
  [[nodiscard]] std::uint32_t boots() const { return boots_; }  // boot decisions that came to an end
  [[nodiscard]] PowerStatus& power() { return power_; }
  // The application image that runs now, as read from flash. Empty in recovery.
  [[nodiscard]] std::string running_image();
  // The boot state as it is in flash now, read from a copy: to look changes nothing.
  [[nodiscard]] BootState boot_state();

  void on_event(const Event& event) override { events_.push_back(event); }
  void on_progress(EventKind, std::uint32_t, std::uint32_t) override {}

 private:
  struct Ram;  // journal, link and upgrade: gone with the power

  [[nodiscard]] bool boot(ResetCause cause);
  [[nodiscard]] Behaviour behaviour();

  World world_;
  std::string factory_bytes_;
  FactoryFile factory_;
  Layout layout_;
  std::vector<Handler*> handlers_;
  Tuning tuning_;
  PowerStatus power_;
  BootDecision decision_;
  std::unique_ptr<Ram> application_;
  std::vector<Event> events_;
  std::uint32_t power_cuts_ = 0;
  std::uint32_t boots_ = 0;
  Behaviour behaviour_ = Behaviour::kGood;
  Instant watchdog_at_ = kNever;
};

}  // namespace ferry::sim
