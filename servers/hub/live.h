// What happens now, for those who listen: a ring of the newest news. May be used by several threads.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace ferry::hub {

struct News {
  std::string kind;     // "device" or "readings"
  std::string device;   // whom it is about
  std::int64_t id = 0;  // of an event
  std::string data;     // one line of JSON
};

class Live {
 public:
  static constexpr std::size_t kKept = 4096;

  void publish(News news);
  // The place after the newest.
  [[nodiscard]] std::uint64_t position() const;
  // What came since `position`, which moves on; who was away for too long misses the oldest. With a device: what is
  // about it; without: no readings.
  [[nodiscard]] std::vector<std::shared_ptr<const News>> since(std::uint64_t& position,
                                                               const std::string& device) const;

  // Readings are published for those devices only that somebody looks at.
  void watch(const std::string& device);
  void unwatch(const std::string& device);
  [[nodiscard]] bool is_watched(const std::string& device) const;
  [[nodiscard]] std::set<std::string> watched() const;

  // Called after each publish(), from its thread. Nothing: nobody is told.
  void on_news(std::function<void()> call);

 private:
  mutable std::mutex mutex_;
  std::deque<std::shared_ptr<const News>> kept_;
  std::uint64_t first_ = 0;  // position of the oldest that is kept
  std::map<std::string, int> watched_;
  std::function<void()> call_;
};

// As text/event-stream has it.
[[nodiscard]] std::string to_stream(const News& news);

}  // namespace ferry::hub
