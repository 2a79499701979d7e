// Runs the command sequences of an authenticated manifest, one command at a time, with bounded stack and steps.
//
// run(member) executes the shared sequence, then the member's (draft-ietf-suit-manifest-37, 6). An unknown command or
// parameter anywhere in the sequence is refused before its first command is executed (kUnknownCommand,
// kUnknownParameter). A directive that acts before vendor and class were checked, and a component that was written
// without an image-match after it, are refused (kUnchecked).
#pragma once

#include "device/suit/manifest.h"
#include "device/suit/platform.h"

namespace ferry::suit {

inline constexpr std::size_t kMaxNesting = 4;   // try-each and run-sequence inside each other
inline constexpr std::size_t kMaxSteps = 1024;  // commands executed by one run: kTooManySteps

class Processor {
 public:
  // Both must outlive the processor.
  Processor(const Manifest& manifest, Platform& platform) : manifest_(manifest), platform_(platform) {}

  // Sets up the shared sequence and the member's, checks their form, executes nothing. A member that the manifest does
  // not have is an empty one. Errors: kSevered, kUnknownCommand, kUnknownParameter, kManifestMalformed.
  [[nodiscard]] Status begin(Member member);

  // Executes until the platform waits or the sequence ends. kDone: all of it succeeded. Errors: the platform's,
  // kConditionFailed, kAborted, kUnchecked, kTooManySteps, kManifestMalformed (a parameter that is needed is not set).
  // After an error the processor stays failed until begin().
  [[nodiscard]] Result<Progress> step();

  // As set so far; after the shared sequence has run, what the manifest says of each component.
  [[nodiscard]] const Parameters& parameters(Component component) const;
  // True once the shared sequence has ended: sizes and digests that hold for every sequence are set.
  [[nodiscard]] bool shared_done() const;

 private:
  const Manifest& manifest_;
  Platform& platform_;
};

}  // namespace ferry::suit
