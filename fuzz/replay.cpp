// Stands in for libFuzzer in the ordinary test run: goes over a corpus, then over mutations of it, the same every time.
// NAME_replay CORPUS_FOLDER [ROUNDS [SEED]]
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Bytes = std::vector<std::uint8_t>;
constexpr std::size_t kLongest = 4096;

std::vector<Bytes> read_corpus(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths(std::filesystem::directory_iterator(folder), {});
  std::sort(paths.begin(), paths.end());  // the order of a directory is not the same everywhere
  std::vector<Bytes> corpus;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return corpus;
}

void mutate(Bytes& bytes, const std::vector<Bytes>& corpus, std::mt19937& random) {
  const auto place = [&] { return static_cast<std::ptrdiff_t>(random() % (bytes.size() + 1)); };
  const auto inside = [&] { return random() % bytes.size(); };
  switch (bytes.empty() ? 4U : random() % 7) {
    case 0:
      bytes[inside()] = static_cast<std::uint8_t>(random());
      break;
    case 1:
      bytes[inside()] ^= static_cast<std::uint8_t>(1U << random() % 8);
      break;
    case 2:
      bytes[inside()] += static_cast<std::uint8_t>(random() % 2 == 0 ? 1 : 0xFF);
      break;
    case 3: {
      const auto from = inside();
      const auto to = std::min<std::size_t>(bytes.size(), from + 1 + random() % 8);
      bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(from), bytes.begin() + static_cast<std::ptrdiff_t>(to));
      break;
    }
    case 4:
      bytes.insert(bytes.begin() + place(), static_cast<std::uint8_t>(random()));
      break;
    case 5:
      bytes.resize(inside());
      break;
    default: {
      const Bytes& other = corpus[random() % corpus.size()];
      const std::size_t length = std::min<std::size_t>(other.size(), 1 + random() % 64);
      const std::size_t from = random() % (other.size() - length + 1);
      const Bytes piece(other.begin() + static_cast<std::ptrdiff_t>(from),
                        other.begin() + static_cast<std::ptrdiff_t>(from + length));
      bytes.insert(bytes.begin() + place(), piece.begin(), piece.end());
      break;
    }
  }
  bytes.resize(std::min(bytes.size(), kLongest));
}

// On a heap block of exactly its size, so that a sanitizer sees a read past the end.
void run(const Bytes& bytes) {
  const Bytes exact(bytes.begin(), bytes.end());
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<Bytes> corpus = argc > 1 ? read_corpus(argv[1]) : std::vector<Bytes>();
  if (corpus.empty()) {
    std::fprintf(stderr, "usage: %s CORPUS_FOLDER [ROUNDS [SEED]]; the folder must hold inputs\n", argv[0]);
    return 2;
  }
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 10'000;
  const int seed = argc > 3 ? std::atoi(argv[3]) : 1;
  std::mt19937 random(static_cast<std::uint32_t>(seed));  // the same inputs every time
  for (const Bytes& bytes : corpus) {
    run(bytes);
  }
  for (int round = 0; round < rounds; ++round) {
    Bytes bytes = corpus[random() % corpus.size()];
    for (auto changes = 1 + random() % 4; changes > 0; --changes) {
      mutate(bytes, corpus, random);
    }
    run(bytes);
  }
  std::printf("%zu inputs and %d mutations of them\n", corpus.size(), rounds);
  return 0;
}
