#include "ports/posix/program_handler.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ports/posix/system.h"

namespace ferry::posix {
namespace {

constexpr Duration kTimeToEnd = 5s;

bool is_there(const std::filesystem::path& file) {
  return ::access(file.c_str(), F_OK) == 0;
}

bool drop(const std::filesystem::path& file) {
  return ::unlink(file.c_str()) == 0 || errno == ENOENT;
}

bool move_over(const std::filesystem::path& from, const std::filesystem::path& to) {
  return ::rename(from.c_str(), to.c_str()) == 0;
}

std::string with_file(std::string word, const std::string& file) {
  constexpr std::string_view kPlace = "{file}";
  for (auto at = word.find(kPlace); at != std::string::npos; at = word.find(kPlace, at + file.size())) {
    word.replace(at, kPlace.size(), file);
  }
  return word;
}

// In the child: only async-signal-safe calls. The program ends with the agent, and hears signals as any program does.
[[noreturn]] void become(char* const* argv, pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) {
    ::_exit(126);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  ::dup2(STDERR_FILENO, STDOUT_FILENO);  // stdout is the agent's own: its events
  ::execvp(argv[0], argv);
  ::_exit(127);
}

pid_t start_program(const std::vector<std::string>& command, const std::string& file) {
  std::vector<std::string> words;
  for (const std::string& word : command) {
    words.push_back(with_file(word, file));
  }
  std::vector<char*> argv;
  for (std::string& word : words) {
    argv.push_back(word.data());
  }
  argv.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) {
    become(argv.data(), parent);
  }
  if (child > 0) {
    ::setpgid(child, child);
  }
  return child;
}

}  // namespace

std::optional<std::vector<std::string>> split_command(std::string_view line) {
  std::vector<std::string> words;
  bool in_word = false;
  char quote = '\0';
  for (const char character : line) {
    if (quote != '\0' && character == quote) {
      quote = '\0';
    } else if (quote == '\0' && (character == ' ' || character == '\t')) {
      in_word = false;
    } else {
      if (!in_word) {
        words.emplace_back();
        in_word = true;
      }
      if (quote == '\0' && (character == '"' || character == '\'')) {
        quote = character;
      } else {
        words.back() += character;
      }
    }
  }
  return quote == '\0' ? std::optional(words) : std::nullopt;
}

ProgramHandler::ProgramHandler(std::filesystem::path folder, const std::string& name, std::string_view command)
    : folder_(std::move(folder)),
      file_(folder_ / name),
      part_(folder_ / (name + ".part")),
      new_(folder_ / (name + ".new")),
      old_(folder_ / (name + ".old")) {
  auto words = split_command(command);
  if (!words) {
    throw std::runtime_error("command of component " + name + ": a quote is not closed");
  }
  command_ = std::move(*words);
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) {
    throw std::runtime_error(folder_.string() + ": " + error.message());
  }
}

ProgramHandler::~ProgramHandler() {
  if (program_ > 0) {
    kill_program();
    ::waitpid(program_, nullptr, 0);
  }
}

// --- The bytes come in ---

Status ProgramHandler::begin(std::uint32_t size) {
  if (!stop_program()) {
    return fail(Error::kBusy);
  }
  FERRY_TRY(forget_old());
  incoming_ = UniqueFd(::open(part_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!incoming_) {
    return fail(Error::kIo);
  }
  size_ = size;
  written_ = 0;
  const int reserved = size > 0 ? ::posix_fallocate(incoming_.get(), 0, size) : 0;
  if (reserved != 0) {
    incoming_.reset();
    drop(part_);
    return fail(reserved == ENOSPC || reserved == EFBIG ? Error::kImageTooLarge : Error::kIo);
  }
  return ok();
}

// The new file goes first, so that nothing but a whole activation ever stands beside an old file.
Status ProgramHandler::forget_old() const {
  if (!drop(new_)) {
    return fail(Error::kIo);
  }
  const bool went_missing = is_there(old_) && !is_there(file_);
  if (!(went_missing ? move_over(old_, file_) : drop(old_)) || !sync_folder()) {
    return fail(Error::kIo);
  }
  return ok();
}

Status ProgramHandler::write(ByteView bytes) {
  if (!incoming_) {
    return fail(Error::kWrongState);
  }
  if (bytes.size() > size_ - written_) {
    return fail(Error::kImageTooLarge);
  }
  while (!bytes.empty()) {
    const ssize_t count = ::pwrite(incoming_.get(), bytes.data(), bytes.size(), written_);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      return fail(Error::kIo);
    }
    written_ += static_cast<std::uint32_t>(count);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return ok();
}

Status ProgramHandler::finish() {
  if (!incoming_ || written_ != size_) {
    return fail(Error::kWrongState);
  }
  const bool durable = ::fsync(incoming_.get()) == 0;
  incoming_.reset();
  return durable && move_over(part_, new_) && sync_folder() ? ok() : fail(Error::kIo);
}

Status ProgramHandler::read(std::uint32_t offset, ByteSpan bytes) {
  const UniqueFd file(::open(new_.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0) {
    return fail(errno == ENOENT ? Error::kOutOfRange : Error::kIo);
  }
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (offset > size || bytes.size() > size - offset) {
    return fail(Error::kOutOfRange);
  }
  while (!bytes.empty()) {
    const ssize_t count = ::pread(file.get(), bytes.data(), bytes.size(), offset);
    if (count <= 0) {
      return fail(Error::kIo);
    }
    offset += static_cast<std::uint32_t>(count);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return ok();
}

// --- In force, and back ---

Result<bool> ProgramHandler::activate() {
  if (!is_there(new_)) {
    return true;
  }
  if (run_ != Run::kActivate && !keep_old()) {
    return fail(Error::kHandlerFailed);
  }
  FERRY_TRY_ASSIGN(const bool done, run(Run::kActivate, new_));
  if (!done) {
    return false;
  }
  return put_new_in_force() ? Result<bool>(true) : fail(Error::kHandlerFailed);
}

Result<bool> ProgramHandler::roll_back() {
  if (!is_there(old_)) {
    if (!stop_program()) {
      return false;
    }
    return drop(new_) && sync_folder() ? Result<bool>(true) : fail(Error::kHandlerFailed);
  }
  FERRY_TRY_ASSIGN(const bool done, run(Run::kRollBack, old_));
  if (!done) {
    return false;
  }
  return put_old_in_force() ? Result<bool>(true) : fail(Error::kHandlerFailed);
}

// A second name for the file in force, so that it is there throughout; a rename where the file system has no links.
bool ProgramHandler::keep_old() const {
  if (is_there(old_) || !is_there(file_)) {
    return true;
  }
  return (::link(file_.c_str(), old_.c_str()) == 0 || move_over(file_, old_)) && sync_folder();
}

bool ProgramHandler::put_new_in_force() const {
  return move_over(new_, file_) && sync_folder();
}

// Both may be names of one file: then rename(2) leaves the two.
bool ProgramHandler::put_old_in_force() const {
  return drop(new_) && move_over(old_, file_) && drop(old_) && sync_folder();
}

bool ProgramHandler::sync_folder() const {
  const UniqueFd folder(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return folder && ::fsync(folder.get()) == 0;
}

// --- The program ---

Result<bool> ProgramHandler::run(Run run, const std::filesystem::path& file) {
  if (command_.empty()) {
    return true;
  }
  if (run_ == run && program_ > 0) {
    return wait_for_program();
  }
  if (!stop_program()) {
    return false;
  }
  program_ = start_program(command_, file.string());
  if (program_ < 0) {
    return fail(Error::kHandlerFailed);
  }
  run_ = run;
  return false;
}

Result<bool> ProgramHandler::wait_for_program() {
  int status = 0;
  const pid_t ended = ::waitpid(program_, &status, WNOHANG);
  if (ended == 0 || (ended < 0 && errno == EINTR)) {
    return false;
  }
  program_ = -1;
  run_ = Run::kNone;
  const bool went_well = ended > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  return went_well ? Result<bool>(true) : fail(Error::kHandlerFailed);
}

// True when no program runs. Asks it first, and ends it when it does not listen.
bool ProgramHandler::stop_program() {
  if (program_ <= 0) {
    return true;
  }
  if (kill_at_ == kNever) {
    ::kill(-program_, SIGTERM);
    kill_at_ = monotonic_now() + kTimeToEnd;
  } else if (monotonic_now() >= kill_at_) {
    kill_program();
  }
  const pid_t ended = ::waitpid(program_, nullptr, WNOHANG);
  if (ended == 0 || (ended < 0 && errno == EINTR)) {
    return false;
  }
  program_ = -1;
  run_ = Run::kNone;
  kill_at_ = kNever;
  return true;
}

void ProgramHandler::kill_program() {
  ::kill(-program_, SIGKILL);
}

}  // namespace ferry::posix
