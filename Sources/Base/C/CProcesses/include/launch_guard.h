// Sees to it that an mpirun ends, and with it every rank on its machine, once the ranks have done their work: mpirun may wait
// without end, for a dead or stopped rank or for a lock of its own. The guard is a process of its own, a fork without exec, and
// outlives the rank that starts it: mpirun ends its ranks before itself.

#ifndef LAUNCH_GUARD_H
#define LAUNCH_GUARD_H

#include <stdint.h>
#include <sys/types.h>

/// A process and its start in clock ticks, which tells it from a later process with the same number.
struct guarded_process {
  pid_t number;
  uint64_t start;
};

/// What to watch.
struct launch_guard {
  /// The process of mpirun.
  struct guarded_process launcher;
  /// The rank after whose end mpirun is to end.
  struct guarded_process rank;
  /// Milliseconds from the rank's end on after which mpirun is killed. Time in which it is stopped does not count.
  int64_t limit;
  /// The entries of the environment that every rank of its job has and no other process, ending in NULL.
  const char *const *job;
};

/// Starts a guard. It kills the launcher at the end of `limit`, and, once the launcher is gone, the ranks on this machine that
/// were stopped, since others then end by themselves. Returns 0, or the number of the error of the fork.
int launch_guard_start(const struct launch_guard *guard);

/// The process of the guard that this process started last; 0 for none.
pid_t launch_guard_process(void);

#endif
