// Runs the command sequences of an authenticated manifest, one command at a time, with bounded stack and steps.
//
// run(member) executes the shared sequence, then the member's (draft-ietf-suit-manifest-37, 6). An unknown command or
// parameter anywhere in the sequence is refused before its first command is executed (kUnknownCommand,
// kUnknownParameter). A directive that acts before vendor and class were checked, and a component that was written
// without an image-match after it, are refused (kUnchecked).
#pragma once

#include "device/cbor/decoder.h"
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
  enum class Phase : std::uint8_t { kIdle, kShared, kMember, kDone, kFailed };
  using Selection = std::uint8_t;  // a bit for each component

  // One sequence that is being executed. A try-each keeps the alternatives that are still to come.
  struct Frame {
    cbor::Decoder commands;
    std::size_t items = 0;  // left in `commands`
    cbor::Decoder alternatives;
    std::size_t alternatives_left = 0;
    Selection selected_before = 0;
    bool is_alternative = false;
    bool soft_failure = false;
  };

  struct Command {
    std::int64_t label = 0;
    cbor::Decoder argument;  // stands at the argument
  };

  [[nodiscard]] Status start_phase(Phase phase, ByteView sequence);
  [[nodiscard]] Result<Progress> run();
  [[nodiscard]] Result<bool> finish_phase();  // true when the run is done
  [[nodiscard]] Result<Progress> step_once();
  [[nodiscard]] Result<Progress> execute(Command& command);
  [[nodiscard]] Result<Progress> for_each_selected(std::int64_t command);
  [[nodiscard]] Result<Progress> execute_on(std::int64_t command, Component component);
  [[nodiscard]] Result<Progress> check_condition(std::int64_t command, Component component);
  [[nodiscard]] Result<Progress> match(Component component, bool wanted);
  [[nodiscard]] Result<Progress> act(std::int64_t command, Component component);
  [[nodiscard]] Status select(cbor::Decoder& argument);
  [[nodiscard]] Status override_parameters(cbor::Decoder& argument);
  [[nodiscard]] Status push_alternatives(cbor::Decoder& argument);
  [[nodiscard]] Status push_sequence(ByteView sequence);
  [[nodiscard]] Status enter_alternative(Frame& frame);
  void pop();
  // After `error`: goes on with the next alternative, or behind a sequence that may fail. Errors: `error`, where
  // nothing takes it.
  [[nodiscard]] Status recover(Error error);
  [[nodiscard]] Frame& top() { return frames_[depth_ - 1]; }

  const Manifest& manifest_;
  Platform& platform_;
  ByteView member_sequence_;
  std::array<Frame, kMaxNesting + 1> frames_{};
  std::size_t depth_ = 0;
  std::array<Parameters, kMaxComponents> parameters_{};
  Selection selected_ = 0;
  Component next_selected_ = 0;  // where the command under way goes on
  Selection unmatched_ = 0;      // written, and not matched since
  std::size_t steps_ = 0;
  Phase phase_ = Phase::kIdle;
  bool vendor_checked_ = false;
  bool class_checked_ = false;
  bool shared_done_ = false;
};

}  // namespace ferry::suit
