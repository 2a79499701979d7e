#include "device/modem/time.h"

#include "device/at/text.h"
#include "device/base/bytes.h"

namespace ferry::modem {

namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}
  // Digits, at most four of them.
  unsigned digits() {
    unsigned value = 0;
    int count = 0;
    for (; count < 4 && !text_.empty() && text_[0] >= '0' && text_[0] <= '9'; ++count) {
      value = value * 10 + static_cast<unsigned>(text_[0] - '0');
      text_ = skip(text_, 1);
    }
    good_ = good_ && count > 0;
    return value;
  }
  void expect(char c) {
    good_ = good_ && !text_.empty() && text_[0] == c;
    text_ = skip(text_, 1);
  }
  void skip_blanks() {
    while (!text_.empty() && text_[0] == ' ') {
      text_ = skip(text_, 1);
    }
  }
  // +32 or -20; nothing is zero.
  int zone() {
    if (text_.empty() || (text_[0] != '+' && text_[0] != '-')) {
      return 0;
    }
    const int sign = text_[0] == '-' ? -1 : 1;
    text_ = skip(text_, 1);
    return sign * static_cast<int>(digits());
  }
  [[nodiscard]] bool good() const { return good_; }

 private:
  std::string_view text_;
  bool good_ = true;
};

}  // namespace

std::optional<WallTime> parse_time(std::string_view info, bool is_utc) {
  Reader reader(at::unquoted(at::field(info, 0)));
  const unsigned year = reader.digits();
  reader.expect('/');
  const unsigned month = reader.digits();
  reader.expect('/');
  const unsigned day = reader.digits();
  reader.expect(',');
  reader.skip_blanks();
  const unsigned hour = reader.digits();
  reader.expect(':');
  const unsigned minute = reader.digits();
  reader.expect(':');
  const unsigned second = reader.digits();
  const int zone = reader.zone();
  const int full_year = static_cast<int>(year < 100 ? 2000 + year : year);
  const std::chrono::year_month_day date{std::chrono::year(full_year), std::chrono::month(month),
                                         std::chrono::day(day)};
  if (!reader.good() || !date.ok() || full_year < 2024 || full_year >= 2080 || hour > 23 || minute > 59 ||
      second > 60 || zone < -56 || zone > 56) {
    return std::nullopt;
  }
  const auto local = std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
                     std::chrono::seconds(second);
  const auto offset = std::chrono::minutes(is_utc ? 0 : 15 * zone);
  return WallTime{std::chrono::duration_cast<WallTime::duration>((local - offset).time_since_epoch())};
}

}  // namespace ferry::modem
