// What processes of our own do after a fork of a process with threads: system calls only, nothing that allocates or prints.

#ifndef PROCESSES_H
#define PROCESSES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// Forks without the handlers of libraries, which are not safe here.
pid_t plain_fork(void);

/// Closes every descriptor from `first` on.
void close_descriptors_from(int first);

/// Milliseconds on the monotonic clock.
int64_t monotonic_milliseconds(void);

/// Calls `visit` with the number of every process and `context`.
void visit_processes(void (*visit)(pid_t process, void *context), void *context);

/// Reads the file `name` of /proc/PROCESS into `text` of `size` bytes. Returns the number of bytes, or -1.
ssize_t read_process(pid_t process, const char *name, char *text, size_t size);

/// What /proc/PROCESS/stat says.
struct process_state {
  /// A letter: T for stopped, Z for ended and not yet collected.
  char letter;
  pid_t parent, session;
  /// Clock ticks since the start of the machine.
  uint64_t start;
};

/// Reads the state of a process. Returns 0, or -1 where there is none.
int read_process_state(pid_t process, struct process_state *state);

#endif
