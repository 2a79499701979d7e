#include "servers/hub/backup.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/failure.h"
#include "servers/hub/access.h"
#include "servers/hub/database_url.h"
#include "servers/hub/sql.h"
#include "servers/hub/store.h"
#include "servers/hub/test_database.h"

namespace ferry::hub {
namespace {

using testing::HasSubstr;

constexpr const char* kDevice = "01234567-89ab-4cde-8f01-23456789abcd";
constexpr std::int64_t kNow = 1780000000;

class BackupTest : public testing::Test {
 protected:
  BackupTest() { std::filesystem::create_directory(folder); }
  ~BackupTest() override { std::filesystem::remove_all(folder); }

  static std::unique_ptr<Store> filled(const std::string& url) {
    auto store = open_store(url);
    std::vector<Reading> readings;
    for (int i = 0; i < 12000; ++i) {
      readings.push_back({.name = "power", .unit = "W", .time = kNow - i * 60.0, .value = i / 7.0});
    }
    readings.push_back({.name = "mode", .unit = "", .time = 5, .text = "eco \"{,}\\ NULL"});
    const Event event{.kind = EventKind::kConfirmed, .time = 5, .version = suit::Version::parse("1.0.0").value()};
    store->apply(std::vector<Change>{ReadingsReceived{kDevice, readings}, EventReceived{kDevice, event}}, kNow);
    store->tend({}, kNow);
    Access(store->sql()).add_account("ann", "correct horse", Role::kAdmin, kNow);
    return store;
  }
  static std::string failure(const std::function<void()>& work) {
    try {
      work();
      return "none";
    } catch (const host::Failure& error) {
      return error.what();
    }
  }
  void expect_as_filled(const std::string& url) const {
    const auto store = open_store(url);
    const auto original = open_store(database.url());
    EXPECT_EQ(store->summary().readings, 12001);
    EXPECT_EQ(store->readings({.device = kDevice, .limit = 20000}),
              original->readings({.device = kDevice, .limit = 20000}));
    EXPECT_EQ(store->latest(kDevice), original->latest(kDevice));
    EXPECT_TRUE(Access(store->sql()).is_password("ann", "correct horse"));
    const Event event{.kind = EventKind::kStarted, .time = 6};
    const Change change = EventReceived{kDevice, event};
    EXPECT_EQ(store->apply({&change, 1}, kNow).at(0).id, 2);  // numbers go on
    EXPECT_EQ(store->events({.limit = 10}).at(0).version, "1.0.0");
  }

  std::filesystem::path folder = std::filesystem::temp_directory_path() / ("ferry-backup-" + random_secret());
  std::filesystem::path file = folder / "backup";
  TestDatabase database;
};

TEST_F(BackupTest, AllOfItComesBack) {
  const auto store = filled(database.url());
  const RowCounts counts = back_up(database.url(), file);
  EXPECT_EQ(counts.at("readings"), 12001);
  EXPECT_EQ(counts.at("accounts"), 1);
  EXPECT_GT(counts.at("rollups"), 0);
  EXPECT_EQ(std::filesystem::status(file).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  const TestDatabase same_kind;
  EXPECT_EQ(restore(same_kind.url(), file), counts);
  expect_as_filled(same_kind.url());
  const std::string sqlite = "sqlite:" + (folder / "other").string();
  EXPECT_EQ(restore(sqlite, file), counts);
  expect_as_filled(sqlite);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 2);  // nothing is left beside them
}

TEST_F(BackupTest, NothingIsOverwritten) {
  const auto store = filled(database.url());
  std::ofstream(file) << "precious";
  EXPECT_THAT(failure([&] { back_up(database.url(), file); }), HasSubstr("exists already"));
  EXPECT_EQ(std::filesystem::file_size(file), 8U);
  std::filesystem::remove(file);
  back_up(database.url(), file);
  EXPECT_THAT(failure([&] { restore(database.url(), file); }),
              testing::AnyOf(HasSubstr("exists"), HasSubstr("not empty")));
  EXPECT_EQ(store->summary().readings, 12001);
}

TEST_F(BackupTest, WhatIsNoBackupIsRefused) {
  std::ofstream(file) << "this is no database at all, but it is long enough to be looked at as one by SQLite.....";
  const std::string target = "sqlite:" + (folder / "target").string();
  EXPECT_NE(failure([&] { restore(target, file); }), "none");
  EXPECT_THAT(failure([&] { restore(target, folder / "none"); }), HasSubstr("no such file"));
  EXPECT_THAT(failure([&] { back_up("sqlite:" + (folder / "none").string(), folder / "b"); }),
              HasSubstr("no such file"));
  EXPECT_FALSE(std::filesystem::exists(folder / "none"));
  EXPECT_FALSE(std::filesystem::exists(folder / "target"));
  const auto empty = open_session(database.url());
  EXPECT_THAT(failure([&] { back_up(database.url(), folder / "b"); }), HasSubstr("nothing"));
}

TEST_F(BackupTest, ADamagedOneIsRefused) {
  const auto store = filled(database.url());
  back_up(database.url(), file);
  std::fstream damaged(file, std::ios::in | std::ios::out | std::ios::binary);
  damaged.seekp(40000);
  damaged << std::string(30000, 'x');
  damaged.close();
  EXPECT_NE(failure([&] { restore("sqlite:" + (folder / "target").string(), file); }), "none");
  EXPECT_FALSE(std::filesystem::exists(folder / "target"));
}

}  // namespace
}  // namespace ferry::hub
