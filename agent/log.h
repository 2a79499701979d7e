// What the agent says: lines that a person can follow on stderr, or JSON events on stdout.
#pragma once

#include <string>

#include "device/boot/boot.h"
#include "device/upgrade/environment.h"

namespace ferry::agent {

class Log final : public Observer {
 public:
  enum class Form : std::uint8_t { kText, kJson };

  Log(Form form, const FactoryFile& factory);

  void booted(const BootDecision& decision, ResetCause cause);
  void on_event(const Event& event) override;
  void on_progress(EventKind phase, std::uint32_t done, std::uint32_t total) override;
  void note(const std::string& text);                        // anything else worth a line
  [[nodiscard]] bool reverted() const { return reverted_; }  // the device said that it went back

 private:
  void text_line(const std::string& text) const;

  Form form_;
  std::string device_;
  std::string serial_;
  std::uint32_t last_percent_ = 0;
  bool reverted_ = false;
};

[[nodiscard]] std::string to_string(const suit::Version& version);  // "" where there is none

}  // namespace ferry::agent
