// The life of a guard: it looks at the launcher ten times a second. See launch_guard.h.

#define _GNU_SOURCE
#include "launch_guard.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "processes.h"

// Milliseconds between two looks.
enum { INTERVAL = 100 };

// Whether a block of entries, each ending in a zero, holds `entry`.
static bool holds(const char *block, size_t size, const char *entry) {
  size_t length = strlen(entry) + 1;
  for (size_t start = 0; start + length <= size;) {
    if (memcmp(block + start, entry, length) == 0) return true;
    const char *end = memchr(block + start, 0, size - start);
    if (end == NULL) return false;
    start = (size_t)(end - block) + 1;
  }
  return false;
}

// Kills a process of the job that was stopped.
static void end_stopped_rank(pid_t process, void *context) {
  static char environment[1 << 18];
  const struct launch_guard *guard = context;
  struct process_state state;
  if (read_process_state(process, &state) != 0 || state.letter != 'T') return;
  ssize_t size = read_process(process, "environ", environment, sizeof environment);
  if (size <= 0 || guard->job[0] == NULL) return;
  for (const char *const *entry = guard->job; *entry != NULL; entry++) {
    if (!holds(environment, (size_t)size, *entry)) return;
  }
  kill(process, SIGKILL);
}

static bool is_alive(const struct guarded_process *process, struct process_state *state) {
  return read_process_state(process->number, state) == 0 && state->start == process->start && state->letter != 'Z' &&
         state->letter != 'X';
}

// The guard's process, from the fork to its end.
static void live(const struct launch_guard *guard) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, NULL);
  setsid();
  prctl(PR_SET_NAME, "seedsweep-guard");
  // mpirun waits for everybody who has a rank's output, and nobody can unmount a folder in which somebody is.
  close_descriptors_from(0);
  (void)!chdir("/");
  struct process_state launcher, rank;
  const struct timespec pause = {0, INTERVAL * 1000000};
  while (is_alive(&guard->rank, &rank) && is_alive(&guard->launcher, &launcher)) nanosleep(&pause, NULL);
  int64_t deadline = monotonic_milliseconds() + guard->limit;
  while (is_alive(&guard->launcher, &launcher)) {
    if (launcher.letter == 'T') deadline += INTERVAL;
    if (monotonic_milliseconds() >= deadline) kill(guard->launcher.number, SIGKILL);
    nanosleep(&pause, NULL);
  }
  visit_processes(end_stopped_rank, (void *)guard);
  _exit(0);
}

static _Atomic pid_t started;

pid_t launch_guard_process(void) { return started; }

int launch_guard_start(const struct launch_guard *guard) {
  sigset_t all, mask;
  // No handler of this process runs in the child.
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &mask);
  pid_t child = plain_fork();
  if (child == 0) live(guard);
  int failure = child < 0 ? errno : 0;
  if (child > 0) started = child;
  pthread_sigmask(SIG_SETMASK, &mask, NULL);
  return failure;
}
