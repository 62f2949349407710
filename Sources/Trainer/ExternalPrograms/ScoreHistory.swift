// Scores and other numbers from lines of JSON objects, as a program prints them or writes them to a file. Lines that are no such
// object are text and nothing else.

import Foundation
import JSON5
import TrainerFiles

/// What lines of JSON objects tell of a run.
package struct ScoreHistory {
  /// A score.
  struct Score: Equatable {
    /// The last step that was told, in the score's own line or before; nil for an entry of a state that has none.
    var step: Int?
    var epoch: Double
    /// NaN for null, NaN and infinite ones.
    var value: Double
  }

  /// The most numbers that are kept, and the most scores: of more the first ones, and the last score.
  static let mostNumbers = 100_000
  /// The most bytes of a line.
  private static let longestLine = 1 << 20

  /// The name of the score.
  let key: String
  private(set) var scores: [Score] = []
  private(set) var numbers: [RecordedNumber] = []
  /// The last step that a line told, and the number of steps of the whole run, 0 where no line told one.
  private(set) var step = 0
  private(set) var stepCount = 0
  /// Whether there were more numbers or scores than are kept.
  private(set) var isCut = false
  /// The names of numbers that could be the score.
  private(set) var numberNames: Set<String> = []
  /// What kind of value the last score is, if it is no number; nil if it is one.
  private(set) var badScore: String?
  private var rest: [UInt8] = []
  private var isTooLong = false

  package init(key: String) { self.key = key }

  /// Takes what another file tells in place of lines.
  mutating func set(_ scores: [Score], _ numbers: [RecordedNumber], step: Int) {
    (self.scores, self.numbers, self.step) = (scores, numbers, step)
  }

  /// Adds bytes of lines.
  package mutating func add(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress else { return }
    var start = 0
    // The system's search: a program may print a gigabyte.
    while start < bytes.count, let end = memchr(base + start, 0x0A, bytes.count - start) {
      append(UnsafeRawBufferPointer(start: base + start, count: end - UnsafeMutableRawPointer(mutating: base + start)))
      takeLine()
      start = end - UnsafeMutableRawPointer(mutating: base) + 1
    }
    append(UnsafeRawBufferPointer(rebasing: bytes[start...]))
  }

  /// Takes a last line without an end.
  package mutating func finish() { takeLine() }

  private mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard !isTooLong else { return }
    rest.append(contentsOf: bytes)
    if rest.count > Self.longestLine { (isTooLong, rest) = (true, []) }
  }

  private mutating func takeLine() {
    defer { (rest, isTooLong) = ([], false) }
    if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest.removeFirst(3) }
    guard rest.first(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) == UInt8(ascii: "{"),
      let node = try? JSONReader.read(rest, name: "line", as: .python), let members = node.members
    else { return }
    take(node, members)
  }

  private mutating func take(_ node: JSONNode, _ members: [JSONMember]) {
    if let number = node["step"]?.stepNumber { step = number }
    if let number = node["max_steps"]?.stepNumber, number > 0 { stepCount = number }
    let epoch = node["epoch"]?.doubleValue ?? .nan
    if let found = node[key] {
      if case .null = found.content {
        keep(Score(step: step, epoch: epoch, value: .nan))
      } else if let value = found.doubleValue {
        keep(Score(step: step, epoch: epoch, value: value.isFinite ? value : .nan))
      } else {
        badScore = found.kindName
      }
    }
    let entry = EntryNumbers(members, key: key)
    for member in members where !["step", "epoch", "max_steps"].contains(member.key) {
      guard let value = member.value.doubleValue else { continue }
      if numberNames.count < 50 { numberNames.insert(member.key) }
      guard node["step"] != nil || member.key == key else { continue }
      guard numbers.count < Self.mostNumbers else {
        isCut = true
        continue
      }
      numbers.append(
        RecordedNumber(
          step: step, epoch: epoch, isEvaluation: entry.isEvaluation(member.key), quantity: entry.quantity(member.key),
          value: value))
    }
  }

  /// Keeps a score, in place of the one before where there are too many.
  private mutating func keep(_ score: Score) {
    badScore = nil
    if scores.count == Self.mostNumbers {
      scores.removeLast()
      isCut = true
    }
    scores.append(score)
  }
}
