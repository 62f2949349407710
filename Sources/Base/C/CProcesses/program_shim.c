// The life of a shim: it starts the program, waits until the program ends or is to stop, and then ends everything below it. As a
// subreaper it becomes the parent of every orphan, also of those that called setsid, so that killing its children until it has
// none leaves nothing. After a fork of a process with threads only system calls are safe, so nothing here allocates or prints.

#define _GNU_SOURCE
#include "program_shim.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launch_guard.h"
#include "processes.h"

// The shim's descriptors. Everything from FIRST_OTHER on is closed.
enum { CONTROL = 3, REPORT = 4, SIGNALS = 5, KEPT = 6, FIRST_OTHER = 7 };

// Milliseconds after which a process that cannot be killed is reported, and that what a program leaves behind gets.
enum { STUCK_AFTER = 10000, LEFTOVERS_GRACE = 2000 };

static void say(int descriptor, int kind, int value) {
  struct program_shim_report report = {kind, value};
  (void)!write(descriptor, &report, sizeof report);
}

// Starts the program in a process group of its own, with every signal as it is by default. Returns its number, or -1 with the
// error in `failure`. The child shares the memory until it is another program.
static pid_t start_program(const struct program_shim_start *start, volatile int *failure) {
  pid_t child = vfork();
  if (child < 0) *failure = errno;
  if (child != 0) return child;
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  struct sigaction standard;
  memset(&standard, 0, sizeof standard);
  standard.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; signal++) sigaction(signal, &standard, NULL);
  sigset_t none;
  sigemptyset(&none);
  if (chdir(start->folder) == 0) {
    close_descriptors_from(CONTROL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(start->path, start->arguments, start->environment);
  }
  *failure = errno;
  _exit(127);
}

struct signalled {
  int signal;
  pid_t parent, spared_session, spared_process, found;
};

static void signal_child(pid_t process, void *context) {
  struct signalled *signalled = context;
  struct process_state state;
  if (read_process_state(process, &state) != 0 || state.parent != signalled->parent ||
      state.session == signalled->spared_session || process == signalled->spared_process) {
    return;
  }
  kill(process, signalled->signal);
  signalled->found = process;
}

// Sends a signal to every child but those of a session and one process, 0 for none, and returns one of them, 0 for none.
static pid_t signal_children(int signal, pid_t spared_session, pid_t spared_process) {
  struct signalled signalled = {signal, getpid(), spared_session, spared_process, 0};
  visit_processes(signal_child, &signalled);
  return signalled.found;
}

// A program under way.
struct life {
  pid_t program;
  // When the program, or what it left, is killed; 0 while it may run.
  int64_t deadline;
  bool is_killing, has_ended, ends_others, was_stuck;
  int status;
};

// Asks the program to stop. A program that is halted goes on, so that it can.
static void stop(struct life *life, int64_t grace) {
  int64_t deadline = monotonic_milliseconds() + grace;
  if (life->deadline != 0 && life->deadline <= deadline) return;
  if (life->deadline == 0) {
    kill(-life->program, SIGTERM);
    kill(-life->program, SIGCONT);
  }
  life->deadline = deadline;
}

// Takes the ends of children. Returns whether none is left.
static bool reap(struct life *life) {
  for (;;) {
    int status;
    pid_t child = waitpid(-1, &status, WNOHANG);
    if (child < 0) return errno == ECHILD;
    if (child == 0) return false;
    if (child != life->program) continue;
    life->has_ended = true;
    life->status = status;
  }
}

// Stops the program where the process that started this one asks for it, or is gone.
static void obey(struct life *life, int64_t grace, struct pollfd *control) {
  char word;
  ssize_t count = read(CONTROL, &word, 1);
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
  stop(life, grace);
  if (count != 1) control->fd = -1;
}

static void watch(struct life *life, int64_t grace) {
  struct pollfd sources[] = {{CONTROL, POLLIN, 0}, {SIGNALS, POLLIN, 0}};
  while (!reap(life)) {
    if (life->has_ended && !life->ends_others) {
      life->ends_others = true;
      signal_children(SIGTERM, 0, 0);
      stop(life, grace < LEFTOVERS_GRACE ? grace : LEFTOVERS_GRACE);
    }
    int64_t time = monotonic_milliseconds();
    if (life->deadline != 0 && time >= life->deadline) {
      life->is_killing = true;
      if (!life->has_ended) kill(-life->program, SIGKILL);
      pid_t left = signal_children(SIGKILL, 0, 0);
      if (left != 0 && !life->was_stuck && time - life->deadline > STUCK_AFTER) {
        life->was_stuck = true;
        say(REPORT, PROGRAM_SHIM_STUCK, left);
      }
    }
    int timeout = -1;
    if (life->is_killing) {
      timeout = life->was_stuck ? 1000 : 5;
    } else if (life->deadline != 0) {
      timeout = (int)(life->deadline - time < 60000 ? life->deadline - time : 60000);
    }
    if (poll(sources, 2, timeout < 0 ? -1 : timeout) <= 0) continue;
    if (sources[0].revents != 0) obey(life, grace, &sources[0]);
    if (sources[1].revents != 0) {
      struct signalfd_siginfo signal;
      while (read(SIGNALS, &signal, sizeof signal) == sizeof signal) {
        if (signal.ssi_signo != SIGCHLD) stop(life, grace);
      }
    }
  }
}

// Puts the descriptors where the shim wants them: first all above the ones it wants, so that none is overwritten.
static bool arrange(int input, int output, int errors, int control, int report, int signals, int kept) {
  int wanted[] = {input, output, errors, control, report, signals, kept};
  for (int index = 0; index < FIRST_OTHER; index++) {
    if (wanted[index] < 0) continue;
    wanted[index] = fcntl(wanted[index], F_DUPFD, FIRST_OTHER);
    if (wanted[index] < 0) return false;
  }
  for (int index = 0; index < FIRST_OTHER; index++) {
    if (wanted[index] < 0) {
      close(index);
    } else if (dup2(wanted[index], index) < 0) {
      return false;
    }
  }
  close_descriptors_from(FIRST_OTHER);
  return true;
}

// The shim's process, from the fork to its end.
static void live(const struct program_shim_start *start, int input, int output, int errors, int control, int report) {
  sigset_t all, watched;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, NULL);
  // Children whose end is ignored could not be waited for.
  signal(SIGCHLD, SIG_DFL);
  setsid();
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  prctl(PR_SET_NAME, "seedsweep-shim");
  sigemptyset(&watched);
  sigaddset(&watched, SIGCHLD);
  sigaddset(&watched, SIGTERM);
  sigaddset(&watched, SIGINT);
  sigaddset(&watched, SIGHUP);
  int signals = signalfd(-1, &watched, SFD_NONBLOCK | SFD_CLOEXEC);
  if (signals < 0 || !arrange(input, output, errors, control, report, signals, start->kept)) {
    // Such as too few descriptors: then none has been moved yet.
    say(report, PROGRAM_SHIM_NOT_STARTED, errno);
    _exit(0);
  }
  struct life life = {0};
  volatile int failure = 0;
  life.program = start_program(start, &failure);
  // The program's ends of its output are its own alone.
  close(STDOUT_FILENO);
  close(STDERR_FILENO);
  if (life.program > 0 && failure == 0) {
    setpgid(life.program, life.program);
    watch(&life, start->grace);
    if (!life.was_stuck) say(REPORT, PROGRAM_SHIM_ENDED, life.status);
  } else {
    say(REPORT, PROGRAM_SHIM_NOT_STARTED, failure);
  }
  _exit(0);
}

static void close_both(int ends[2]) {
  if (ends[0] >= 0) close(ends[0]);
  if (ends[1] >= 0) close(ends[1]);
}

int program_shim_start(const struct program_shim_start *start, struct program_shim *shim) {
  int output[2] = {-1, -1}, errors[2] = {-1, -1}, control[2] = {-1, -1}, report[2] = {-1, -1};
  int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
  pid_t child = -1;
  sigset_t all, mask;
  if (input < 0 || pipe2(output, O_CLOEXEC) != 0 || pipe2(errors, O_CLOEXEC) != 0 || pipe2(report, O_CLOEXEC) != 0 ||
      socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control) != 0) {
    goto end;
  }
  fcntl(output[0], F_SETFL, O_NONBLOCK);
  fcntl(errors[0], F_SETFL, O_NONBLOCK);
  // No handler of this process runs in the child.
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &mask);
  // What a shim that is killed leaves becomes this process's own.
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  child = plain_fork();
  if (child == 0) live(start, input, output[1], errors[1], control[0], report[1]);
  pthread_sigmask(SIG_SETMASK, &mask, NULL);
end:;
  int failure = child < 0 ? errno : 0;
  if (child < 0) {
    close_both(output);
    close_both(errors);
    close_both(control);
    close_both(report);
  } else {
    close(output[1]);
    close(errors[1]);
    close(control[0]);
    close(report[1]);
    *shim = (struct program_shim){child, control[1], report[0], output[0], errors[0]};
  }
  if (input >= 0) close(input);
  return failure;
}

void program_shim_stop(const struct program_shim *shim) { (void)!send(shim->control, "", 1, MSG_NOSIGNAL); }

pid_t program_shim_end_rest(void) {
  int64_t deadline = monotonic_milliseconds() + STUCK_AFTER;
  for (;;) {
    // The shim had a session of its own, and so has everything below it.
    pid_t left = signal_children(SIGKILL, getsid(0), launch_guard_process());
    if (left == 0 || monotonic_milliseconds() > deadline) return left;
    waitpid(left, NULL, WNOHANG);
    poll(NULL, 0, 5);
  }
}
