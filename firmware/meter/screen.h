// Tells on the console what becomes of the upgrade.
#pragma once

#include "device/upgrade/upgrade.h"
#include "ports/bare/console.h"

namespace ferry::firmware {

class Screen final : public Observer {
 public:
  explicit Screen(bare::Console& console) : console_(console) {}
  void started(const RunningRelease& running);
  void print_memory();  // what the program takes of RAM
  void on_event(const Event& event) override;
  void on_progress(EventKind phase, std::uint32_t done, std::uint32_t total) override;

 private:
  bare::Console& console_;
  std::uint32_t tenths_ = 0;
};

}  // namespace ferry::firmware
