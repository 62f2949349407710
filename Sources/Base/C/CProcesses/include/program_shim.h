// Starts a program under a process of our own, the shim, that ends with nothing of the program left running. The shim is a fork
// without exec: it makes system calls only. It knows no trial and no journal.

#ifndef PROGRAM_SHIM_H
#define PROGRAM_SHIM_H

#include <stdint.h>
#include <sys/types.h>

/// What to start, all made before the fork.
struct program_shim_start {
  /// The absolute path of the program.
  const char *path;
  /// Its arguments and environment, each ending in NULL.
  char *const *arguments;
  char *const *environment;
  /// The folder in which it runs.
  const char *folder;
  /// A descriptor that the shim keeps open until it ends, such as a lock; -1 for none.
  int kept;
  /// Milliseconds between SIGTERM and SIGKILL.
  int64_t grace;
};

/// A shim, as the process that started it sees it. All descriptors close on exec.
struct program_shim {
  pid_t pid;
  /// What `program_shim_stop` writes to. Once every copy of it is closed, the shim stops the program.
  int control;
  /// Its read end gives one `program_shim_report`; at its end without one, the shim was killed.
  int report;
  /// The read ends of the program's standard output and standard error, which do not block.
  int output;
  int errors;
};

enum {
  /// The program ended: `value` is its status, as waitpid gives it.
  PROGRAM_SHIM_ENDED = 1,
  /// It could not be started: `value` is the error's number.
  PROGRAM_SHIM_NOT_STARTED = 2,
  /// A process could not be killed within ten seconds: `value` is its number. The shim goes on trying.
  PROGRAM_SHIM_STUCK = 3,
};

/// What a shim says when nothing of its program is left.
struct program_shim_report {
  int32_t kind;
  int32_t value;
};

/// Starts a shim with its program, and makes this process the parent of what a shim leaves that is killed. Returns 0, or the
/// number of the error of the call that failed.
int program_shim_start(const struct program_shim_start *start, struct program_shim *shim);

/// Asks a shim to stop its program. One that has ended is told nothing; no signal comes of that.
void program_shim_stop(const struct program_shim *shim);

/// After a shim was killed: ends everything that it left, which are all children of this process that have another session, but
/// for a launch guard. Returns 0, or the number of a process that cannot be killed.
pid_t program_shim_end_rest(void);

#endif
