// The values that leader, worker and their callers exchange. Payloads are bytes: the farm never looks inside.

/// What the leader knows of a job beside its number; the payload is asked for when the job is handed out.
package struct Job: Equatable, Sendable {
  /// Earlier attempts that count towards the cap.
  package var attemptCount: Int
  /// Ranks that should not get this job while others exist.
  package var avoidedRanks: Set<Int>
  /// Whether it has paused in an earlier run: it waits until its owner lets it go on.
  package var isPaused: Bool
  /// The seconds that an attempt may take; one that takes longer is stopped and the job tried again.
  package var mostSeconds: Double

  /// A job; by default one that no rank has tried and that has no limit.
  package init(
    attemptCount: Int = 0, avoidedRanks: Set<Int> = [], isPaused: Bool = false, mostSeconds: Double = .infinity
  ) {
    self.attemptCount = attemptCount
    self.avoidedRanks = avoidedRanks
    self.isPaused = isPaused
    self.mostSeconds = mostSeconds
  }
}

/// One attempt at one job by one rank.
package struct HandOut: Equatable, Hashable, Sendable {
  /// The job's number, its index in the list given to the leader.
  package var job: Int
  /// The number of the attempt: one more than the failed attempts that count towards the cap, those of earlier runs
  /// (`Job.attemptCount`) included.
  package var attempt: Int
  /// The rank that got it.
  package var rank: Int

  package init(job: Int, attempt: Int, rank: Int) {
    self.job = job
    self.attempt = attempt
    self.rank = rank
  }
}

/// What a rank says of an attempt.
package enum AnswerContent: Equatable, Sendable {
  /// The job ended: `result` depends on the job alone and is what duplicates are compared by, `remark` may differ.
  case finished(result: [UInt8], remark: [UInt8])
  /// The job threw an error.
  case crashed(message: String)
  /// The job was asked to stop and did, having kept what it needs to go on elsewhere; the remark says how far it got.
  case interrupted(remark: [UInt8])
  /// The job paused by itself, having kept what it needs to go on: its owner decides whether it does. `result` depends on the job
  /// alone, `remark` may differ.
  case paused(result: [UInt8], remark: [UInt8])
}

/// What a job throws when it stops because its assignment says so.
package struct Interruption: Error {
  /// What the journal is to know of how far the job got.
  package var remark: [UInt8]

  /// An interruption; a job that did not get anywhere has nothing to remark.
  package init(remark: [UInt8] = []) { self.remark = remark }
}

/// What a job throws when it pauses, so that its owner decides whether it goes on.
package struct Pause: Error {
  /// What it came to so far.
  package var product: Product

  package init(_ product: Product) { self.product = product }
}

/// Why an attempt ended without a word from its rank.
package enum Loss: Equatable, Sendable {
  /// The rank died, or gave no sign of progress for too long; the text says which.
  case rank(reason: String)
  /// The attempt took longer than the job may, in seconds.
  case timeout(seconds: Double)
}

/// What came back of one attempt.
package struct Answer: Equatable, Sendable {
  /// The attempt.
  package var handOut: HandOut
  /// Seconds the job took on its rank.
  package var seconds: Double
  /// The outcome of the job.
  package var content: AnswerContent

  package init(handOut: HandOut, seconds: Double, content: AnswerContent) {
    self.handOut = handOut
    self.seconds = seconds
    self.content = content
  }
}

/// A job as its rank sees it.
package struct Assignment: Sendable {
  /// The job's number.
  package let job: Int
  /// The number of the attempt, as in `HandOut`.
  package let attempt: Int
  /// The number of the run.
  package let epoch: UInt64
  /// What the leader's journal gave as this job's payload.
  package let payload: [UInt8]
  let send: @Sendable ([UInt8]) -> Void
  let asksToStop: @Sendable () -> Bool
  let exchange: @Sendable ([UInt8]) -> [UInt8]?

  /// Whether the job should keep what it needs to go on elsewhere and throw an `Interruption`.
  package var isInterrupted: Bool { asksToStop() }

  /// Throws an `Interruption` if the job should stop.
  package func proceed() throws { if isInterrupted { throw Interruption() } }

  /// Sends a sign of progress with a report of any form to the leader and returns at once; a rank that sends none for
  /// long is taken for lost.
  package func report(_ report: [UInt8]) { send(report) }

  /// Asks the leader's directory for something and waits for its response, also while the job is interrupted; asking is a
  /// sign of progress.
  ///
  /// - Throws: `Interruption` where this rank is told to leave instead.
  package func ask(_ request: [UInt8]) throws -> [UInt8] {
    guard let response = exchange(request) else { throw Interruption() }
    return response
  }
}

/// What a job produces.
package struct Product: Equatable, Sendable {
  /// A pure function of the job; two attempts of one job must agree on it byte for byte.
  package var result: [UInt8]
  /// What may differ between attempts, such as seconds and host.
  package var remark: [UInt8]

  package init(result: [UInt8], remark: [UInt8] = []) {
    self.result = result
    self.remark = remark
  }
}
