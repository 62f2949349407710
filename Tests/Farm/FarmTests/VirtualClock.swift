// Time that passes only while every thread waits, so that a test about hours takes milliseconds and does not depend on how
// busy the machine is. It does not know of jobs that ask the leader for something and wait for the response.

import Farm
import Glibc

/// A clock whose sleeps end at once, in the order of their ends, as soon as no thread has anything to do.
///
/// Every thread that takes part is announced by `beginWork()` before it starts. One sleeper wakes up at a time.
final class VirtualClock: FarmClock, @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var now = 0.0
  /// Threads that have something to do.
  private var busyCount = 0
  private var ticketCount = 0
  /// The ends of the sleeps under way, by ticket.
  private var sleepers: [Int: Double] = [:]

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  private func locked<Result>(_ body: () -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body()
  }

  var seconds: Double { locked { now } }

  var wallSeconds: Double { seconds }

  func beginWork() { locked { busyCount += 1 } }

  func endWork() {
    locked {
      busyCount -= 1
      advance()
    }
  }

  func sleep(_ seconds: Double) {
    locked {
      let ticket = ticketCount
      ticketCount += 1
      sleepers[ticket] = now + max(seconds, 1e-9)
      busyCount -= 1
      advance()
      while sleepers[ticket] != nil { pthread_cond_wait(condition, mutex) }
    }
  }

  func wait(atMost seconds: Double, _ wait: (Double) -> Void) { sleep(seconds) }

  /// Wakes the sleeper whose end is next, the first of several, if no thread is busy.
  private func advance() {
    precondition(busyCount >= 0, "a thread takes part that was not announced")
    guard busyCount == 0, let next = sleepers.min(by: { ($0.value, $0.key) < ($1.value, $1.key) }) else { return }
    now = next.value
    sleepers[next.key] = nil
    busyCount = 1
    pthread_cond_broadcast(condition)
  }
}
