// What a firmware without exceptions puts in the place of the toolchain's own, which would bring exception handling
// along. Both are called by nothing that can happen.
namespace {

[[noreturn]] void stop() {
  for (;;) {
  }
}

}  // namespace

extern "C" [[noreturn, gnu::used]] void __cxa_pure_virtual() {
  stop();
}

namespace std {

[[noreturn, gnu::used]] void __throw_out_of_range_fmt(const char*, ...) {
  stop();
}

}  // namespace std
