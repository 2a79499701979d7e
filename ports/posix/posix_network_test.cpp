#include "ports/posix/posix_network.h"

#include <arpa/inet.h>
#include <csignal>
#include <gtest/gtest.h>
#include <numeric>
#include <poll.h>
#include <string>
#include <thread>

#include "ports/posix/system.h"

namespace ferry::posix {
namespace {

// A listening socket on a free loopback port.
class Listener {
 public:
  explicit Listener(int family = AF_INET) : fd_(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    Address address;
    address.bytes.ss_family = static_cast<sa_family_t>(family);
    if (family == AF_INET6) {
      reinterpret_cast<sockaddr_in6&>(address.bytes).sin6_addr = in6addr_loopback;
    } else {
      reinterpret_cast<sockaddr_in&>(address.bytes).sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    }
    address.size = family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
    is_up_ = ::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address.bytes), address.size) == 0 &&
             ::listen(fd_.get(), 4) == 0 &&
             ::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address.bytes), &address.size) == 0;
    port_ = ntohs(reinterpret_cast<sockaddr_in&>(address.bytes).sin_port);  // at the same place in both families
  }
  [[nodiscard]] bool is_up() const { return is_up_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] UniqueFd accept() const { return UniqueFd(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC)); }
  void stop() { fd_.reset(); }

 private:
  UniqueFd fd_;
  std::uint16_t port_ = 0;
  bool is_up_ = false;
};

// Waits on the network until `done`, for ten seconds at most.
template <typename Done>
bool wait_for(PosixNetwork& network, Done done) {
  const Instant end = monotonic_now() + 10s;
  while (!done()) {
    if (monotonic_now() >= end) {
      return false;
    }
    network.wait(end);
  }
  return true;
}

bool opens(PosixNetwork& network, Connection connection) {
  return wait_for(network, [&] { return network.state(connection) != ConnectionState::kConnecting; }) &&
         network.state(connection) == ConnectionState::kOpen;
}

std::string receive_all(PosixNetwork& network, Connection connection, Error& end) {
  std::string text;
  std::array<std::uint8_t, 4096> buffer{};
  wait_for(network, [&] {
    const auto got = network.receive(connection, buffer);
    if (!got) {
      end = got.error();
      return true;
    }
    text += as_text(ByteView(buffer).first(*got));
    return false;
  });
  return text;
}

void write_text(const UniqueFd& fd, std::string_view text) {
  ASSERT_EQ(::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
}

TEST(PosixNetwork, BytesBothWaysAndOrderlyEnd) {
  const Listener listener;
  PosixNetwork network;
  const Connection connection = network.open("127.0.0.1", listener.port()).value();
  ASSERT_TRUE(opens(network, connection));
  UniqueFd peer = listener.accept();

  EXPECT_EQ(network.send(connection, as_bytes("hello")), 5U);
  std::array<char, 5> text{};
  ASSERT_EQ(::recv(peer.get(), text.data(), text.size(), MSG_WAITALL), 5);
  EXPECT_EQ(std::string_view(text.data(), 5), "hello");

  std::array<std::uint8_t, 8> buffer{};
  EXPECT_EQ(network.receive(connection, buffer), 0U);
  write_text(peer, "welcome");
  peer.reset();
  Error end{};
  EXPECT_EQ(receive_all(network, connection, end), "welcome");
  EXPECT_EQ(end, Error::kClosed);
  EXPECT_EQ(network.state(connection), ConnectionState::kOpen);
  network.close(connection);
  EXPECT_EQ(network.state(connection), ConnectionState::kFailed);
}

TEST(PosixNetwork, SixthVersionToo) {
  const Listener listener(AF_INET6);
  if (!listener.is_up()) {
    GTEST_SKIP() << "no IPv6 on this machine";
  }
  PosixNetwork network;
  const Connection connection = network.open("::1", listener.port()).value();
  EXPECT_TRUE(opens(network, connection));
  UniqueFd control = listener.accept();
  const Listener data(AF_INET6);
  const auto beside = network.open_beside(connection, data.port());
  ASSERT_TRUE(beside);
  EXPECT_TRUE(opens(network, *beside));
}

TEST(PosixNetwork, NamesAreLookedUp) {
  const Listener listener;
  PosixNetwork network;
  const Connection connection = network.open("localhost", listener.port()).value();
  EXPECT_TRUE(opens(network, connection));  // by way of ::1, where nobody listens
}

TEST(PosixNetwork, ANameThatIsNoneFails) {
  PosixNetwork network;
  for (const char* name : {"", "no such name", "256.1.1.1.1", "::zz"}) {
    const Connection connection = network.open(name, 21).value();
    EXPECT_FALSE(opens(network, connection)) << name;
    network.close(connection);
  }
}

TEST(PosixNetwork, ForgottenLookupsDoNoHarm) {
  for (int i = 0; i < 3; ++i) {
    PosixNetwork network;
    const auto connection = network.open("localhost", 9);
    if (connection) {
      network.close(*connection);
    }
  }
}

TEST(PosixNetwork, RefusedConnectionFails) {
  Listener listener;
  listener.stop();
  PosixNetwork network;
  const Connection connection = network.open("127.0.0.1", listener.port()).value();
  EXPECT_FALSE(opens(network, connection));
  EXPECT_EQ(network.state(connection), ConnectionState::kFailed);
  EXPECT_EQ(network.send(connection, as_bytes("x")), fail(Error::kIo));
}

TEST(PosixNetwork, ResetFailsTheConnection) {
  const Listener listener;
  PosixNetwork network;
  const Connection connection = network.open("127.0.0.1", listener.port()).value();
  ASSERT_TRUE(opens(network, connection));
  UniqueFd peer = listener.accept();
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(peer.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  peer.reset();
  Error end{};
  EXPECT_EQ(receive_all(network, connection, end), "");
  EXPECT_EQ(end, Error::kIo);
  EXPECT_EQ(network.state(connection), ConnectionState::kFailed);
}

TEST(PosixNetwork, SendTakesWhatFitsAndTellsWhenThereIsRoom) {
  const Listener listener;
  PosixNetwork network;
  const Connection connection = network.open("127.0.0.1", listener.port()).value();
  ASSERT_TRUE(opens(network, connection));
  const UniqueFd peer = listener.accept();
  std::vector<std::uint8_t> bytes(16U << 20);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});

  std::size_t sent = 0;
  bool was_full = false;
  std::vector<std::uint8_t> arrived;
  std::thread reader;
  ASSERT_TRUE(wait_for(network, [&] {
    const auto taken = network.send(connection, ByteView(bytes).subspan(sent));
    EXPECT_TRUE(taken);
    sent += taken.value_or(0);
    if (!was_full && sent < bytes.size()) {
      was_full = true;  // only now does the peer read
      reader = std::thread([&] {
        std::vector<std::uint8_t> buffer(65536);
        while (arrived.size() < bytes.size()) {
          const ssize_t got = ::recv(peer.get(), buffer.data(), buffer.size(), 0);
          if (got <= 0) {
            return;
          }
          arrived.insert(arrived.end(), buffer.begin(), buffer.begin() + got);
        }
      });
    }
    return sent == bytes.size();
  }));
  ASSERT_TRUE(was_full);
  reader.join();
  EXPECT_EQ(arrived, bytes);
}

TEST(PosixNetwork, SendToAPeerThatIsGoneRaisesNoSignal) {
  const Listener listener;
  PosixNetwork network;
  const Connection connection = network.open("127.0.0.1", listener.port()).value();
  ASSERT_TRUE(opens(network, connection));
  listener.accept().reset();
  EXPECT_TRUE(wait_for(network, [&] { return !network.send(connection, as_bytes("anybody?")); }));
}

TEST(PosixNetwork, T23_BesideIsThePeerOfTheControlConnection) {
  const Listener control;
  const Listener data;
  PosixNetwork network;
  EXPECT_EQ(network.open_beside(Connection{7}, data.port()), fail(Error::kInvalidArgument));
  const Connection first = network.open("127.0.0.1", control.port()).value();
  ASSERT_TRUE(opens(network, first));
  control.accept().reset();  // also after the control connection has ended
  const Connection second = network.open_beside(first, data.port()).value();
  ASSERT_TRUE(opens(network, second));
  EXPECT_TRUE(data.accept());
}

TEST(PosixNetwork, NoMoreConnectionsThanAsked) {
  const Listener listener;
  PosixNetwork network(2);
  const Connection first = network.open("127.0.0.1", listener.port()).value();
  EXPECT_TRUE(network.open("127.0.0.1", listener.port()));
  EXPECT_EQ(network.open("127.0.0.1", listener.port()), fail(Error::kNoSpace));
  network.close(first);
  const auto third = network.open("127.0.0.1", listener.port());
  ASSERT_TRUE(third);
  EXPECT_NE(*third, first);  // a stale handle names nothing
}

// A loopback connection is open, or refused, before open() returns: that is news all the same.
TEST(PosixNetwork, WaitTellsWhatHappenedBeforeIt) {
  Listener listener;
  PosixNetwork network;
  const Connection open = network.open("127.0.0.1", listener.port()).value();
  network.wait(kNever);
  EXPECT_EQ(network.state(open), ConnectionState::kOpen);
  listener.stop();
  const Connection refused = network.open("127.0.0.1", listener.port()).value();
  network.wait(kNever);
  EXPECT_EQ(network.state(refused), ConnectionState::kFailed);
}

TEST(PosixNetwork, WaitEndsAtItsTime) {
  PosixNetwork network;
  const Instant begin = monotonic_now();
  network.wait(begin + 20ms);
  EXPECT_GE(monotonic_now(), begin + 20ms);
  network.wait(begin);
  network.wait(Instant::min());
}

TEST(PosixNetwork, WakeEndsTheWait) {
  PosixNetwork network;
  network.wake();
  network.wait(kNever);
  std::thread other([&] { network.wake(); });
  network.wait(kNever);
  other.join();
}

TEST(PosixNetwork, AnEndThatWasToldDoesNotKeepTheProgramAwake) {
  const Listener listener;
  PosixNetwork network;
  const Connection connection = network.open("127.0.0.1", listener.port()).value();
  ASSERT_TRUE(opens(network, connection));
  listener.accept().reset();
  Error end{};
  receive_all(network, connection, end);
  ASSERT_EQ(end, Error::kClosed);
  const Instant begin = monotonic_now();
  network.wait(begin + 20ms);
  EXPECT_GE(monotonic_now(), begin + 20ms);
}

}  // namespace
}  // namespace ferry::posix
