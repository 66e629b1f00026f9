#include "tests/store/faults.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <exception>

namespace unroll {
namespace {

std::atomic<int> seen{0};
int armed_at = 0;
Fault armed_fault = Fault::kNone;

template <typename F>
F* next(const char* name) {
  return reinterpret_cast<F*>(::dlsym(RTLD_NEXT, name));
}

// What happens to this call: nothing (0), an error, or the end of the process. `torn` writes half of it
// first.
template <typename Torn>
int decide(bool writes, const Torn& torn) {
  if (armed_fault == Fault::kNone) return 0;
  const int n = ++seen;
  if (n < armed_at) return 0;
  if (n == armed_at && armed_fault == Fault::kTorn) torn();
  if (n == armed_at && (armed_fault == Fault::kTorn || armed_fault == Fault::kKill)) ::raise(SIGKILL);
  if (armed_fault == Fault::kIoErrors || (n == armed_at && armed_fault == Fault::kIoError)) return EIO;
  return armed_fault == Fault::kDiskFull && writes ? ENOSPC : 0;
}

template <typename Call>
ssize_t faulty_write(int fd, std::size_t bytes, const Call& call) {
  if (fd <= 2) return call(bytes);
  const int error = decide(true, [&] { static_cast<void>(call(bytes / 2)); });
  if (error != 0) {
    errno = error;
    return -1;
  }
  if (armed_fault == Fault::kShortWrite && seen == armed_at) return call(1);
  return call(bytes);
}

template <typename Call>
int faulty_call(const Call& call) {
  const int error = decide(false, [] {});
  if (error == 0) return call();
  errno = error;
  return -1;
}

}  // namespace

std::string fault_name(Fault fault) {
  constexpr const char* kNames[] = {"None", "Kill", "Torn", "IoError", "IoErrors", "DiskFull", "ShortWrite"};
  return kNames[static_cast<std::size_t>(fault)];
}

void arm(Fault fault, int nth) {
  seen = 0;
  armed_at = nth;
  armed_fault = fault;
}

int calls_seen() {
  return seen;
}

Ending in_child(const std::function<int()>& f) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    int code = 99;
    try {
      code = f();
    } catch (const std::exception& e) {
      static_cast<void>(::write(2, e.what(), std::char_traits<char>::length(e.what())));
    }
    ::_exit(code);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  Ending ending;
  if (WIFEXITED(status)) ending.code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) ending.signal = WTERMSIG(status);
  ending.killed = ending.signal == SIGKILL;
  return ending;
}

}  // namespace unroll

extern "C" {

ssize_t write(int fd, const void* data, size_t bytes) {
  static auto* real = unroll::next<ssize_t(int, const void*, size_t)>("write");
  return unroll::faulty_write(fd, bytes, [&](size_t n) { return real(fd, data, n); });
}

ssize_t pwrite(int fd, const void* data, size_t bytes, off_t at) {
  static auto* real = unroll::next<ssize_t(int, const void*, size_t, off_t)>("pwrite");
  return unroll::faulty_write(fd, bytes, [&](size_t n) { return real(fd, data, n, at); });
}

ssize_t pwrite64(int fd, const void* data, size_t bytes, off64_t at) {
  static auto* real = unroll::next<ssize_t(int, const void*, size_t, off64_t)>("pwrite64");
  return unroll::faulty_write(fd, bytes, [&](size_t n) { return real(fd, data, n, at); });
}

int ftruncate(int fd, off_t size) noexcept {
  static auto* real = unroll::next<int(int, off_t)>("ftruncate");
  return unroll::faulty_call([&] { return real(fd, size); });
}

int ftruncate64(int fd, off64_t size) noexcept {
  static auto* real = unroll::next<int(int, off64_t)>("ftruncate64");
  return unroll::faulty_call([&] { return real(fd, size); });
}

int fsync(int fd) {
  static auto* real = unroll::next<int(int)>("fsync");
  return unroll::faulty_call([&] { return real(fd); });
}

int fdatasync(int fd) {
  static auto* real = unroll::next<int(int)>("fdatasync");
  return unroll::faulty_call([&] { return real(fd); });
}

int rename(const char* from, const char* to) noexcept {
  static auto* real = unroll::next<int(const char*, const char*)>("rename");
  return unroll::faulty_call([&] { return real(from, to); });
}

}  // extern "C"
