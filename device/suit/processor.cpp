#include "device/suit/processor.h"

#include <algorithm>

#include "device/suit/labels.h"
#include "device/suit/parameters.h"
#include "device/suit/sequence_check.h"

namespace ferry::suit {
namespace {

// The ways in which a condition does not hold. Any other error of a condition is a port's, or the manifest's.
bool may_be_caught(Error error) {
  switch (error) {
    case Error::kNotForThisDevice:
    case Error::kExpired:
    case Error::kNoClock:
    case Error::kNothingNewer:
    case Error::kConditionFailed:
    case Error::kImageMismatch:
    case Error::kPayloadMismatch:
    case Error::kBatteryLow:
    case Error::kAborted:
      return true;
    default:
      return false;
  }
}

bool is_set(ByteView parameter) {
  return parameter.data() != nullptr;
}

std::uint8_t bit(Component component) {
  return static_cast<std::uint8_t>(1U << component);
}

}  // namespace

Status Processor::begin(Member member) {
  phase_ = Phase::kFailed;
  shared_done_ = false;
  waiting_ = in_condition_ = false;
  vendor_checked_ = class_checked_ = false;
  unmatched_ = 0;
  steps_ = 0;
  parameters_.fill({});
  member_ = member;
  FERRY_TRY(check_procedure(member));
  return start_phase(Phase::kShared, manifest_.shared_sequence());
}

Status Processor::check_procedure(Member member) const {
  if (member == Member::kText) {
    return fail(Error::kInvalidArgument);
  }
  if (!manifest_.shared_sequence().empty()) {
    FERRY_TRY(check_sequence(manifest_.shared_sequence(), SequenceKind::kShared, manifest_.component_count()));
  }
  for (const Member other : {Member::kValidate, Member::kLoad, Member::kInvoke}) {
    FERRY_TRY(check_member(other));
  }
  if (member == Member::kPayloadFetch || member == Member::kInstall) {
    FERRY_TRY(check_member(Member::kPayloadFetch));
    FERRY_TRY(check_member(Member::kInstall));
  }
  return ok();
}

Status Processor::check_member(Member member) const {
  const auto sequence = manifest_.member(member);
  return sequence ? check_sequence(*sequence, SequenceKind::kMember, manifest_.component_count()) : ok();
}

Status Processor::start_phase(Phase phase, ByteView sequence) {
  depth_ = 0;
  selected_ = {};
  next_selected_ = 0;
  phase_ = phase;
  if (sequence.empty()) {
    return ok();
  }
  frames_[0] = {};
  FERRY_TRY(start_sequence(frames_[0], sequence));
  depth_ = 1;
  return ok();
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
    ByteView sequence;
    if (manifest_.has(member_)) {
      FERRY_TRY_ASSIGN(sequence, manifest_.member(member_));
    }
    FERRY_TRY(start_phase(Phase::kMember, sequence));
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
    FERRY_TRY(finish_turn());
    return Progress::kDone;
  }
  cbor::Reader reader(frame.commands);
  const std::int64_t command = reader.integer();
  in_condition_ = is_condition(command);
  if (!waiting_ && ++steps_ > kMaxSteps) {
    return fail(Error::kTooManySteps);
  }
  cbor::Reader argument = reader;
  static_cast<void>(reader.item());
  FERRY_TRY(reader.status());
  FERRY_TRY_ASSIGN(const Progress progress, execute(command, argument));
  waiting_ = progress == Progress::kWait;
  if (progress == Progress::kDone) {
    frame.commands = reader.rest();
    frame.items -= 2;
  }
  return progress;
}

Result<Progress> Processor::execute(std::int64_t command, cbor::Reader& argument) {
  Status done;
  switch (command) {
    case label::kDirectiveSetComponentIndex:
      done = select(argument);
      break;
    case label::kDirectiveOverrideParameters:
      done = override_parameters(argument.rest());
      break;
    case label::kDirectiveTryEach:
    case label::kDirectiveRunSequence:
      done = push(argument.rest(), command == label::kDirectiveTryEach);
      break;
    default:
      return for_each_selected(command);
  }
  FERRY_TRY(done);
  return Progress::kDone;
}

Result<Progress> Processor::for_each_selected(std::int64_t command) {
  while (next_selected_ < selected_.count) {
    FERRY_TRY_ASSIGN(const Progress progress, execute_on(command, selected_.components[next_selected_]));
    if (progress == Progress::kWait) {
      return progress;
    }
    ++next_selected_;
    waiting_ = false;  // the next component's turn begins afresh
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
  Result<Progress> held = fail(Error::kManifestMalformed);
  switch (command) {
    case label::kConditionVendorIdentifier:
      held = is_set(p.vendor_id) ? platform_.vendor_identifier(component, p.vendor_id) : held;
      vendor_checked_ = vendor_checked_ || held == Progress::kDone;
      return held;
    case label::kConditionClassIdentifier:
      held = is_set(p.class_id) ? platform_.class_identifier(component, p.class_id) : held;
      class_checked_ = class_checked_ || held == Progress::kDone;
      return held;
    case label::kConditionDeviceIdentifier:
      return is_set(p.device_id) ? platform_.device_identifier(component, p.device_id) : held;
    case label::kConditionImageMatch:
    case label::kConditionImageNotMatch:
      return is_set(p.image_digest) ? match(component, command == label::kConditionImageMatch) : held;
    case label::kConditionUseBefore:
      return p.use_before ? platform_.use_before(*p.use_before) : held;
    case label::kConditionComponentSlot:
      return p.component_slot ? platform_.component_slot(component, *p.component_slot) : held;
    case label::kConditionCheckContent:
      return is_set(p.content) ? platform_.check_content(component, p.content) : held;
    case label::kConditionMinimumBattery:
      return p.minimum_battery ? platform_.minimum_battery(*p.minimum_battery) : held;
    case label::kConditionVersion: {
      cbor::Reader reader(p.version);
      const Version wanted = Version::read(reader);
      return reader.good() ? platform_.version(component, p.version_comparison, wanted) : held;
    }
    default:
      return fail(Error::kAborted);
  }
}

Result<Progress> Processor::match(Component component, bool wanted) {
  const Parameters& p = parameters_[component];
  Sha256Digest digest{};
  copy(p.image_digest, digest);
  const Result<Progress> matched = platform_.image_match(component, digest, p.image_size);
  if (matched == Progress::kWait) {
    return matched;
  }
  if (wanted) {
    unmatched_ = static_cast<ComponentBits>(matched ? unmatched_ & ~bit(component) : unmatched_);
    return matched;
  }
  if (matched) {
    return fail(Error::kConditionFailed);
  }
  const bool differs = matched.error() == Error::kImageMismatch || matched.error() == Error::kPayloadMismatch;
  return differs ? Result<Progress>(Progress::kDone) : matched;
}

// Nothing acts before the manifest has shown that it is for this device, and nothing uses what was not checked.
Result<Progress> Processor::act(std::int64_t command, Component component) {
  if (!vendor_checked_ || !class_checked_) {
    return fail(Error::kUnchecked);
  }
  const Parameters& p = parameters_[component];
  if (command == label::kDirectiveInvoke) {
    return (unmatched_ & bit(component)) == 0 ? platform_.invoke(component, p) : fail(Error::kUnchecked);
  }
  if (command == label::kDirectiveCopy || command == label::kDirectiveSwap) {
    FERRY_TRY(check_source(component));
  }
  unmatched_ = static_cast<ComponentBits>(unmatched_ | bit(component));
  switch (command) {
    case label::kDirectiveFetch:
      return platform_.fetch(component, p);
    case label::kDirectiveWrite:
      return platform_.write(component, p);
    case label::kDirectiveCopy:
      return platform_.copy(component, *p.source_component, p);
    case label::kDirectiveSwap:
      return swap(component, *p.source_component);
    default:
      return fail(Error::kUnknownCommand);
  }
}

Status Processor::check_source(Component component) const {
  const auto source = parameters_[component].source_component;
  if (!source || *source == component) {
    return fail(Error::kManifestMalformed);
  }
  return (unmatched_ & bit(*source)) == 0 ? ok() : fail(Error::kUnchecked);
}

Result<Progress> Processor::swap(Component component, Component source) {
  FERRY_TRY_ASSIGN(const Progress progress, platform_.swap(component, source));
  if (progress == Progress::kDone) {
    unmatched_ = static_cast<ComponentBits>(unmatched_ | bit(source));
  }
  return progress;
}

Status Processor::select(cbor::Reader& argument) {
  Selection selection;
  const cbor::Type type = argument.peek();
  if (type == cbor::Type::kSimple) {  // true: all of them
    selection.count = static_cast<std::uint8_t>(manifest_.component_count());
    for (Component i = 0; i < selection.count; ++i) {
      selection.components[i] = i;
    }
    selected_ = selection;
    return ok();
  }
  const std::size_t count = type == cbor::Type::kArray ? argument.array() : 1;
  argument.require(count <= kMaxComponents, Error::kManifestMalformed);
  FERRY_TRY(argument.status());
  selection.count = static_cast<std::uint8_t>(count);
  for (Component& component : std::span(selection.components).first(count)) {
    component = static_cast<Component>(argument.unsigned_integer());
  }
  selected_ = selection;
  return argument.status();
}

Status Processor::override_parameters(ByteView argument) {
  Steering steering;  // strict-order changes nothing: this processor always keeps the order
  for (const Component component : std::span(selected_.components).first(selected_.count)) {
    cbor::Reader reader(argument);
    for (cbor::MapReader map(reader); map.next();) {
      read_parameter(reader, map.key(), manifest_.component_count(), parameters_[component], steering);
    }
    FERRY_TRY(reader.status());
  }
  top().soft_failure = steering.soft_failure.value_or(top().soft_failure);
  return ok();
}

Status Processor::push(ByteView argument, bool is_try_each) {
  if (depth_ == frames_.size()) {
    return fail(Error::kManifestMalformed);
  }
  Frame& frame = frames_[depth_];
  frame = {};
  frame.argument = argument;
  frame.is_try_each = is_try_each;
  frame.selected_before = selected_;
  FERRY_TRY(start_turn(frame));
  ++depth_;
  return ok();
}

Status Processor::start_sequence(Frame& frame, ByteView sequence) {
  cbor::Reader reader(sequence);
  frame.items = reader.array();
  frame.commands = reader.rest();
  return reader.status();
}

Status Processor::start_turn(Frame& frame) {
  cbor::Reader reader(frame.argument);
  if (frame.is_try_each) {
    frame.alternatives_left = static_cast<std::uint8_t>(reader.array());
    frame.alternatives = reader.rest();
    return enter_alternative(frame);
  }
  frame.soft_failure = false;
  select_turn(frame);
  const ByteView sequence = reader.bytes();
  FERRY_TRY(reader.status());
  return start_sequence(frame, sequence);
}

Status Processor::enter_alternative(Frame& frame) {
  --frame.alternatives_left;
  frame.soft_failure = true;
  select_turn(frame);
  cbor::Reader reader(frame.alternatives);
  if (reader.next_is_null()) {  // "or none of these": an alternative that does nothing
    frame.items = 0;
    return ok();
  }
  const ByteView sequence = reader.bytes();
  frame.alternatives = reader.rest();
  FERRY_TRY(reader.status());
  return start_sequence(frame, sequence);
}

void Processor::select_turn(const Frame& frame) {
  selected_ = {.components = {frame.selected_before.components[frame.turn]}, .count = 1};
}

Status Processor::finish_turn() {
  Frame& frame = top();
  const bool again = depth_ > 1 && frame.turn + 1 < frame.selected_before.count;
  if (!again) {
    pop();
    return ok();
  }
  ++frame.turn;
  return start_turn(frame);
}

void Processor::pop() {
  selected_ = top().selected_before;
  --depth_;
}

Status Processor::recover(Error error) {
  next_selected_ = 0;
  waiting_ = false;
  if (!in_condition_ || !may_be_caught(error)) {
    return fail(error);
  }
  while (depth_ > 1) {
    Frame& frame = top();
    if (frame.is_try_each && !frame.soft_failure) {
      return fail(error);
    }
    if (frame.is_try_each && frame.alternatives_left > 0) {
      return enter_alternative(frame);
    }
    if (!frame.is_try_each && frame.soft_failure) {  // a sequence that may fail: its parent goes on behind it
      return finish_turn();
    }
    pop();  // the try-each or run-sequence itself failed, for want of what its condition wanted
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
