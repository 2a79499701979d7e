// What the business server answers over its HTTP API: the demo's look over the operator's shoulder.
#pragma once

#include <string>

#include "tools/ferry/output.h"

namespace ferry::tool {

class HubView {
 public:
  // `address` is "127.0.0.1:8080".
  HubView(std::string address, std::string token) : address_(std::move(address)), token_(std::move(token)) {}

  // The newest of each reading of a device: name, unit, time, value. Empty while there is none. Throws Failure.
  [[nodiscard]] Json latest_readings(const std::string& device) const;
  // Throws Failure.
  [[nodiscard]] bool is_online(const std::string& device) const;
  // Of its sealed messages: how many, and how many are missing. Null where it seals none. Throws Failure.
  [[nodiscard]] Json sealed(const std::string& device) const;

 private:
  [[nodiscard]] Json get(const std::string& path) const;

  std::string address_;
  std::string token_;
};

}  // namespace ferry::tool
