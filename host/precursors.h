// Which image a device runs decides which of a release's payloads it takes. To see them all, a manifest is run once for
// each image that it asks for, and once for a device that runs another one.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "device/crypto/crypto.h"

namespace ferry::host {

class Precursors {
 public:
  // The device of this run.
  void run_on(const std::optional<Sha256Digest>& image) { running_ = image; }
  [[nodiscard]] const std::optional<Sha256Digest>& running() const { return running_; }
  // The manifest asks whether the device runs that image.
  [[nodiscard]] bool ask(const Sha256Digest& image) {
    if (std::ranges::find(asked_, image) == asked_.end()) {
      asked_.push_back(image);
    }
    return running_ == image;
  }
  [[nodiscard]] const std::vector<Sha256Digest>& asked() const { return asked_; }

 private:
  std::optional<Sha256Digest> running_;
  std::vector<Sha256Digest> asked_;
};

// Calls `run(running)` for a device that runs another image, and then for each image that is asked for. `precursors` of
// the platform that `run` uses must outlive the runs. Ends where `run` answers false.
template <typename Run>
bool run_on_each(Precursors& precursors, Run run) {
  precursors.run_on(std::nullopt);
  if (!run()) {
    return false;
  }
  for (std::size_t i = 0; i < precursors.asked().size(); ++i) {
    precursors.run_on(precursors.asked()[i]);
    if (!run()) {
      return false;
    }
  }
  return true;
}

}  // namespace ferry::host
