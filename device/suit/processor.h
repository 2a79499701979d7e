// Runs the command sequences of an authenticated manifest, one command at a time, with bounded stack and steps.
//
// run(member) executes the shared sequence, then the member's (draft-ietf-suit-manifest-37, 6). An unknown command or
// parameter anywhere in the procedure's sequences is refused before the first command is executed (kUnknownCommand,
// kUnknownParameter). A directive that acts before vendor and class were checked, that uses what was written and not
// matched since, and a component that was written without an image-match after it, are refused (kUnchecked).
//
// A condition that does not hold may be caught by a try-each or a soft run-sequence around it. A directive that fails,
// a port that fails, and a manifest that is wrong in itself always end the run.
#pragma once

#include "device/cbor/reader.h"
#include "device/suit/manifest.h"
#include "device/suit/platform.h"

namespace ferry::suit {

inline constexpr std::size_t kMaxNesting = 4;   // try-each and run-sequence inside each other
inline constexpr std::size_t kMaxSteps = 1024;  // commands executed by one run: kTooManySteps

class Processor {
 public:
  // Both must outlive the processor.
  Processor(const Manifest& manifest, Platform& platform) : manifest_(manifest), platform_(platform) {}

  // Sets up the shared sequence and the member's, executes nothing. A member that the manifest does not have is an
  // empty one. Checks the form of all sequences of the procedure: of the update (payload-fetch, install) every one that
  // is here, of the invocation (validate, load, invoke) those three, so that a bootloader need not know what only an
  // update uses. Errors: kInvalidArgument (the text is no sequence), kUnknownCommand, kUnknownParameter,
  // kManifestMalformed, kUnknownAlgorithm, kCbor*.
  [[nodiscard]] Status begin(Member member);

  // Executes until the platform waits or the sequence ends. kDone: all of it succeeded. Errors: the platform's,
  // kConditionFailed, kAborted, kUnchecked, kTooManySteps, kManifestMalformed (a parameter that is needed is not set),
  // kSevered (the shared sequence has succeeded and the member is not here: attach it, and begin again).
  // After an error the processor stays failed until begin().
  [[nodiscard]] Result<Progress> step();

  // As set so far; after the shared sequence has run, what the manifest says of each component.
  [[nodiscard]] const Parameters& parameters(Component component) const;
  // True once the shared sequence has ended: sizes and digests that hold for every sequence are set.
  [[nodiscard]] bool shared_done() const;

 private:
  enum class Phase : std::uint8_t { kIdle, kShared, kMember, kDone, kFailed };
  using ComponentBits = std::uint8_t;
  static_assert(kMaxComponents <= 8 * sizeof(ComponentBits));

  struct Selection {  // what set-component-index chose, in its order
    std::array<Component, kMaxComponents> components{};
    std::uint8_t count = 1;
  };

  // A sequence or try-each that is being executed, once for each component that was selected at it.
  struct Frame {
    ByteView argument;      // of the directive that opened it, and what is behind
    ByteView commands;      // still to come
    ByteView alternatives;  // of a try-each: still to come
    std::size_t items = 0;  // left in `commands`
    std::uint8_t alternatives_left = 0;
    Selection selected_before;
    std::uint8_t turn = 0;  // index into selected_before
    bool is_try_each = false;
    bool soft_failure = false;
  };

  [[nodiscard]] Status start_phase(Phase phase, ByteView sequence);
  [[nodiscard]] Result<Progress> run();
  [[nodiscard]] Result<bool> finish_phase();  // true when the run is done
  [[nodiscard]] Result<Progress> step_once();
  [[nodiscard]] Result<Progress> execute(std::int64_t command, cbor::Reader& argument);
  [[nodiscard]] Result<Progress> for_each_selected(std::int64_t command);
  [[nodiscard]] Result<Progress> execute_on(std::int64_t command, Component component);
  [[nodiscard]] Result<Progress> check_condition(std::int64_t command, Component component);
  [[nodiscard]] Result<Progress> match(Component component, bool wanted);
  [[nodiscard]] Result<Progress> act(std::int64_t command, Component component);
  [[nodiscard]] Status check_source(Component component) const;
  [[nodiscard]] Result<Progress> swap(Component component, Component source);
  [[nodiscard]] Status select(cbor::Reader& argument);
  [[nodiscard]] Status override_parameters(ByteView argument);
  [[nodiscard]] Status check_procedure(Member member) const;
  [[nodiscard]] Status check_member(Member member) const;
  [[nodiscard]] Status push(ByteView argument, bool is_try_each);
  [[nodiscard]] static Status start_sequence(Frame& frame, ByteView sequence);
  [[nodiscard]] Status start_turn(Frame& frame);
  [[nodiscard]] Status enter_alternative(Frame& frame);
  void select_turn(const Frame& frame);
  [[nodiscard]] Status finish_turn();
  void pop();
  // After `error`: goes on with the next alternative, or behind a sequence that may fail. Errors: `error`, where
  // nothing takes it.
  [[nodiscard]] Status recover(Error error);
  [[nodiscard]] Frame& top() { return frames_[depth_ - 1]; }

  const Manifest& manifest_;
  Platform& platform_;
  Member member_ = Member::kText;
  std::array<Frame, kMaxNesting + 1> frames_{};
  std::size_t depth_ = 0;
  std::array<Parameters, kMaxComponents> parameters_{};
  Selection selected_;
  std::uint8_t next_selected_ = 0;  // where the command under way goes on
  ComponentBits unmatched_ = 0;     // written, and not matched since
  std::size_t steps_ = 0;
  Phase phase_ = Phase::kIdle;
  bool waiting_ = false;  // the platform has begun the command under way
  bool in_condition_ = false;
  bool vendor_checked_ = false;
  bool class_checked_ = false;
  bool shared_done_ = false;
};

}  // namespace ferry::suit
