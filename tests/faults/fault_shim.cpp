// Preloaded into a program (LD_PRELOAD), makes its n-th call of a kind fail. The environment says which:
//
//   FAULT_KIND    kill      the process dies before the call
//                 torn      half of the bytes are written, then the process dies
//                 short     one byte is written
//                 eio       EIO, once
//                 eio_all   EIO, from then on
//                 enospc    ENOSPC for every write from then on
//                 nosync    fsync and fdatasync fail from then on
//                 power     the process dies and what was not synced is gone: files shrink to their size at
//                 the
//                           last fsync, new ones to nothing
//                 alloc     one allocation fails
//                 alloc_all all allocations fail from then on
//   FAULT_AT      n, counted from 1; 0 = never
//   FAULT_COUNT   a file that gets, at the end, how many calls there were
//
// Counted are calls that change files (write, pwrite, ftruncate, fsync, fdatasync, rename, unlink, mkdir),
// those of descriptors only for regular files beyond stderr; for the last two kinds, allocations.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

enum class Kind { kNone, kKill, kTorn, kShort, kEio, kEioAll, kEnospc, kNosync, kPower, kAlloc, kAllocAll };

constexpr std::array<const char*, 11> kNames = {"none",   "kill",   "torn",  "short", "eio",      "eio_all",
                                                "enospc", "nosync", "power", "alloc", "alloc_all"};
constexpr int kMostFiles = 1024;

std::atomic<long> seen{0};
Kind kind = Kind::kNone;
long at = 0;
// Size that is on disk for each descriptor, -1 = not looked at yet.
std::array<std::atomic<long long>, kMostFiles> synced;

template <typename F>
F* next(const char* name) {
  return reinterpret_cast<F*>(::dlsym(RTLD_NEXT, name));
}

bool counts_allocations() {
  return kind == Kind::kAlloc || kind == Kind::kAllocAll;
}

__attribute__((constructor)) void begin() {
  for (auto& size : synced) size = -1;
  const char* number = std::getenv("FAULT_AT");
  at = number == nullptr ? 0 : std::atol(number);
  const char* name = std::getenv("FAULT_KIND");
  if (name == nullptr) return;
  seen = 0;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (std::strcmp(name, kNames[i]) == 0) kind = static_cast<Kind>(i);
  }
}

__attribute__((destructor)) void end() {
  const long calls = seen;
  kind = Kind::kNone;
  const char* path = std::getenv("FAULT_COUNT");
  if (path == nullptr) return;
  std::FILE* file = std::fopen(path, "w");
  if (file == nullptr) return;
  std::fprintf(file, "%ld\n", calls);
  std::fclose(file);
}

bool counted(int fd) {
  if (kind == Kind::kNone || counts_allocations() || fd <= 2) return false;
  struct stat status {};
  return ::fstat(fd, &status) == 0 && (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode));
}

// Before its first change of a file: what of it is on disk.
void remember(int fd) {
  if (fd < 0 || fd >= kMostFiles || synced[static_cast<std::size_t>(fd)] >= 0) return;
  struct stat status {};
  if (::fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
    synced[static_cast<std::size_t>(fd)] = status.st_size;
}

void lose_power() {
  static auto* real = next<int(int, off_t)>("ftruncate");
  for (int fd = 3; fd < kMostFiles; ++fd) {
    const long long size = synced[static_cast<std::size_t>(fd)];
    struct stat status {};
    if (size >= 0 && ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > size) {
      static_cast<void>(real(fd, size));
    }
  }
}

enum class Action { kGo, kTear, kShorten, kFail };

Action decide(bool writes, bool syncs, int* error) {
  const long n = ++seen;
  if (at == 0 || n < at) return Action::kGo;
  const bool now = n == at;
  *error = EIO;
  switch (kind) {
    case Kind::kKill:
      if (now) ::kill(::getpid(), SIGKILL);
      break;
    case Kind::kPower:
      if (now) {
        lose_power();
        ::kill(::getpid(), SIGKILL);
      }
      break;
    case Kind::kTorn:
      if (now) return writes ? Action::kTear : (::kill(::getpid(), SIGKILL), Action::kGo);
      break;
    case Kind::kShort:
      if (now && writes) return Action::kShorten;
      break;
    case Kind::kEio:
      if (now) return Action::kFail;
      break;
    case Kind::kEioAll:
      return Action::kFail;
    case Kind::kEnospc:
      *error = ENOSPC;
      if (writes) return Action::kFail;
      break;
    case Kind::kNosync:
      if (syncs) return Action::kFail;
      break;
    default:
      break;
  }
  return Action::kGo;
}

template <typename Call>
ssize_t faulty_write(int fd, std::size_t bytes, const Call& call) {
  if (!counted(fd)) return call(bytes);
  remember(fd);
  int error = 0;
  switch (decide(true, false, &error)) {
    case Action::kTear:
      static_cast<void>(call(bytes / 2));
      ::kill(::getpid(), SIGKILL);
      return -1;
    case Action::kShorten:
      return call(bytes > 1 ? 1 : bytes);
    case Action::kFail:
      errno = error;
      return -1;
    case Action::kGo:
      break;
  }
  return call(bytes);
}

template <typename Call>
int faulty_call(bool syncs, const Call& call) {
  int error = 0;
  if (decide(false, syncs, &error) != Action::kFail) return call();
  errno = error;
  return -1;
}

template <typename Call>
int faulty_sync(int fd, const Call& call) {
  if (!counted(fd)) return call();
  const int result = faulty_call(true, call);
  struct stat status {};
  if (result == 0 && fd < kMostFiles && ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
    synced[static_cast<std::size_t>(fd)] = status.st_size;
  }
  return result;
}

template <typename Call>
int faulty_name(const Call& call) {
  return kind == Kind::kNone || counts_allocations() ? call() : faulty_call(false, call);
}

bool allocation_fails() {
  if (!counts_allocations()) return false;
  const long n = ++seen;
  return at > 0 && (n == at || (n > at && kind == Kind::kAllocAll));
}

}  // namespace

// glibc's own names of what is interposed: dlsym may allocate.
extern "C" {

void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);

void* malloc(size_t bytes) {
  if (!allocation_fails()) return __libc_malloc(bytes);
  errno = ENOMEM;
  return nullptr;
}

void* calloc(size_t count, size_t bytes) {
  if (!allocation_fails()) return __libc_calloc(count, bytes);
  errno = ENOMEM;
  return nullptr;
}

void* realloc(void* old, size_t bytes) {
  if (!allocation_fails()) return __libc_realloc(old, bytes);
  errno = ENOMEM;
  return nullptr;
}

ssize_t write(int fd, const void* data, size_t bytes) {
  static auto* real = next<ssize_t(int, const void*, size_t)>("write");
  return faulty_write(fd, bytes, [&](size_t n) { return real(fd, data, n); });
}

ssize_t pwrite(int fd, const void* data, size_t bytes, off_t offset) {
  static auto* real = next<ssize_t(int, const void*, size_t, off_t)>("pwrite");
  return faulty_write(fd, bytes, [&](size_t n) { return real(fd, data, n, offset); });
}

ssize_t pwrite64(int fd, const void* data, size_t bytes, off64_t offset) {
  static auto* real = next<ssize_t(int, const void*, size_t, off64_t)>("pwrite64");
  return faulty_write(fd, bytes, [&](size_t n) { return real(fd, data, n, offset); });
}

int ftruncate(int fd, off_t size) noexcept {
  static auto* real = next<int(int, off_t)>("ftruncate");
  if (!counted(fd)) return real(fd, size);
  remember(fd);
  return faulty_call(false, [&] { return real(fd, size); });
}

int ftruncate64(int fd, off64_t size) noexcept {
  static auto* real = next<int(int, off64_t)>("ftruncate64");
  if (!counted(fd)) return real(fd, size);
  remember(fd);
  return faulty_call(false, [&] { return real(fd, size); });
}

int fsync(int fd) {
  static auto* real = next<int(int)>("fsync");
  return faulty_sync(fd, [&] { return real(fd); });
}

int fdatasync(int fd) {
  static auto* real = next<int(int)>("fdatasync");
  return faulty_sync(fd, [&] { return real(fd); });
}

int rename(const char* from, const char* to) noexcept {
  static auto* real = next<int(const char*, const char*)>("rename");
  return faulty_name([&] { return real(from, to); });
}

int unlink(const char* path) noexcept {
  static auto* real = next<int(const char*)>("unlink");
  return faulty_name([&] { return real(path); });
}

int remove(const char* path) noexcept {
  static auto* real = next<int(const char*)>("remove");
  return faulty_name([&] { return real(path); });
}

int mkdir(const char* path, mode_t mode) noexcept {
  static auto* real = next<int(const char*, mode_t)>("mkdir");
  return faulty_name([&] { return real(path, mode); });
}

// A descriptor that is closed says nothing of the next file that gets its number.
int close(int fd) {
  static auto* real = next<int(int)>("close");
  if (fd >= 0 && fd < kMostFiles) synced[static_cast<std::size_t>(fd)] = -1;
  return real(fd);
}

}  // extern "C"
