// A factory file for tests, with every field set.
#pragma once

#include "device/factory/factory.h"

namespace ferry {

template <typename Array>
Array counting_from(std::uint8_t first) {
  Array array{};
  for (auto& byte : array) {
    byte = first++;
  }
  return array;
}

inline FactoryFile sample_factory() {
  FactoryFile file;
  FactoryParameters& parameters = file.parameters;
  parameters.vendor_id = counting_from<Uuid>(0x10);
  parameters.class_id = counting_from<Uuid>(0x20);
  parameters.device_id = counting_from<Uuid>(0x30);
  parameters.serial = "SN-0001";
  parameters.product = "acme.example/m1/r2";
  parameters.hardware = "r2";
  parameters.anchors[0] = {.algorithm = cose::kEsp256, .key = counting_from<P256PublicKey>(0x04)};
  parameters.anchor_count = 1;
  parameters.keys.ecdh = counting_from<P256PrivateKey>(0x50);
  parameters.keys.key_encryption = counting_from<AesKey>(0x80);
  parameters.components[0] = {.name = "radio", .kind = ComponentKind::kImage, .program = {}};
  parameters.components[1] = {.name = "rootfs", .kind = ComponentKind::kHandler, .program = "rauc install -"};
  parameters.component_count = 2;
  Settings& settings = file.settings;
  settings.ftp = {.host = "ftp.example", .port = 21, .user = "fleet", .password = "secret"};
  settings.ftp_root = "fw";
  settings.business = {.host = "hub.example", .port = 1883, .user = "device", .password = "token"};
  settings.window = {.zone_minutes = -210, .start_minute = 90, .length_minutes = 180, .days = 0x1F};
  settings.flash = {.sector_size = 4096, .slot_size = 262144, .staging_size = 131072, .second_size = 65536};
  settings.trial_seconds = 300;
  settings.report_seconds = 30;
  settings.stale_days = 90;
  settings.expiring_without_clock = true;
  settings.device_manifest = true;
  return file;
}

}  // namespace ferry
