#include "tools/ferry/delta_drawing.h"

#include <algorithm>
#include <fmt/format.h>

namespace ferry::tool {
namespace {

using host::delta::Account;
using host::delta::BlockAccount;
using host::delta::Unit;

constexpr double kLeft = 20;
constexpr double kWidth = 960;
constexpr double kOldTop = 70;
constexpr double kNewTop = 230;
constexpr double kBar = 26;
constexpr double kCostBottom = 380;
constexpr double kCostHeight = 90;
constexpr double kPartsTop = 420;
constexpr const char* kCopied = "#8db4d8";
constexpr const char* kLiteral = "#d9593d";
constexpr const char* kCommand = "#7a6fa8";
constexpr const char* kMap = "#b0a060";
constexpr const char* kHeader = "#999999";
constexpr const char* kPredicted = "#4f9e6b";

std::string escape(const std::string& text) {
  std::string out;
  for (const char c : text) {
    out += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : c == '"' ? "&quot;" : std::string(1, c);
  }
  return out;
}

std::string rectangle(double x, double y, double width, double height, const char* colour, const std::string& tip) {
  return fmt::format(R"(<rect x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}" fill="{}"><title>{}</title></rect>)"
                     "\n",
                     x, y, std::max(width, 0.3), height, colour, tip);
}

std::string text(double x, double y, const std::string& what) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", x, y, what);
}

// Both images on one scale.
class Drawing {
 public:
  Drawing(const Account& account, const std::string& title)
      : account_(account), scale_(kWidth / std::max({1U, account.header.old_size, account.new_size})), title_(title) {}

  std::string draw() {
    out_ =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1000 520\" font-family=\"sans-serif\" "
        "font-size=\"12\">\n<rect width=\"1000\" height=\"520\" fill=\"white\"/>\n";
    out_ += text(
        kLeft, 24,
        fmt::format("{}: {} bytes make the {} of the new image", escape(title_), account_.size, account_.new_size));
    out_ += text(kLeft, kOldTop - 8, fmt::format("old image, {} bytes", account_.header.old_size));
    out_ += rectangle(kLeft, kOldTop, scale_ * account_.header.old_size, kBar, "#dddddd", "old image");
    out_ += text(kLeft, kNewTop + kBar + 16,
                 fmt::format("new image, {} bytes, and below what each place of it costs", account_.new_size));
    for (const BlockAccount& block : account_.blocks) {
      copy(block);
    }
    for (const BlockAccount& block : account_.blocks) {
      place(block);
    }
    costs();
    parts();
    return out_ + "</svg>\n";
  }

 private:
  [[nodiscard]] double x(std::uint32_t at) const { return kLeft + scale_ * at; }

  void copy(const BlockAccount& block) {
    if (block.copied == 0) {
      return;
    }
    const std::uint32_t to = block.at + block.literals;
    out_ +=
        fmt::format("<path d=\"M{:.2f} {} L{:.2f} {} L{:.2f} {} L{:.2f} {} Z\" fill=\"{}\" fill-opacity=\"0.35\"/>\n",
                    x(block.old_start), kOldTop + kBar, x(block.old_start + block.copied), kOldTop + kBar,
                    x(to + block.copied), kNewTop, x(to), kNewTop, kCopied);
  }

  void place(const BlockAccount& block) {
    const std::uint32_t to = block.at + block.literals;
    if (block.literals > 0) {
      out_ += rectangle(
          x(block.at), kNewTop, scale_ * block.literals, kBar, kLiteral,
          fmt::format("{} literal bytes at {:#x}: {:.1f} bytes", block.literals, block.at, block.literal_bytes));
    }
    if (block.copied > 0) {
      out_ += rectangle(x(to), kNewTop, scale_ * block.copied, kBar, kCopied,
                        fmt::format("{} bytes at {:#x} from {:#x}, {} changed: {:.1f} bytes", block.copied, to,
                                    block.old_start, block.changed, block.copy_bytes));
    }
  }

  // Bytes of the delta by place of the new image, in columns.
  void costs() {
    constexpr std::size_t kColumns = 240;
    std::array<double, kColumns> columns{};
    for (const BlockAccount& block : account_.blocks) {
      const double size = std::max<double>(1, block.literals + block.copied);
      for (double at = block.at; at < block.at + size; at += std::max(1.0, size / 64)) {
        const double share = std::min(1.0, std::max(1.0, size / 64) / size);
        const auto column = static_cast<std::size_t>(at * scale_ / kWidth * kColumns);
        columns[std::min(column, kColumns - 1)] += block.bytes() * share;
      }
    }
    const double most = std::max(0.001, *std::max_element(columns.begin(), columns.end()));
    for (std::size_t i = 0; i < kColumns; ++i) {
      const double height = kCostHeight * columns[i] / most;
      if (height > 0.05) {
        out_ += rectangle(kLeft + kWidth / kColumns * static_cast<double>(i), kCostBottom - height,
                          kWidth / kColumns - 0.5, height, kCommand, fmt::format("{:.1f} bytes", columns[i]));
      }
    }
  }

  void parts() {
    const auto unit = [&](Unit which) { return account_.units[static_cast<std::size_t>(which)].bytes; };
    const double words = unit(Unit::kBranch) + unit(Unit::kImageAddress) + unit(Unit::kRamAddress);
    double at = kLeft;
    double row = kLeft;
    const double scale = kWidth / static_cast<double>(std::max<std::size_t>(1, account_.size));
    for (const auto& [name, bytes, colour] :
         {std::tuple("headers", static_cast<double>(account_.header_bytes), kHeader),
          std::tuple("address map", account_.map_bytes, kMap), std::tuple("commands", account_.command_bytes, kCommand),
          std::tuple("literals", account_.literal_bytes, kLiteral), std::tuple("predicted words", words, kPredicted),
          std::tuple("other copied bytes", unit(Unit::kByte), kCopied)}) {
      const std::string label = fmt::format("{}: {:.0f}", name, bytes);
      out_ += rectangle(at, kPartsTop, bytes * scale, kBar, colour, label + " bytes");
      out_ += rectangle(row, kPartsTop + 44, 10, 10, colour, name);
      out_ += text(row + 14, kPartsTop + 53, label);
      at += bytes * scale;
      row += kWidth / 6;
    }
    out_ += text(kLeft, kPartsTop - 8, "the delta's bytes");
  }

  const Account& account_;
  double scale_;
  std::string title_;
  std::string out_;
};

}  // namespace

std::string draw(const host::delta::Account& account, const std::string& title) {
  return Drawing(account, title).draw();
}

}  // namespace ferry::tool
