// Makes an image of a payload on an emulated board and prints how long it took. In front of the board's flash stand
// four words (kind of the payload, size of the old image, of what is behind the payload's header, of the new image),
// then the old image and what is behind the header; the new image is written behind them.
#include <cstring>

#include "device/base/bytes.h"
#include "device/coding/in_memory.h"
#include "firmware/decode/decoders.h"
#include "firmware/port.h"

namespace ferry {
namespace {

constexpr std::uint32_t kHead = 16;

std::array<std::uint8_t, 1024> page;

struct Job {
  payload::Kind kind;
  ByteView old;
  ByteView coded;
  ByteSpan image;
};

Job job_in(std::uint8_t* flash) {
  const ByteView head(flash, kHead);
  const std::uint32_t old_size = load_le32(head.subspan(4));
  const std::uint32_t coded_size = load_le32(head.subspan(8));
  std::uint8_t* const coded = flash + kHead + old_size;
  return {.kind = static_cast<payload::Kind>(load_le32(head)),
          .old = ByteView(flash + kHead, old_size),
          .coded = ByteView(coded, coded_size),
          .image = ByteSpan(coded + coded_size, load_le32(head.subspan(12)))};
}

Status decode(const Job& job, coding::ImageDecoder& decoder) {
  coding::ImageInMemory from(job.kind == payload::Kind::kPacked ? ByteView(job.image) : job.old);
  coding::BytesInMemory source(job.coded);
  const auto image_size = static_cast<std::uint32_t>(job.image.size());
  FERRY_TRY(decoder.begin(from, source, static_cast<std::uint32_t>(job.coded.size()), image_size));
  std::uint8_t* out = job.image.data();
  while (true) {
    FERRY_TRY_ASSIGN(const std::size_t count, decoder.produce(page));
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
  const Job job = job_in(reinterpret_cast<std::uint8_t*>(port::kFlashAddress));
  const firmware::Chosen chosen = firmware::decoder_of(job.kind);
  const auto from = clock.now();
  const Status done =
      chosen.decoder != nullptr ? decode(job, *chosen.decoder) : Status(fail(Error::kPayloadKindUnsupported));
  const auto spent = static_cast<std::uint32_t>((clock.now() - from).count());
  console.print("decode: ").print(static_cast<std::uint32_t>(done.error())).print(" ").print(spent).print(" ms ");
  console.print(chosen.objects).print(" bytes of RAM ").print(port::stack_used()).print(" of stack\n");
  for (;;) {
    port::wait_for_interrupt();
  }
}
