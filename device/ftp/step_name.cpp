#include <array>

#include "device/ftp/transitions.h"

namespace ferry::ftp {

std::string_view name(Step step) {
  constexpr std::array<std::string_view, static_cast<std::size_t>(Step::kAny)> names = {"idle",
                                                                                        "connecting",
                                                                                        "greeting",
                                                                                        "user",
                                                                                        "pass",
                                                                                        "type",
                                                                                        "ready",
                                                                                        "size",
                                                                                        "epsv",
                                                                                        "pasv",
                                                                                        "data connecting",
                                                                                        "rest",
                                                                                        "retr",
                                                                                        "receiving",
                                                                                        "draining",
                                                                                        "received",
                                                                                        "orphaned",
                                                                                        "aborting",
                                                                                        "stor",
                                                                                        "appe",
                                                                                        "sending",
                                                                                        "sent",
                                                                                        "quit",
                                                                                        "failed"};
  return names[static_cast<std::size_t>(step)];
}

}  // namespace ferry::ftp
