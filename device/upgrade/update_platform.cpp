#include "device/upgrade/update_platform.h"

#include <algorithm>

#include "device/ftp/path.h"

namespace ferry {
namespace {

constexpr suit::Progress kDone = suit::Progress::kDone;
constexpr suit::Progress kWait = suit::Progress::kWait;

// Once, not in each of its callers.
[[gnu::noinline]] Result<suit::Progress> require_equal(ByteView ours, ByteView wanted) {
  if (!equal(ours, wanted)) {
    return fail(Error::kNotForThisDevice);
  }
  return kDone;
}

// A size past 32 bits reads as the largest one: too large for every place.
Result<std::uint32_t> size_of(const suit::Parameters& parameters, Error too_large) {
  if (!parameters.image_size) {
    return fail(Error::kManifestMalformed);
  }
  if (*parameters.image_size == UINT32_MAX) {
    return fail(too_large);
  }
  return *parameters.image_size;
}

bool is_integrated(std::string_view uri) {
  return uri.starts_with('#');
}

}  // namespace

Status StagingSink::write(ByteView bytes) {
  FERRY_TRY(staging_.append(bytes));
  reporter_.progress(EventKind::kDownloading, staging_.received(), total_);
  return ok();
}

// What is not in flash yet, the download remembers itself.
std::size_t StagingSink::tail(ByteSpan last) {
  return staging_.read_last(last) ? last.size() : 0;
}

Status UpdatePlatform::ContentSource::read(std::uint32_t offset, ByteSpan bytes) {
  if (offset > bytes_.size() || bytes.size() > bytes_.size() - offset) {
    return fail(Error::kOutOfRange);
  }
  ferry::copy(bytes_.subspan(offset, bytes.size()), bytes);
  return ok();
}

Status UpdatePlatform::Place::read(std::uint32_t offset, ByteSpan bytes) const {
  return handler != nullptr ? handler->read(offset, bytes) : area.read(offset, bytes);
}

UpdatePlatform::UpdatePlatform(const Environment& environment, ByteSpan page, Staging& staging, ftp::Download& download,
                               const TrustedTime& time, Reporter& reporter, PathBuilder& path)
    : environment_(environment),
      page_(page),
      staging_(staging),
      download_(download),
      time_(time),
      reporter_(reporter),
      path_(path),
      staging_sink_(staging, reporter) {}

void UpdatePlatform::begin(const suit::Manifest& manifest, const suit::Processor& processor, const ftp::Server& server,
                           const RunningRelease& running, ByteSpan work) {
  manifest_ = &manifest;
  processor_ = &processor;
  server_ = &server;
  running_ = &running;
  work_buffer_ = work;
  work_ = Work::kNone;
  payload_of_.fill(kNotStaged);
  payload_count_ = 0;
  unpacked_.reset();
  burnt_ = running.slots;
  burnt_handlers_ = 0;
  application_burnt_ = false;
}

// --- Conditions ---

Result<suit::Progress> UpdatePlatform::vendor_identifier(suit::Component, ByteView id) {
  return require_equal(environment_.factory.parameters.vendor_id, id);
}

Result<suit::Progress> UpdatePlatform::class_identifier(suit::Component, ByteView id) {
  return require_equal(environment_.factory.parameters.class_id, id);
}

Result<suit::Progress> UpdatePlatform::device_identifier(suit::Component, ByteView id) {
  return require_equal(environment_.factory.parameters.device_id, id);
}

Result<suit::Progress> UpdatePlatform::component_slot(suit::Component component, std::uint64_t slot) {
  FERRY_TRY_ASSIGN(const Place place, place_of(component));
  if (place.ref.kind != ComponentKind::kImage || static_cast<std::uint64_t>(spare_slot(place.ref.index)) != slot) {
    return fail(Error::kConditionFailed);
  }
  return kDone;
}

Result<suit::Progress> UpdatePlatform::use_before(std::uint64_t seconds) {
  FERRY_TRY(
      time_.use_before(seconds, environment_.clock.wall_time(), environment_.factory.settings.expiring_without_clock));
  return kDone;
}

Result<suit::Progress> UpdatePlatform::minimum_battery(std::uint64_t mwh) {
  const PowerStatus power = environment_.power.status();
  if (!power.on_mains && power.battery_mwh < mwh) {
    return fail(Error::kBatteryLow);
  }
  return kDone;
}

Result<suit::Progress> UpdatePlatform::version(suit::Component, suit::Comparison comparison,
                                               const suit::Version& wanted) {
  if (!suit::holds(running_->version, comparison, wanted)) {
    return fail(Error::kNothingNewer);
  }
  return kDone;
}

Result<suit::Progress> UpdatePlatform::check_content(suit::Component component, ByteView content) {
  FERRY_TRY_ASSIGN(const Place place, place_of(component));
  for (std::uint32_t at = 0; at < content.size();) {
    const ByteSpan chunk = work_buffer_.first(std::min<std::size_t>(work_buffer_.size(), content.size() - at));
    FERRY_TRY(place.read(at, chunk));
    if (!equal(chunk, content.subspan(at, chunk.size()))) {
      return fail(Error::kImageMismatch);
    }
    at += static_cast<std::uint32_t>(chunk.size());
  }
  return kDone;
}

// What was just burnt was hashed on its way into the slot, and read back there: its digest is known. Everything else
// is read and hashed, a piece at a time.
Result<suit::Progress> UpdatePlatform::image_match(suit::Component component, const Sha256Digest& digest,
                                                   std::optional<std::uint32_t> size) {
  if (work_ == Work::kHash) {
    FERRY_TRY_ASSIGN(const suit::Progress progress, continue_hash(digest));
    return progress;
  }
  if (unpacked_ == component) {
    const bool matches = unpacker_.image_digest() == digest && (!size || *size == unpacker_.written());
    return matches ? Result<suit::Progress>(kDone) : fail(Error::kImageMismatch);
  }
  FERRY_TRY_ASSIGN(hashed_, place_of(component));
  const std::uint32_t length = size.value_or(hashed_.limit);
  if (length > hashed_.limit) {
    return fail(Error::kImageMismatch);
  }
  hashed_.limit = length;
  hashed_bytes_ = 0;
  FERRY_TRY(hash_.restart());
  work_ = Work::kHash;
  hashed_component_ = component;
  return kWait;
}

Result<suit::Progress> UpdatePlatform::continue_hash(const Sha256Digest& digest) {
  if (hashed_bytes_ < hashed_.limit) {
    const auto length = std::min<std::size_t>(work_buffer_.size(), hashed_.limit - hashed_bytes_);
    const ByteSpan chunk = work_buffer_.first(length);
    const Status read = hashed_.read(hashed_bytes_, chunk);
    if (!read) {
      work_ = Work::kNone;
      return fail(read.error());
    }
    FERRY_TRY(hash_.update(chunk));
    hashed_bytes_ += static_cast<std::uint32_t>(length);
    return kWait;
  }
  work_ = Work::kNone;
  FERRY_TRY_ASSIGN(const Sha256Digest found, hash_.finish());
  if (found != digest) {
    return fail(mismatch(hashed_component_));
  }
  return kDone;
}

// A staged payload that does not match is of no use: the next visit fetches it anew.
Error UpdatePlatform::mismatch(suit::Component component) {
  const std::uint8_t index = payload_of_[component];
  if (index == kNotStaged) {
    return Error::kImageMismatch;
  }
  const Status discarded = staging_.discard(index);
  return discarded ? Error::kPayloadMismatch : discarded.error();
}

// --- fetch: into staging ---

Result<suit::Progress> UpdatePlatform::fetch(suit::Component component, const suit::Parameters& parameters) {
  return work_ == Work::kFetch ? continue_fetch() : start_fetch(component, parameters);
}

Result<suit::Progress> UpdatePlatform::start_fetch(suit::Component component, const suit::Parameters& parameters) {
  FERRY_TRY_ASSIGN(const Place place, place_of(component));
  if (place.ref.role != ComponentRole::kStaged) {
    return fail(Error::kUnsupported);  // nothing goes into a slot before it was checked
  }
  FERRY_TRY(check_sizes());
  FERRY_TRY_ASSIGN(const std::uint32_t size, size_of(parameters, Error::kStagingTooSmall));
  FERRY_TRY_ASSIGN(const std::uint8_t index, payload_index(component));
  FERRY_TRY(staging_.select(index, size));
  if (staging_.complete()) {
    return kDone;
  }
  const std::string_view uri = parameters.uri;
  if (uri.data() == nullptr) {
    return fail(Error::kManifestMalformed);
  }
  return is_integrated(uri) ? take_integrated(uri) : start_download(uri, size);
}

Result<suit::Progress> UpdatePlatform::take_integrated(std::string_view uri) {
  FERRY_TRY_ASSIGN(const ByteView content, manifest_->integrated_payload(uri));
  if (staging_.received() > content.size()) {
    return fail(Error::kPayloadTooShort);
  }
  FERRY_TRY(staging_.append(content.subspan(staging_.received())));
  return staging_.complete() ? Result<suit::Progress>(kDone) : fail(Error::kPayloadTooShort);
}

Result<suit::Progress> UpdatePlatform::start_download(std::string_view uri, std::uint32_t size) {
  if (!ftp::is_safe_path(uri)) {
    return fail(Error::kBadUri);
  }
  path_.begin(environment_.factory.settings.ftp_root, environment_.factory.parameters.product).add(uri);
  FERRY_TRY_ASSIGN(const std::string_view path, path_.finish());
  staging_sink_.expect(size);
  download_.start(*server_, path, size, size, staging_sink_, now_);
  work_ = Work::kFetch;
  return kWait;
}

Result<suit::Progress> UpdatePlatform::continue_fetch() {
  download_.poll(now_);
  if (download_.state() == ftp::DownloadState::kWorking) {
    return kWait;
  }
  work_ = Work::kNone;
  const Status outcome = download_.outcome();
  if (outcome.error() == Error::kFtpSizeMismatch) {  // what is staged is not a beginning of the file
    FERRY_TRY(staging_.discard(staging_.selected()));
  }
  FERRY_TRY(outcome);
  return staging_.complete() ? Result<suit::Progress>(kDone) : fail(Error::kFtpTransferIncomplete);
}

// Payloads are numbered in the order in which the sequence fetches them, which is the same at every visit.
Result<std::uint8_t> UpdatePlatform::payload_index(suit::Component component) {
  if (payload_of_[component] == kNotStaged) {
    if (payload_count_ == Staging::kMaxPayloads) {
      return fail(Error::kTooManyComponents);
    }
    payload_of_[component] = payload_count_++;
  }
  return payload_of_[component];
}

// Before the first byte is fetched: will every image fit?
Status UpdatePlatform::check_sizes() const {
  const auto count = static_cast<suit::Component>(manifest_->component_count());
  for (suit::Component i = 0; i < count; ++i) {
    FERRY_TRY_ASSIGN(const Place place, place_of(i));
    const auto size = processor_->parameters(i).image_size;
    if (place.ref.role == ComponentRole::kTarget && size && *size > place.limit) {
      return fail(Error::kImageTooLarge);
    }
  }
  return ok();
}

// --- copy and write: into a spare slot or a handler ---

Result<suit::Progress> UpdatePlatform::copy(suit::Component component, suit::Component source,
                                            const suit::Parameters& parameters) {
  if (environment_.power.status().brown_out_warning) {
    return kWait;  // nothing is burnt on power that is about to go
  }
  if (work_ == Work::kUnpack) {
    return continue_unpack(component);
  }
  const std::uint8_t index = source < payload_of_.size() ? payload_of_[source] : kNotStaged;
  if (index == kNotStaged) {
    return fail(Error::kUnsupported);
  }
  staged_source_ = payload::AreaSource(staging_.payload(index), staging_.payload_size(index));
  FERRY_TRY_ASSIGN(const ByteView seal, staged_source_.open_seal(work_buffer_));
  FERRY_TRY(start_unpack(component, staged_source_, parameters, seal.empty() ? parameters.encryption_info : seal));
  return kWait;
}

Result<suit::Progress> UpdatePlatform::write(suit::Component component, const suit::Parameters& parameters) {
  if (work_ == Work::kUnpack) {
    return continue_unpack(component);
  }
  if (parameters.content.data() == nullptr) {
    return fail(Error::kManifestMalformed);
  }
  content_source_.set(parameters.content);
  FERRY_TRY(start_unpack(component, content_source_, parameters, parameters.encryption_info));
  return kWait;
}

Status UpdatePlatform::start_unpack(suit::Component component, payload::Source& source,
                                    const suit::Parameters& parameters, ByteView encryption_info) {
  FERRY_TRY_ASSIGN(const Place target, place_of(component));
  FERRY_TRY_ASSIGN(const std::uint32_t size, size_of(parameters, Error::kImageTooLarge));
  std::optional<cose::ContentKey> key;
  if (encryption_info.data() != nullptr) {
    FERRY_TRY_ASSIGN(key, cose::open_encrypt(encryption_info, environment_.factory.parameters.keys));
  }
  FERRY_TRY_ASSIGN(ImageSink* const sink, sink_of(target));
  FERRY_TRY(unpacker_.begin(source, *sink, size, key, work_buffer_, makers_of(target)));
  unpacked_.reset();
  unpacking_ = size;
  work_ = Work::kUnpack;
  return ok();
}

// A delta is made from the image that runs; a packed image refers to what has been written of it.
payload::Makers UpdatePlatform::makers_of(const Place& target) {
  if (target.ref.kind != ComponentKind::kImage) {
    return {};
  }
  const auto running = static_cast<std::size_t>(running_->slots.slot(target.ref.index));
  const Area& area = environment_.layout.images[target.ref.index].image[running];
  running_image_ = payload::AreaSource(area, area.size());
  written_image_ = payload::AreaSource(target.area, target.area.size());
  return {.of_delta = {.decoder = environment_.delta_decoder, .from = &running_image_},
          .of_packed = {.decoder = environment_.packed_decoder, .from = &written_image_}};
}

Result<ImageSink*> UpdatePlatform::sink_of(const Place& target) {
  if (target.ref.role != ComponentRole::kTarget) {
    return fail(Error::kUnsupported);
  }
  if (target.handler != nullptr) {
    return target.handler;
  }
  if (target.ref.index == 0) {  // from here on the slot is not a whole image
    FERRY_TRY(erase_envelope(environment_.layout.images[0].envelope[static_cast<std::size_t>(spare_slot(0))]));
  }
  return &slot_writer_.emplace(target.area, page_);
}

Result<suit::Progress> UpdatePlatform::continue_unpack(suit::Component component) {
  const auto done = unpacker_.step();
  if (!done) {
    work_ = Work::kNone;
    return fail(done.error());
  }
  reporter_.progress(EventKind::kBurnt, unpacker_.written(), unpacking_);
  if (!*done) {
    return kWait;
  }
  work_ = Work::kNone;
  unpacked_ = component;
  FERRY_TRY_ASSIGN(const Place place, place_of(component));
  const ComponentRef target = place.ref;
  if (target.kind == ComponentKind::kHandler) {
    burnt_handlers_ = static_cast<std::uint8_t>(burnt_handlers_ | (1U << target.index));
  } else {
    burnt_ =
        burnt_.slot(target.index) == running_->slots.slot(target.index) ? burnt_.with_flipped(target.index) : burnt_;
    application_burnt_ = application_burnt_ || target.index == 0;
  }
  return kDone;
}

// Two slots that are swapped would both be at risk; the boot decision swaps names instead.
Result<suit::Progress> UpdatePlatform::swap(suit::Component, suit::Component) {
  return fail(Error::kUnsupported);
}

// To invoke is the bootloader's affair.
Result<suit::Progress> UpdatePlatform::invoke(suit::Component, const suit::Parameters&) {
  return fail(Error::kUnsupported);
}

// --- Where a component is ---

Result<UpdatePlatform::Place> UpdatePlatform::place_of(suit::Component component) const {
  Place place;
  FERRY_TRY_ASSIGN(place.ref, resolve_component(environment_.factory.parameters, manifest_->component_id(component)));
  const ComponentRef& ref = place.ref;
  if (ref.role == ComponentRole::kStaged) {
    if (const std::uint8_t index = payload_of_[component]; index != kNotStaged) {
      place.area = staging_.payload(index);
      place.limit = staging_.payload_size(index);
    }
  } else if (ref.kind == ComponentKind::kHandler) {
    if (ref.index >= environment_.handlers.size() || ref.role == ComponentRole::kRunning) {
      return fail(Error::kNotForThisDevice);
    }
    place.handler = environment_.handlers[ref.index];
    place.limit = UINT32_MAX;
  } else {
    if (ref.index >= environment_.layout.image_count) {
      return fail(Error::kNotForThisDevice);
    }
    const SlotId running = running_->slots.slot(ref.index);
    const SlotId slot = ref.role == ComponentRole::kRunning ? running : other(running);
    place.area = environment_.layout.images[ref.index].image[static_cast<std::size_t>(slot)];
    place.limit = place.area.size();
  }
  return place;
}

}  // namespace ferry
