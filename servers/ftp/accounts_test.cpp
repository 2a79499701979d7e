#include "servers/ftp/accounts.h"

#include <gtest/gtest.h>

namespace ferry::server::ftp {
namespace {

TEST(FtpAccounts, ChecksUserAndPassword) {
  Accounts accounts;
  accounts.add("dev", "secret", {});
  accounts.add("publisher", "other", {.write = true});
  EXPECT_FALSE(accounts.check("dev", "secret")->write);
  EXPECT_TRUE(accounts.check("publisher", "other")->write);
  for (const auto& [user, password] : {std::pair{"dev", "other"},
                                       {"dev", ""},
                                       {"", "secret"},
                                       {"Dev", "secret"},
                                       {"anonymous", "x"},
                                       {"publisher", "secret"}}) {
    EXPECT_FALSE(accounts.check(user, password).has_value()) << user;
  }
}

TEST(FtpAccounts, AnonymousOnlyReads) {
  Accounts accounts;
  accounts.allow_anonymous();
  EXPECT_FALSE(accounts.check("anonymous", "me@example")->write);
  EXPECT_FALSE(accounts.check("ftp", "")->write);
  EXPECT_FALSE(accounts.check("root", "").has_value());
}

}  // namespace
}  // namespace ferry::server::ftp
