#include "servers/hub/access.h"

#include <gtest/gtest.h>

#include "servers/hub/sql.h"
#include "servers/hub/store.h"
#include "servers/hub/test_database.h"

namespace ferry::hub {
namespace {

constexpr std::int64_t kNow = 1780000000;
constexpr const char* kPassword = "correct horse";

class AccessTest : public testing::Test {
 protected:
  std::unique_ptr<Store> store = open_store(empty_database());
  Access access{store->sql()};
};

TEST_F(AccessTest, TheFirstAccountIsMadeOnce) {
  EXPECT_FALSE(access.has_accounts());
  EXPECT_TRUE(access.add_first_account("ann", kPassword, kNow));
  EXPECT_FALSE(access.add_first_account("bob", kPassword, kNow));
  ASSERT_EQ(access.accounts().size(), 1U);
  EXPECT_EQ(access.account("ann")->role, Role::kAdmin);
}

TEST_F(AccessTest, T62_PasswordsAreKeptAsArgon2id) {
  access.add_account("ann", kPassword, Role::kViewer, kNow);
  EXPECT_TRUE(access.is_password("ann", kPassword));
  EXPECT_FALSE(access.is_password("ann", "correct hors"));
  EXPECT_FALSE(access.is_password("bob", kPassword));
  EXPECT_FALSE(access.is_password("ann' OR 1=1 --", kPassword));
  const auto row = select_one<std::string>(store->sql(), Sql("SELECT hash FROM accounts"));
  ASSERT_TRUE(row);
  EXPECT_TRUE(std::get<0>(*row).starts_with("$argon2id$")) << std::get<0>(*row);
}

TEST_F(AccessTest, SessionsEndByIdlenessAndByAge) {
  access.add_account("ann", kPassword, Role::kOperator, kNow);
  const std::string secret = access.open_session("ann", kNow);
  const auto caller = access.session(secret, kNow + 10);
  ASSERT_TRUE(caller);
  EXPECT_EQ(caller->user, "ann");
  EXPECT_EQ(caller->role, Role::kOperator);
  EXPECT_FALSE(caller->csrf.empty());
  EXPECT_FALSE(access.session(secret + "0", kNow));
  EXPECT_FALSE(access.session("", kNow));
  EXPECT_FALSE(access.session(secret, kNow + kSessionIdle + 1));
  for (std::int64_t at = kNow; at < kNow + kSessionLife; at += kSessionIdle / 2) {
    EXPECT_TRUE(access.session(secret, at));
  }
  EXPECT_FALSE(access.session(secret, kNow + kSessionLife + 1));
}

TEST_F(AccessTest, T62_SecretsAreNotInTheDatabase) {
  access.add_account("ann", kPassword, Role::kOperator, kNow);
  const std::string secret = access.open_session("ann", kNow);
  const auto [info, token] = access.add_token({.name = "t", .user = "ann", .scope = Role::kViewer, .created = kNow});
  EXPECT_EQ(count(store->sql(), Sql("SELECT COUNT(*) FROM sessions WHERE hash = ?", secret)), 0);
  EXPECT_EQ(count(store->sql(), Sql("SELECT COUNT(*) FROM tokens WHERE hash = ?", token)), 0);
}

TEST_F(AccessTest, T62_AChangeEndsSessionsAndWeakensTokens) {
  ASSERT_TRUE(access.add_first_account("root", kPassword, kNow));
  access.add_account("ann", kPassword, Role::kOperator, kNow);
  const std::string secret = access.open_session("ann", kNow);
  const auto [info, token] = access.add_token({.name = "t", .user = "ann", .scope = Role::kOperator, .created = kNow});
  EXPECT_EQ(access.token(token, kNow)->role, Role::kOperator);
  EXPECT_TRUE(access.change_account("ann", {.role = Role::kViewer}));
  EXPECT_FALSE(access.session(secret, kNow));
  EXPECT_EQ(access.token(token, kNow)->role, Role::kViewer);
  EXPECT_TRUE(access.change_account("ann", {.disabled = true}));
  EXPECT_FALSE(access.token(token, kNow));
  EXPECT_FALSE(access.is_password("ann", kPassword));
  EXPECT_TRUE(access.remove_account("ann"));
  EXPECT_TRUE(access.tokens("").empty());
  EXPECT_FALSE(access.remove_account("ann"));
}

TEST_F(AccessTest, TheLastAdminStays) {
  ASSERT_TRUE(access.add_first_account("root", kPassword, kNow));
  EXPECT_THROW(access.change_account("root", {.role = Role::kViewer}), Conflict);
  EXPECT_THROW(access.change_account("root", {.disabled = true}), Conflict);
  EXPECT_THROW(access.remove_account("root"), Conflict);
  EXPECT_EQ(access.account("root")->role, Role::kAdmin);
  access.add_account("ann", kPassword, Role::kAdmin, kNow);
  EXPECT_TRUE(access.remove_account("root"));
}

TEST_F(AccessTest, TokensHaveAScopeAndAnEnd) {
  ASSERT_TRUE(access.add_first_account("root", kPassword, kNow));
  const auto [info, token] =
      access.add_token({.name = "t", .user = "root", .scope = Role::kViewer, .created = kNow, .expires = kNow + 100});
  EXPECT_EQ(access.token(token, kNow + 99)->role, Role::kViewer);
  EXPECT_FALSE(access.token(token, kNow + 100));
  EXPECT_EQ(access.tokens("root").at(0).used, kNow + 99);
  EXPECT_FALSE(access.remove_token(info.id, "ann"));
  EXPECT_TRUE(access.remove_token(info.id, "root"));
  EXPECT_FALSE(access.token(token, kNow));
}

TEST_F(AccessTest, AuditIsPagedNewestFirst) {
  for (int i = 0; i < 5; ++i) {
    access.log({.time = kNow + i, .user = "ann", .address = "::1", .action = "login", .subject = std::to_string(i)});
  }
  const auto first = access.audit(0, 2);
  ASSERT_EQ(first.size(), 2U);
  EXPECT_EQ(first[0].subject, "4");
  EXPECT_EQ(access.audit(first[1].id, 10).size(), 3U);
}

TEST(Names, AreChecked) {
  EXPECT_FALSE(fault_of_user("Ann.B_1@x-y"));
  for (const char* bad : {"", "a b", "a<b", "a'b", "\xc3\xa4"}) {
    EXPECT_TRUE(fault_of_user(bad)) << bad;
  }
  EXPECT_TRUE(fault_of_user(std::string(65, 'a')));
  EXPECT_TRUE(fault_of_password("short"));
  EXPECT_TRUE(fault_of_password(std::string(257, 'a')));
  EXPECT_FALSE(fault_of_password("0123456789"));
}

}  // namespace
}  // namespace ferry::hub
