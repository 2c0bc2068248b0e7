/* Preloaded into a process, makes one of its file operations fail.
 *
 * FAULT_FOLDER  only files below it count
 * FAULT_CALL    write (write, pwrite), sync (fsync), rename, cut (ftruncate), open (open for
 *               writing), remove (unlink); any: all of these
 * FAULT_AT      the number of the call that fails, from 1
 * FAULT_KIND    ENOSPC, EIO, EINTR; short: half of a write is done and reported
 * FAULT_FOREVER set: so do all calls after it
 * FAULT_NO_LEASES set: the file system grants no leases
 *
 * Says "fault: CALL" on stderr when it strikes. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static atomic_long calls;

static int in_folder(const char* path) {
  const char* folder = getenv("FAULT_FOLDER");
  return folder != NULL && strncmp(path, folder, strlen(folder)) == 0;
}

static int descriptor_in_folder(int descriptor) {
  char link[64];
  char path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return in_folder(path);
}

/* 0: go on; otherwise the error, or -1 for a short write. */
static int fault(const char* call) {
  const char* wanted = getenv("FAULT_CALL");
  const char* at = getenv("FAULT_AT");
  const char* kind = getenv("FAULT_KIND");
  if (wanted == NULL || at == NULL || kind == NULL) return 0;
  if (strcmp(wanted, "any") != 0 && strcmp(wanted, call) != 0) return 0;
  const long number = atomic_fetch_add(&calls, 1) + 1;
  const int strikes = getenv("FAULT_FOREVER") != NULL ? number >= atol(at) : number == atol(at);
  if (!strikes) return 0;
  if (number == atol(at)) {
    char text[64];
    const int length = snprintf(text, sizeof text, "fault: %s\n", call);
    if (length > 0 && REAL(write)(2, text, (size_t)length) < 0) return 0;
  }
  if (strcmp(kind, "ENOSPC") == 0) return ENOSPC;
  if (strcmp(kind, "EIO") == 0) return EIO;
  if (strcmp(kind, "EINTR") == 0) return EINTR;
  return -1;
}

#define STRIKE(call)              \
  do {                            \
    const int error = fault(call); \
    if (error > 0) {              \
      errno = error;              \
      return -1;                  \
    }                             \
  } while (0)

ssize_t write(int descriptor, const void* bytes, size_t size) {
  const int error = descriptor_in_folder(descriptor) ? fault("write") : 0;
  if (error > 0) {
    errno = error;
    return -1;
  }
  return REAL(write)(descriptor, bytes, error < 0 && size > 1 ? size / 2 : size);
}

static ssize_t positioned(int descriptor, const void* bytes, size_t size, off64_t at) {
  const int error = descriptor_in_folder(descriptor) ? fault("write") : 0;
  if (error > 0) {
    errno = error;
    return -1;
  }
  return REAL(pwrite64)(descriptor, bytes, error < 0 && size > 1 ? size / 2 : size, at);
}
ssize_t pwrite(int descriptor, const void* bytes, size_t size, off_t at) {
  return positioned(descriptor, bytes, size, at);
}
ssize_t pwrite64(int descriptor, const void* bytes, size_t size, off64_t at) {
  return positioned(descriptor, bytes, size, at);
}

int fsync(int descriptor) {
  if (descriptor_in_folder(descriptor)) STRIKE("sync");
  return REAL(fsync)(descriptor);
}

int ftruncate(int descriptor, off_t size) {
  if (descriptor_in_folder(descriptor)) STRIKE("cut");
  return REAL(ftruncate)(descriptor, size);
}
int ftruncate64(int descriptor, off64_t size) {
  if (descriptor_in_folder(descriptor)) STRIKE("cut");
  return REAL(ftruncate64)(descriptor, size);
}

int rename(const char* from, const char* to) {
  if (in_folder(to)) STRIKE("rename");
  return REAL(rename)(from, to);
}

int unlink(const char* path) {
  if (in_folder(path) && access(path, F_OK) == 0) STRIKE("remove");
  return REAL(unlink)(path);
}

static int opened(const char* path, int flags, mode_t mode) {
  if (in_folder(path) && (flags & O_ACCMODE) != O_RDONLY) STRIKE("open");
  return REAL(open64)(path, flags, mode);
}
int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return opened(path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return opened(path, flags, mode);
}

static int controlled(int descriptor, int command, void* argument) {
  if (command == F_SETLEASE && getenv("FAULT_NO_LEASES") != NULL) {
    errno = EINVAL;
    return -1;
  }
  return REAL(fcntl64)(descriptor, command, argument);
}
int fcntl(int descriptor, int command, ...) {
  va_list rest;
  va_start(rest, command);
  void* argument = va_arg(rest, void*);
  va_end(rest);
  return controlled(descriptor, command, argument);
}
int fcntl64(int descriptor, int command, ...) {
  va_list rest;
  va_start(rest, command);
  void* argument = va_arg(rest, void*);
  va_end(rest);
  return controlled(descriptor, command, argument);
}
