#include "device/slots/layout.h"

namespace ferry {
namespace {

// Hands out areas one behind the other.
class Allocator {
 public:
  explicit Allocator(NorFlash& flash) : flash_(flash) {}

  Area take(std::uint32_t size) {
    const Area area(flash_, next_, size);
    next_ += size;
    return area;
  }

 private:
  NorFlash& flash_;
  std::uint32_t next_ = 0;
};

bool whole_sectors(std::uint32_t size, std::uint32_t sector) {
  return size > 0 && size % sector == 0;
}

std::uint32_t envelope_size(std::uint32_t sector) {
  return (Layout::kEnvelopeSize + sector - 1) / sector * sector;
}

}  // namespace

std::uint64_t Layout::bytes_needed(const LayoutPlan& plan, std::uint32_t sector_size) {
  const std::uint64_t further = plan.image_count > 0 ? plan.image_count - 1 : 0;
  return std::uint64_t{kJournalSectors} * sector_size + 2ULL * plan.slot_size + 2ULL * plan.second_size * further +
         plan.staging_size;
}

Result<Layout> Layout::make(NorFlash& flash, const LayoutPlan& plan) {
  const std::uint32_t sector = flash.geometry().sector_size;
  const std::uint32_t envelope = envelope_size(sector);
  const bool further = plan.image_count > 1;
  if (plan.image_count < 1 || plan.image_count > kMaxImages || !whole_sectors(plan.slot_size, sector) ||
      !whole_sectors(plan.staging_size, sector) || (further && !whole_sectors(plan.second_size, sector)) ||
      plan.slot_size <= envelope) {
    return fail(Error::kInvalidArgument);
  }
  if (bytes_needed(plan, sector) > flash.geometry().size) {
    return fail(Error::kNoSpace);
  }
  Allocator allocator(flash);
  Layout layout;
  layout.image_count = plan.image_count;
  layout.journal = allocator.take(kJournalSectors * sector);
  for (std::size_t i = 0; i < plan.image_count; ++i) {
    for (std::size_t slot = 0; slot < 2; ++slot) {
      const std::uint32_t envelope_part = i == 0 ? envelope : 0;
      layout.images[i].image[slot] = allocator.take((i == 0 ? plan.slot_size : plan.second_size) - envelope_part);
      layout.images[i].envelope[slot] = envelope_part != 0 ? allocator.take(envelope_part) : Area();
    }
  }
  layout.staging = allocator.take(plan.staging_size);
  return layout;
}

}  // namespace ferry
