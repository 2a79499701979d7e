// A flash image as a device leaves it, explained.
#include "device/slots/boot_state.h"
#include "device/slots/slot.h"
#include "sim/nor_flash.h"
#include "tests/tool/tool.h"

namespace ferry::tool {
namespace {

class FlashTool : public Tool {
 protected:
  FlashTool() {
    set_up_product("--slot-size 65536 --staging-size 65536");
    good("release " + release_arguments("2.1.0") + " --image app.bin --no-encrypt");
    const auto layout =
        Layout::make(flash_, {.slot_size = 65536, .staging_size = 65536, .second_size = 0, .image_count = 1});
    EXPECT_TRUE(layout.has_value());
    layout_ = *layout;
  }

  void burn(SlotId slot, std::string_view image) {
    const auto index = static_cast<std::size_t>(slot);
    std::array<std::uint8_t, 256> buffer{};
    SlotWriter writer(layout_.images[0].image[index], buffer);
    ASSERT_TRUE(writer.begin(static_cast<std::uint32_t>(image.size())).has_value());
    ASSERT_TRUE(writer.write(as_bytes(image)).has_value());
    ASSERT_TRUE(writer.finish().has_value());
    const host::Bytes envelope = host::read_file(folder_ / kManifest);
    ASSERT_TRUE(write_envelope(layout_.images[0].envelope[index], envelope).has_value());
  }
  void save(const fs::path& file, std::size_t size = SIZE_MAX) const {
    const ByteView bytes(flash_.content().bytes);
    write(file, as_text(bytes.first(std::min(size, bytes.size()))));
  }

  sim::FaultPlan faults_;
  sim::NorFlash flash_{{.size = 4 * 4096 + 3 * 65536, .sector_size = 4096, .write_size = 8}, faults_};
  Layout layout_;
};

TEST_F(FlashTool, InspectShowsJournalAndSlots) {
  burn(SlotId::kA, slurp("app.bin"));
  burn(SlotId::kB, "something else");
  Journal journal(layout_.journal);
  ASSERT_TRUE(journal.mount().has_value());
  BootStateStore store(journal);
  ASSERT_TRUE(store.adopt(SlotSet(0), {.sequence = 1}).has_value());
  ASSERT_TRUE(store.arm_trial(SlotSet(1), {.sequence = 2}, 0).has_value());
  save("flash.bin");
  const nlohmann::json whole = good("inspect flash.bin --factory 0001.factory --json").json();
  EXPECT_EQ(whole["kind"], "flash image");
  EXPECT_EQ(whole["sector"], 4096);
  EXPECT_EQ(whole["journal"]["boot-state"]["in-force"], "A");
  EXPECT_EQ(whole["journal"]["boot-state"]["trial-slots"], "B");
  EXPECT_EQ(whole["journal"]["boot-state"]["floor"]["sequence"], 1);
  EXPECT_EQ(whole["slot-A"]["version"], "2.1.0");
  EXPECT_EQ(whole["slot-A"]["image"], "good");
  EXPECT_EQ(whole["slot-B"]["image"], "image_mismatch");
  const nlohmann::json scanned = good("inspect flash.bin --json").json();
  EXPECT_EQ(scanned["journal"]["boot-state"]["in-force"], "A");
  ASSERT_EQ(scanned["envelopes"].size(), 2U);
  EXPECT_EQ(scanned["envelopes"][0]["version"], "2.1.0");
  const std::string before = slurp("flash.bin");
  good("inspect flash.bin");
  EXPECT_EQ(slurp("flash.bin"), before) << "only looked at";
}

TEST_F(FlashTool, InspectShowsAJournalAlone) {
  Journal journal(layout_.journal);
  ASSERT_TRUE(journal.mount().has_value());
  BootStateStore store(journal);
  ASSERT_TRUE(store.adopt(SlotSet(0), {.sequence = 7}).has_value());
  save("journal.bin", 4 * 4096);
  const nlohmann::json document = good("inspect journal.bin --json").json();
  EXPECT_EQ(document["journal"]["boot-state"]["floor"]["sequence"], 7);
}

TEST_F(FlashTool, InspectSurvivesRottenFlash) {
  burn(SlotId::kA, slurp("app.bin"));
  Journal journal(layout_.journal);
  ASSERT_TRUE(journal.mount().has_value());
  BootStateStore store(journal);
  ASSERT_TRUE(store.adopt(SlotSet(0), {.sequence = 7}).has_value());
  for (const std::uint32_t at : {0U, 5U, 20U, 33U, 40U, 60U}) {
    flash_.rot(at, 0x10);
    save("rotten.bin");
    flash_.rot(at, 0x10);
    const Outcome outcome = ferry("inspect rotten.bin --factory 0001.factory");
    EXPECT_TRUE(outcome.code == 0 || outcome.code == 1) << at << outcome.error;
  }
  flash_.rot(4 * 4096 + 10, 0x01);
  save("rotten.bin");
  EXPECT_EQ(good("inspect rotten.bin --factory 0001.factory --json").json()["slot-A"]["image"], "image_mismatch");
}

TEST_F(FlashTool, InspectRefusesAnotherLayout) {
  Journal journal(layout_.journal);
  ASSERT_TRUE(journal.mount().has_value());
  ASSERT_TRUE(BootStateStore(journal).adopt(SlotSet(0), {.sequence = 7}).has_value());
  save("short.bin", 8 * 4096);
  expect_failure("inspect short.bin --factory 0001.factory", "layout needs");
}

}  // namespace
}  // namespace ferry::tool
