// Any bytes as the flash of a journal, raw or as changes to a journal in use: it mounts, says nothing that no record
// said, takes records again, and comes to the same values at the next mount.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>

#include "device/journal/journal.h"
#include "sim/nor_flash.h"

namespace {

using namespace ferry;
using Value = std::vector<std::uint8_t>;
using Values = std::array<std::optional<Value>, Journal::kMaxTags>;

void check(bool holds) {
  if (!holds) {
    std::abort();
  }
}

// Takes bytes off the input; zeros when it is used up.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : bytes_(data, size) {}
  std::uint8_t byte() {
    const std::uint8_t value = bytes_.empty() ? std::uint8_t{0} : bytes_.front();
    bytes_ = bytes_.empty() ? bytes_ : bytes_.subspan(1);
    return value;
  }
  [[nodiscard]] ByteView rest() const { return bytes_; }

 private:
  ByteView bytes_;
};

// A journal after some records and resets.
void use(NorFlash& flash, Input& input) {
  Journal journal(Area(flash, 0, flash.geometry().size));
  check(journal.mount().has_value());
  for (int puts = input.byte() % 64; puts > 0; --puts) {
    const std::uint8_t what = input.byte();
    const Value value(input.byte() % 129, what);
    const auto tag = static_cast<Tag>(1 + what % 15);
    const Status put = journal.put(tag, value);
    check(put.has_value() || put.error() == Error::kJournalFull);
    check(what < 240 || journal.mount().has_value());
  }
}

Values values_of(const Journal& journal) {
  Values values;
  for (std::uint8_t tag = 1; tag < Journal::kMaxTags; ++tag) {
    Value buffer(Journal::kMaxValue);
    const auto found = journal.get(static_cast<Tag>(tag), buffer);
    check(found.has_value() || found.error() == Error::kNotFound);
    values[tag] = found ? std::optional(Value(found->begin(), found->end())) : std::nullopt;
  }
  return values;
}

void change(sim::NorFlash& flash, Input& input, bool raw) {
  sim::NorFlash::Content content = flash.content();
  if (raw) {
    std::copy_n(input.rest().begin(), std::min(input.rest().size(), content.bytes.size()), content.bytes.begin());
  }
  while (!raw && !input.rest().empty()) {
    const std::size_t at = (input.byte() * 256U + input.byte()) % content.bytes.size();
    content.bytes[at] ^= input.byte();
  }
  const std::uint32_t unit = flash.geometry().write_size;
  for (std::size_t i = 0; i < content.programmed.size(); ++i) {
    const auto first = content.bytes.begin() + static_cast<std::ptrdiff_t>(i * unit);
    content.programmed[i] = std::any_of(first, first + unit, [](std::uint8_t byte) { return byte != 0xFF; });
  }
  flash.restore(content);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  const std::uint8_t kind = input.byte();
  const std::uint32_t sector = 1024U << (kind / 8 % 2);
  sim::FaultPlan faults;
  sim::NorFlash flash({.size = 2 * sector, .sector_size = sector, .write_size = 1U << (kind % 6)}, faults);
  const bool raw = kind >= 192;
  if (!raw) {
    use(flash, input);
  }
  change(flash, input, raw);

  Journal journal(Area(flash, 0, 2 * sector));
  check(journal.mount().has_value());
  Values values = values_of(journal);
  const bool lost = journal.lost_records();
  Journal again(Area(flash, 0, 2 * sector));
  check(again.mount().has_value() && again.lost_records() == lost && values_of(again) == values);
  const Value fresh = {1, 2, 3, kind};
  const Status put = again.put(Tag::kTime, fresh);
  check(put.has_value() || put.error() == Error::kJournalFull);
  values[static_cast<std::size_t>(Tag::kTime)] = put ? std::optional(fresh) : values[3];
  check(again.forget_losses().has_value());
  Journal last(Area(flash, 0, 2 * sector));
  check(last.mount().has_value() && !last.lost_records() && values_of(last) == values);
  return 0;
}
