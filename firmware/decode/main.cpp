// Decodes a delta on the emulated Cortex-M4 and prints how long it took. In front of the board's flash stand three
// sizes (old image, patch, new image), then the old image and the patch; the new image is written behind them.
#include <cstring>

#include "device/base/bytes.h"
#include "device/delta/decoder.h"
#include "device/delta/in_memory.h"
#include "firmware/port.h"

namespace ferry {
namespace {

delta::Decoder<> decoder;
std::array<std::uint8_t, 1024> page;

Status decode(ByteView flash, std::uint32_t old_size, std::uint32_t patch_size, std::uint32_t image_size,
              std::uint8_t* out) {
  delta::ImageInMemory old(flash.subspan(0, old_size));
  delta::PatchInMemory patch(flash.subspan(old_size, patch_size));
  FERRY_TRY(decoder.image_decoder().begin(old, patch, patch_size, image_size));
  while (true) {
    FERRY_TRY_ASSIGN(const std::size_t count, decoder.image_decoder().produce(page));
    if (count == 0) {
      return ok();
    }
    std::memcpy(out, page.data(), count);
    out += count;
  }
}

}  // namespace
}  // namespace ferry

extern "C" void run_program() {
  using namespace ferry;
  port::Console console;
  port::Clock clock;
  console.start();
  clock.start();
  auto* const flash = reinterpret_cast<std::uint8_t*>(port::kFlashAddress);
  const ByteView head(flash, 12);
  const std::uint32_t old_size = load_le32(head);
  const std::uint32_t patch_size = load_le32(head.subspan(4));
  const std::uint32_t image_size = load_le32(head.subspan(8));
  const std::uint32_t input = old_size + patch_size;
  const auto from = clock.now();
  const Status done = decode(ByteView(flash + 12, input), old_size, patch_size, image_size, flash + 12 + input);
  const auto spent = static_cast<std::uint32_t>((clock.now() - from).count());
  console.print("decode: ").print(static_cast<std::uint32_t>(done.error())).print(" ").print(spent).print(" ms ");
  console.print(sizeof decoder).print(" bytes of RAM ").print(port::stack_used()).print(" of stack\n");
  for (;;) {
    port::wait_for_interrupt();
  }
}
