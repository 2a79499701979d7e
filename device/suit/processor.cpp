#include "device/suit/processor.h"

#include <algorithm>

#include "device/suit/labels.h"
#include "device/suit/parameters.h"
#include "device/suit/sequence_check.h"

namespace ferry::suit {
namespace {

// What another alternative may do better. A lost connection or a flash that fails is not among it: the visit ends.
bool may_be_caught(Error error) {
  switch (error) {
    case Error::kAborted:
    case Error::kManifestMalformed:
    case Error::kUnknownCommand:
    case Error::kUnknownParameter:
    case Error::kUnchecked:
    case Error::kTooManySteps:
      return false;
    case Error::kFtpFileUnavailable:
      return true;
    default:
      return (error >= Error::kNotAuthentic && error <= Error::kManifestTooLarge) ||
             (error >= Error::kPayloadMalformed && error <= Error::kPayloadMismatch);
  }
}

bool is_condition(std::int64_t command) {
  switch (command) {
    case label::kConditionVendorIdentifier:
    case label::kConditionClassIdentifier:
    case label::kConditionImageMatch:
    case label::kConditionUseBefore:
    case label::kConditionComponentSlot:
    case label::kConditionCheckContent:
    case label::kConditionAbort:
    case label::kConditionDeviceIdentifier:
    case label::kConditionImageNotMatch:
    case label::kConditionMinimumBattery:
    case label::kConditionVersion:
      return true;
    default:
      return false;
  }
}

std::uint8_t bit(Component component) {
  return static_cast<std::uint8_t>(1U << component);
}

}  // namespace

Status Processor::begin(Member member) {
  phase_ = Phase::kFailed;
  shared_done_ = false;
  vendor_checked_ = class_checked_ = false;
  unmatched_ = 0;
  steps_ = 0;
  parameters_.fill({});
  member_sequence_ = {};
  if (manifest_.has(member)) {
    FERRY_TRY_ASSIGN(member_sequence_, manifest_.member(member));
  }
  FERRY_TRY(check_sequence(manifest_.shared_sequence(), SequenceKind::kShared, manifest_.component_count()));
  FERRY_TRY(check_sequence(member_sequence_, SequenceKind::kMember, manifest_.component_count()));
  return start_phase(Phase::kShared, manifest_.shared_sequence());
}

Status Processor::start_phase(Phase phase, ByteView sequence) {
  depth_ = 0;
  selected_ = bit(0);
  next_selected_ = 0;
  phase_ = phase;
  return sequence.empty() ? ok() : push_sequence(sequence);
}

Result<Progress> Processor::step() {
  if (phase_ == Phase::kDone) {
    return Progress::kDone;
  }
  if (phase_ != Phase::kShared && phase_ != Phase::kMember) {
    return fail(Error::kWrongState);
  }
  const auto progress = run();
  if (!progress) {
    phase_ = Phase::kFailed;
  }
  return progress;
}

Result<Progress> Processor::run() {
  for (;;) {
    if (depth_ == 0) {
      FERRY_TRY_ASSIGN(const bool done, finish_phase());
      if (done) {
        return Progress::kDone;
      }
      continue;
    }
    const auto progress = step_once();
    if (!progress) {
      FERRY_TRY(recover(progress.error()));
    } else if (*progress == Progress::kWait) {
      return Progress::kWait;
    }
  }
}

Result<bool> Processor::finish_phase() {
  if (phase_ == Phase::kShared) {
    shared_done_ = true;
    FERRY_TRY(start_phase(Phase::kMember, member_sequence_));
    return false;
  }
  if (unmatched_ != 0) {
    return fail(Error::kUnchecked);
  }
  phase_ = Phase::kDone;
  return true;
}

// One command of the innermost sequence. It is consumed when it is done, so that after kWait it comes again.
Result<Progress> Processor::step_once() {
  Frame& frame = top();
  if (frame.items == 0) {
    pop();
    return Progress::kDone;
  }
  Command command;
  command.argument = frame.commands;
  FERRY_TRY_ASSIGN(command.label, command.argument.read_integer());
  if (next_selected_ == 0 && ++steps_ > kMaxSteps) {
    return fail(Error::kTooManySteps);
  }
  cbor::Decoder behind = command.argument;
  FERRY_TRY(behind.read_item());
  const std::size_t depth = depth_;
  FERRY_TRY_ASSIGN(const Progress progress, execute(command));
  if (progress == Progress::kDone) {
    frames_[depth - 1].commands = behind;
    frames_[depth - 1].items -= 2;
  }
  return progress;
}

Result<Progress> Processor::execute(Command& command) {
  switch (command.label) {
    case label::kDirectiveSetComponentIndex:
      FERRY_TRY(select(command.argument));
      return Progress::kDone;
    case label::kDirectiveOverrideParameters:
      FERRY_TRY(override_parameters(command.argument));
      return Progress::kDone;
    case label::kDirectiveTryEach:
      FERRY_TRY(push_alternatives(command.argument));
      return Progress::kDone;
    case label::kDirectiveRunSequence: {
      FERRY_TRY_ASSIGN(const ByteView nested, command.argument.read_bytes());
      FERRY_TRY(push_sequence(nested));
      return Progress::kDone;
    }
    default:
      return for_each_selected(command.label);
  }
}

Result<Progress> Processor::for_each_selected(std::int64_t command) {
  while (next_selected_ < manifest_.component_count()) {
    if ((selected_ & bit(next_selected_)) != 0) {
      const auto progress = execute_on(command, next_selected_);
      if (!progress) {
        next_selected_ = 0;
        return progress;
      }
      if (*progress == Progress::kWait) {
        return Progress::kWait;
      }
    }
    ++next_selected_;
  }
  next_selected_ = 0;
  return Progress::kDone;
}

Result<Progress> Processor::execute_on(std::int64_t command, Component component) {
  return is_condition(command) ? check_condition(command, component) : act(command, component);
}

// A condition whose parameter was never set cannot hold, whatever a try-each around it would like.
Result<Progress> Processor::check_condition(std::int64_t command, Component component) {
  const Parameters& p = parameters_[component];
  const auto missing = [] { return Result<Progress>(fail(Error::kManifestMalformed)); };
  switch (command) {
    case label::kConditionVendorIdentifier: {
      const auto held = p.vendor_id ? platform_.vendor_identifier(component, *p.vendor_id) : missing();
      vendor_checked_ = vendor_checked_ || (held && *held == Progress::kDone);
      return held;
    }
    case label::kConditionClassIdentifier: {
      const auto held = p.class_id ? platform_.class_identifier(component, *p.class_id) : missing();
      class_checked_ = class_checked_ || (held && *held == Progress::kDone);
      return held;
    }
    case label::kConditionDeviceIdentifier:
      return p.device_id ? platform_.device_identifier(component, *p.device_id) : missing();
    case label::kConditionImageMatch:
      return match(component, true);
    case label::kConditionImageNotMatch:
      return match(component, false);
    case label::kConditionUseBefore:
      return p.use_before ? platform_.use_before(*p.use_before) : missing();
    case label::kConditionComponentSlot:
      return p.component_slot ? platform_.component_slot(component, *p.component_slot) : missing();
    case label::kConditionCheckContent:
      return p.content ? platform_.check_content(component, *p.content) : missing();
    case label::kConditionMinimumBattery:
      return p.minimum_battery ? platform_.minimum_battery(*p.minimum_battery) : missing();
    case label::kConditionVersion:
      return p.version ? platform_.version(component, *p.version_comparison, *p.version) : missing();
    default:
      return fail(Error::kAborted);
  }
}

Result<Progress> Processor::match(Component component, bool wanted) {
  const Parameters& p = parameters_[component];
  if (!p.image_digest) {
    return fail(Error::kManifestMalformed);
  }
  const auto matched = platform_.image_match(component, *p.image_digest, p.image_size);
  if (!wanted) {
    if (!matched && (matched.error() == Error::kImageMismatch || matched.error() == Error::kPayloadMismatch)) {
      return Progress::kDone;
    }
    return matched && *matched == Progress::kDone ? fail(Error::kConditionFailed) : matched;
  }
  if (matched && *matched == Progress::kDone) {
    unmatched_ = static_cast<Selection>(unmatched_ & ~bit(component));
  }
  return matched;
}

// Nothing acts before the manifest has shown that it is for this device.
Result<Progress> Processor::act(std::int64_t command, Component component) {
  if (!vendor_checked_ || !class_checked_) {
    return fail(Error::kUnchecked);
  }
  const Parameters& p = parameters_[component];
  if (command == label::kDirectiveInvoke) {
    return platform_.invoke(component, p);
  }
  const bool needs_source = command == label::kDirectiveCopy || command == label::kDirectiveSwap;
  if (needs_source && !p.source_component) {
    return fail(Error::kManifestMalformed);
  }
  unmatched_ = static_cast<Selection>(unmatched_ | bit(component));
  switch (command) {
    case label::kDirectiveFetch:
      return platform_.fetch(component, p);
    case label::kDirectiveWrite:
      return platform_.write(component, p);
    case label::kDirectiveCopy:
      return platform_.copy(component, *p.source_component, p);
    case label::kDirectiveSwap:
      unmatched_ = static_cast<Selection>(unmatched_ | bit(*p.source_component));
      return platform_.swap(component, *p.source_component);
    default:
      return fail(Error::kUnknownCommand);
  }
}

Status Processor::select(cbor::Decoder& argument) {
  FERRY_TRY_ASSIGN(const cbor::Type type, argument.peek());
  selected_ = 0;
  if (type == cbor::Type::kSimple) {  // true: all of them
    for (Component i = 0; i < manifest_.component_count(); ++i) {
      selected_ = static_cast<Selection>(selected_ | bit(i));
    }
    return ok();
  }
  std::size_t count = 1;
  if (type == cbor::Type::kArray) {
    FERRY_TRY_ASSIGN(count, argument.read_array());
  }
  for (std::size_t i = 0; i < count; ++i) {
    FERRY_TRY_ASSIGN(const std::uint64_t index, argument.read_unsigned());
    selected_ = static_cast<Selection>(selected_ | bit(static_cast<Component>(index)));
  }
  return ok();
}

Status Processor::override_parameters(cbor::Decoder& argument) {
  for (Component i = 0; i < manifest_.component_count(); ++i) {
    if ((selected_ & bit(i)) == 0) {
      continue;
    }
    cbor::Decoder decoder = argument;
    Steering steering;  // strict-order changes nothing: this processor always keeps the order
    FERRY_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(decoder));
    for (;;) {
      FERRY_TRY_ASSIGN(const bool more, map.next());
      if (!more) {
        break;
      }
      FERRY_TRY(read_parameter(decoder, map.key(), manifest_.component_count(), parameters_[i], steering));
    }
    top().soft_failure = steering.soft_failure.value_or(top().soft_failure);
  }
  return ok();
}

Status Processor::push_sequence(ByteView sequence) {
  if (depth_ == frames_.size()) {
    return fail(Error::kManifestMalformed);
  }
  Frame frame;
  frame.commands = cbor::Decoder(sequence);
  FERRY_TRY_ASSIGN(frame.items, frame.commands.read_array());
  frame.selected_before = selected_;
  frames_[depth_++] = frame;
  return ok();
}

Status Processor::push_alternatives(cbor::Decoder& argument) {
  if (depth_ == frames_.size()) {
    return fail(Error::kManifestMalformed);
  }
  Frame frame;
  frame.alternatives = argument;
  FERRY_TRY_ASSIGN(frame.alternatives_left, frame.alternatives.read_array());
  frame.is_alternative = true;
  frame.selected_before = selected_;
  FERRY_TRY(enter_alternative(frame));
  frames_[depth_++] = frame;
  return ok();
}

Status Processor::enter_alternative(Frame& frame) {
  --frame.alternatives_left;
  frame.soft_failure = true;
  selected_ = frame.selected_before;
  if (frame.alternatives.next_is_null()) {  // "or none of these": an alternative that does nothing
    frame.items = 0;
    return ok();
  }
  FERRY_TRY_ASSIGN(const ByteView sequence, frame.alternatives.read_bytes());
  frame.commands = cbor::Decoder(sequence);
  FERRY_TRY_ASSIGN(frame.items, frame.commands.read_array());
  return ok();
}

void Processor::pop() {
  selected_ = top().selected_before;
  --depth_;
}

Status Processor::recover(Error error) {
  next_selected_ = 0;
  while (depth_ > 0) {
    Frame& frame = top();
    const bool outermost = depth_ == 1;
    if (!frame.soft_failure || !may_be_caught(error) || (outermost && !frame.is_alternative)) {
      return fail(error);
    }
    if (!frame.is_alternative) {  // a sequence that may fail: its parent goes on behind it
      pop();
      return ok();
    }
    if (frame.alternatives_left > 0) {
      return enter_alternative(frame);
    }
    pop();  // the try-each itself failed: its sequence did
  }
  return fail(error);
}

const Parameters& Processor::parameters(Component component) const {
  return parameters_[std::min<std::size_t>(component, kMaxComponents - 1)];
}

bool Processor::shared_done() const {
  return shared_done_;
}

}  // namespace ferry::suit
