#include "sim/modem.h"
namespace ferry::sim {
std::unique_ptr<ModemDialect> make_simcom_dialect() {
  return make_quectel_dialect();
}
std::unique_ptr<ModemDialect> make_ublox_dialect() {
  return make_quectel_dialect();
}
}  // namespace ferry::sim
