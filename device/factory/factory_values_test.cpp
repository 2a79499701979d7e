// Every value at and past the ends of its range.
#include <functional>
#include <gtest/gtest.h>

#include "device/factory/factory_check.h"
#include "device/factory/sample_test_util.h"

namespace ferry {
namespace {

using Change = std::function<void(FactoryParameters&, Settings&)>;

bool passes(const Change& change) {
  FactoryFile file = sample_factory();
  change(file.parameters, file.settings);
  return check_factory(file).has_value();
}

// Texts that the file holds views of.
const std::string kText64(64, 'x');
const std::string kText65(65, 'x');
const std::string kText128(128, 'x');
const std::string kText129(129, 'x');
const std::string kText253(253, 'x');
const std::string kText254(254, 'x');
const std::string kText257(257, 'x');

void expect_all(const std::vector<Change>& changes, bool pass) {
  for (std::size_t i = 0; i < changes.size(); ++i) {
    EXPECT_EQ(passes(changes[i]), pass) << "change " << i;
  }
}

TEST(FactoryValues, Names) {
  expect_all({[](auto& p, auto&) { p.serial = kText64; }, [](auto& p, auto&) { p.serial = "\xC3\xA9"; },
              [](auto& p, auto&) { p.hardware = ""; }, [](auto& p, auto&) { p.hardware = kText64; }},
             true);
  expect_all({[](auto& p, auto&) { p.serial = ""; }, [](auto& p, auto&) { p.serial = kText65; },
              [](auto& p, auto&) { p.serial = "a\nb"; }, [](auto& p, auto&) { p.serial = std::string_view("a\0b", 3); },
              [](auto& p, auto&) { p.serial = "a\x7F"; }, [](auto& p, auto&) { p.hardware = kText65; },
              [](auto& p, auto&) { p.hardware = "\r"; }},
             false);
}

TEST(FactoryValues, T25_Paths) {
  expect_all({[](auto& p, auto&) { p.product = "a"; }, [](auto& p, auto&) { p.product = kText128; },
              [](auto&, auto& s) { s.ftp_root = ""; }, [](auto&, auto& s) { s.ftp_root = "/"; },
              [](auto&, auto& s) { s.ftp_root = "/srv/fw"; }, [](auto&, auto& s) { s.ftp_root = kText128; }},
             true);
  expect_all({[](auto& p, auto&) { p.product = ""; }, [](auto& p, auto&) { p.product = kText129; },
              [](auto& p, auto&) { p.product = "/a"; }, [](auto& p, auto&) { p.product = "a/"; },
              [](auto& p, auto&) { p.product = "a//b"; }, [](auto& p, auto&) { p.product = "a/../b"; },
              [](auto& p, auto&) { p.product = ".."; }, [](auto& p, auto&) { p.product = "./a"; },
              [](auto& p, auto&) { p.product = "a\r\nDELE b"; }, [](auto&, auto& s) { s.ftp_root = "../up"; },
              [](auto&, auto& s) { s.ftp_root = "//"; }, [](auto&, auto& s) { s.ftp_root = "a\nb"; },
              [](auto&, auto& s) { s.ftp_root = kText129; }},
             false);
}

TEST(FactoryValues, Anchors) {
  expect_all({[](auto& p, auto&) { p.anchors[0].algorithm = cose::kEs256Deprecated; },
              [](auto& p, auto&) {
                p.anchor_count = kMaxAnchors;
                p.anchors.fill(p.anchors[0]);
              }},
             true);
  expect_all({[](auto& p, auto&) { p.anchor_count = 0; }, [](auto& p, auto&) { p.anchor_count = kMaxAnchors + 1; },
              [](auto& p, auto&) { p.anchors[0].algorithm = -19; }, [](auto& p, auto&) { p.anchors[0].algorithm = 0; },
              [](auto& p, auto&) { p.anchors[0].key[0] = 2; }, [](auto& p, auto&) { p.anchor_count = 2; }},
             false);
}

TEST(FactoryValues, Components) {
  expect_all(
      {[](auto& p, auto&) { p.components[0].name = "ab"; }, [](auto& p, auto&) { p.components[0].name = kText64; },
       [](auto& p, auto&) { p.components[1].program = ""; }},
      true);
  expect_all(
      {[](auto& p, auto&) { p.component_count = kMaxComponentNames + 1; },
       [](auto& p, auto&) { p.component_count = 3; },  // the third has no name
       [](auto& p, auto&) { p.components[0].name = "a"; }, [](auto& p, auto&) { p.components[0].name = kText65; },
       [](auto& p, auto&) { p.components[0].name = "rootfs"; }, [](auto& p, auto&) { p.components[0].program = "x"; },
       [](auto& p, auto&) { p.components[1].program = kText257; },
       [](auto& p, auto&) { p.components[1].program = "a\nb"; },
       [](auto& p, auto&) { p.components[1].kind = static_cast<ComponentKind>(2); }},
      false);
}

TEST(FactoryValues, Endpoints) {
  expect_all({[](auto&, auto& s) { s.ftp.host = kText253; }, [](auto&, auto& s) { s.ftp.host = "2001:db8::1"; },
              [](auto&, auto& s) { s.ftp.port = 65535; }, [](auto&, auto& s) { s.ftp.user = ""; },
              [](auto&, auto& s) { s.ftp.password = kText128; }},
             true);
  expect_all({[](auto&, auto& s) { s.ftp.host = ""; }, [](auto&, auto& s) { s.ftp.host = kText254; },
              [](auto&, auto& s) { s.ftp.host = "a b"; }, [](auto&, auto& s) { s.ftp.host = "a\n"; },
              [](auto&, auto& s) { s.ftp.host = "\xC3\xA9.example"; }, [](auto&, auto& s) { s.ftp.port = 0; },
              [](auto&, auto& s) { s.ftp.user = "x\r\nSITE"; }, [](auto&, auto& s) { s.ftp.user = kText129; },
              [](auto&, auto& s) { s.ftp.password = "x\n"; }, [](auto&, auto& s) { s.ftp.password = kText129; },
              [](auto&, auto& s) { s.business.host = ""; }, [](auto&, auto& s) { s.business.port = 0; },
              [](auto&, auto& s) { s.business.user = kText129; }, [](auto&, auto& s) { s.business.password = "\x01"; }},
             false);
}

TEST(FactoryValues, Window) {
  expect_all(
      {[](auto&, auto& s) { s.window.zone_minutes = -840; }, [](auto&, auto& s) { s.window.zone_minutes = 840; },
       [](auto&, auto& s) { s.window.start_minute = 0; }, [](auto&, auto& s) { s.window.start_minute = 1439; },
       [](auto&, auto& s) { s.window.length_minutes = 1; }, [](auto&, auto& s) { s.window.length_minutes = 1440; },
       [](auto&, auto& s) { s.window.days = 1; }, [](auto&, auto& s) { s.window.days = 0x7F; }},
      true);
  expect_all({[](auto&, auto& s) { s.window.zone_minutes = -841; }, [](auto&, auto& s) { s.window.zone_minutes = 841; },
              [](auto&, auto& s) { s.window.start_minute = 1440; }, [](auto&, auto& s) { s.window.length_minutes = 0; },
              [](auto&, auto& s) { s.window.length_minutes = 1441; }, [](auto&, auto& s) { s.window.days = 0; },
              [](auto&, auto& s) { s.window.days = 0x80; }},
             false);
}

TEST(FactoryValues, Flash) {
  expect_all({[](auto&, auto& s) {
                s.flash = {256, 256, 256, 0};
              },
              [](auto&, auto& s) {
                s.flash = {1U << 20, 1U << 30, 1U << 30, 1U << 30};
              }},
             true);
  expect_all({[](auto&, auto& s) { s.flash.sector_size = 0; }, [](auto&, auto& s) { s.flash.sector_size = 128; },
              [](auto&, auto& s) { s.flash.sector_size = 3072; },
              [](auto&, auto& s) {
                s.flash = {1U << 21, 1U << 21, 1U << 21, 0};
              },
              [](auto&, auto& s) { s.flash.slot_size = 0; }, [](auto&, auto& s) { s.flash.slot_size = 262145; },
              [](auto&, auto& s) { s.flash.slot_size = 1U << 31; }, [](auto&, auto& s) { s.flash.staging_size = 0; },
              [](auto&, auto& s) { s.flash.staging_size = 131073; }, [](auto&, auto& s) { s.flash.second_size = 1; },
              [](auto&, auto& s) { s.flash.second_size = 1U << 31; }},
             false);
}

TEST(FactoryValues, Times) {
  expect_all({[](auto&, auto& s) { s.trial_seconds = 1; }, [](auto&, auto& s) { s.trial_seconds = 2'592'000; },
              [](auto&, auto& s) { s.report_seconds = 1; }, [](auto&, auto& s) { s.report_seconds = 2'592'000; },
              [](auto&, auto& s) { s.stale_days = 0; }, [](auto&, auto& s) { s.stale_days = 36500; }},
             true);
  expect_all({[](auto&, auto& s) { s.trial_seconds = 0; }, [](auto&, auto& s) { s.trial_seconds = 2'592'001; },
              [](auto&, auto& s) { s.report_seconds = 0; }, [](auto&, auto& s) { s.report_seconds = 2'592'001; },
              [](auto&, auto& s) { s.stale_days = 36501; }},
             false);
}

TEST(FactoryValues, WhatDecodingRefusesIsNotWritten) {
  FactoryFile file = sample_factory();
  file.settings.ftp.port = 0;
  std::array<std::uint8_t, 2048> buffer{};
  EXPECT_EQ(encode_factory(file, buffer).error(), Error::kInvalidArgument);
}

}  // namespace
}  // namespace ferry
