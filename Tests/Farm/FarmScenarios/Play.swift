// What must be true after a scenario: some rules for all of them, and each scenario's own.

import Farm

/// A finished run of a scenario.
struct Play {
  let scenario: Scenario
  let size: Int
  var events: [Event]
  var report: FarmReport?
  var error: String?
  var seconds = 0.0

  /// Everything that is wrong, one sentence each.
  func problems() -> [String] {
    if scenario == .diskFull { return stopped() }
    guard let report else { return ["the leader threw: \(error ?? "nothing")"] }
    return order() + expect(report.silentRanks.isEmpty, "ranks \(report.silentRanks) did not take leave")
      + expect(report.duplicateCount == 0, "\(report.duplicateCount) duplicates") + results() + own(report)
  }

  private func expect(_ condition: Bool, _ problem: @autoclosure () -> String) -> [String] {
    condition ? [] : [problem()]
  }

  private var answers: [(answer: Answer, isFinal: Bool)] {
    events.compactMap { if case .answered(let answer, let isFinal) = $0 { (answer, isFinal) } else { nil } }
  }

  private var finishedJobs: [Int] {
    answers.compactMap { if case .finished = $0.answer.content { $0.answer.handOut.job } else { nil } }
  }

  /// Every answer follows a committed hand-out of the same attempt to the same rank, and no attempt is made twice at once.
  private func order() -> [String] {
    var problems: [String] = []
    var recorded: Set<HandOut> = []
    var durable: Set<HandOut> = []
    for event in events {
      switch event {
      case .handedOut(let handOut):
        if recorded.contains(where: { $0.job == handOut.job }) { problems.append("\(handOut) while under way") }
        recorded.insert(handOut)
      case .committed:
        durable = recorded
      case .answered(let answer, _):
        if !durable.contains(answer.handOut) { problems.append("\(answer.handOut) answered before it was durable") }
        recorded.remove(answer.handOut)
        durable.remove(answer.handOut)
      case .returned(let handOut), .failed(_, let handOut, _):
        recorded.remove(handOut)
        durable.remove(handOut)
      case .admitted, .duplicate, .progress, .lost, .found, .quarantined:
        break
      }
    }
    return problems + expect(recorded.isEmpty, "never answered: \(recorded)")
  }

  private func results() -> [String] {
    answers.flatMap { answer, _ -> [String] in
      guard case .finished(let result, let remark) = answer.content else { return [] }
      let job = answer.handOut.job
      return expect(result == scenario.expectedResult(job), "job \(job) has another job's result")
        + expect(remark == Array("attempt \(answer.handOut.attempt)".utf8), "job \(job) has a wrong remark")
    }
  }

  private func own(_ report: FarmReport) -> [String] {
    switch scenario {
    case .drain: drained(report)
    case .crashesAreRetried: crashed(report)
    case .slowJobBlocksNobody: complete(report) + slow()
    case .prefetch: complete(report) + prefetched(2...2)
    case .manyAhead: complete(report) + slow() + prefetched(3...17)
    case .progress: complete(report) + progressed()
    default: complete(report)
    }
  }

  private func complete(_ report: FarmReport) -> [String] {
    expect(finishedJobs.sorted() == Array(0..<scenario.jobCount), "finished jobs are \(finishedJobs.sorted())")
      + expect(report.finishedCount == scenario.jobCount, "finishedCount is \(report.finishedCount)")
      + expect(report.remaining.isEmpty && report.exhausted.isEmpty, "\(report)")
  }

  /// The slow job ends last, although it began among the first and jobs had been sent ahead behind it.
  private func slow() -> [String] {
    if size == 1 { return [] }
    return expect(finishedJobs.last == 3, "the slow job 3 did not end last: \(finishedJobs)")
  }

  /// The most jobs that a rank held at some moment are as many as these.
  private func prefetched(_ expected: ClosedRange<Int>) -> [String] {
    var held = Array(repeating: 0, count: size)
    var deepest = 0
    for event in events {
      switch event {
      case .handedOut(let handOut): held[handOut.rank] += 1
      case .answered(let answer, _): held[answer.handOut.rank] -= 1
      case .returned(let handOut): held[handOut.rank] -= 1
      default: break
      }
      deepest = max(deepest, held.max() ?? 0)
    }
    return expect(expected.contains(deepest), "a rank held up to \(deepest) jobs")
  }

  private func progressed() -> [String] {
    let reports = events.compactMap { event -> String? in
      guard case .progress(let report, let handOut) = event else { return nil }
      return "\(handOut.job): " + String(decoding: report, as: UTF8.self)
    }
    let expected = (0..<scenario.jobCount).flatMap { job in (0..<3).map { "\(job): job \(job) step \($0)" } }
    return expect(reports.sorted() == expected.sorted(), "reports were \(reports.sorted())")
  }

  /// The error ends the run while ranks are in jobs of half a minute, and no rank is waited for.
  private func stopped() -> [String] {
    expect(error == "DiskFull()", "ended with \(error ?? "no error")")
      + expect(seconds < 15, "the run took \(seconds) s to end")
  }

  private func drained(_ report: FarmReport) -> [String] {
    let all = (finishedJobs + report.remaining).sorted()
    return expect(all == Array(0..<scenario.jobCount), "finished and remaining jobs are \(all)")
      + expect(finishedJobs.count >= 10, "only \(finishedJobs.count) jobs finished")
      + expect(finishedJobs.count <= 10 + 2 * size, "\(finishedJobs.count) jobs finished after draining began at 10")
  }

  private func crashed(_ report: FarmReport) -> [String] {
    let attempts = answers.filter { $0.answer.handOut.job == 4 }
    let expected = AnswerContent.crashed(message: "job 4 is hopeless: \u{1F4A5}")
    let ranks = Set(attempts.map(\.answer.handOut.rank))
    let second = answers.filter { $0.answer.handOut.job == 7 }
    return expect(report.exhausted == [4] && report.remaining.isEmpty, "\(report)")
      + expect(attempts.map(\.answer.handOut.attempt) == [1, 2, 3], "job 4 had the attempts \(attempts)")
      + expect(attempts.map(\.isFinal) == [false, false, true], "job 4 was final in \(attempts)")
      + expect(attempts.allSatisfy { $0.answer.content == expected }, "job 4 said \(attempts)")
      + expect(ranks.count == min(size, 3), "job 4 ran on the ranks \(ranks)")
      + expect(second.map(\.isFinal) == [false, true], "job 7 had \(second)")
      + expect(finishedJobs.sorted() == (0..<scenario.jobCount).filter { $0 != 4 }, "finished: \(finishedJobs)")
  }
}
