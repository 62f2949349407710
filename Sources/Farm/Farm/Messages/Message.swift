// What goes over the wire: a version byte, a kind byte, then little-endian fields, each variable part behind its length.
// Reading checks every bound and refuses what is left over; nothing here knows what payloads mean.

/// One message between the leader and a worker.
package enum Message: Equatable, Sendable {
  /// Worker to leader, first of all: who this rank is.
  case hello(identity: [UInt8])
  /// Leader to worker: a job to do after the ones already given.
  case job(epoch: UInt64, job: Int, attempt: Int, payload: [UInt8])
  /// Worker to leader: the outcome of a job.
  case answer(epoch: UInt64, job: Int, attempt: Int, seconds: Double, content: AnswerContent)
  /// Worker to leader: a job handed back before it began.
  case returned(epoch: UInt64, job: Int, attempt: Int)
  /// Worker to leader: a sign of life with whatever the job reports.
  case progress(epoch: UInt64, job: Int, attempt: Int, report: [UInt8])
  /// Worker to leader: a request of a job under way, which waits for the response.
  case request(epoch: UInt64, job: Int, attempt: Int, content: [UInt8])
  /// Leader to worker: the response to the last request.
  case response(content: [UInt8])
  /// Leader to worker: hand this job back if it has not begun.
  case recall(epoch: UInt64, job: Int)
  /// Leader to worker: stop this job where it can go on later, and hand it back if it has not begun.
  case interrupt(epoch: UInt64, job: Int)
  /// Leader to worker, where nothing else was sent for half of `Leader.Policy.beatSeconds` (5 s by default): the leader lives.
  case beat
  /// Leader to worker: leave now.
  case stop
  /// Worker to leader, last of all: nothing more will come.
  case farewell

  /// The version of this format.
  static let version: UInt8 = 5

  private enum Kind: UInt8 {
    case hello = 1
    case job, finished, crashed, returned, progress, recall, stop, farewell, interrupted, interrupt, beat, request,
      response, paused
  }

  /// The kind as errors name it.
  var name: String {
    switch self {
    case .hello: "hello"
    case .job: "job"
    case .answer: "answer"
    case .returned: "returned"
    case .progress: "progress"
    case .request: "request"
    case .response: "response"
    case .recall: "recall"
    case .interrupt: "interrupt"
    case .beat: "beat"
    case .stop: "stop"
    case .farewell: "farewell"
    }
  }

  /// The message as bytes.
  package func encoded() -> [UInt8] {
    switch self {
    case .hello(let identity):
      return Message.writing(.hello) { $0.write(identity) }
    case .job(let epoch, let job, let attempt, let payload):
      return Message.writing(.job, epoch, job, attempt) { $0.write(payload) }
    case .answer(let epoch, let job, let attempt, let seconds, .finished(let result, let remark)):
      return Message.writing(.finished, epoch, job, attempt) {
        $0.write(seconds.bitPattern)
        $0.write(result)
        $0.write(remark)
      }
    case .answer(let epoch, let job, let attempt, let seconds, .crashed(let message)):
      return Message.writing(.crashed, epoch, job, attempt) {
        $0.write(seconds.bitPattern)
        $0.write(Array(message.utf8))
      }
    case .answer(let epoch, let job, let attempt, let seconds, .interrupted(let remark)):
      return Message.writing(.interrupted, epoch, job, attempt) {
        $0.write(seconds.bitPattern)
        $0.write(remark)
      }
    case .answer(let epoch, let job, let attempt, let seconds, .paused(let result, let remark)):
      return Message.writing(.paused, epoch, job, attempt) {
        $0.write(seconds.bitPattern)
        $0.write(result)
        $0.write(remark)
      }
    case .returned(let epoch, let job, let attempt):
      return Message.writing(.returned, epoch, job, attempt) { _ in }
    case .progress(let epoch, let job, let attempt, let report):
      return Message.writing(.progress, epoch, job, attempt) { $0.write(report) }
    case .request(let epoch, let job, let attempt, let content):
      return Message.writing(.request, epoch, job, attempt) { $0.write(content) }
    case .response(let content):
      return Message.writing(.response) { $0.write(content) }
    case .recall(let epoch, let job):
      return Message.writing(.recall, epoch, job, 0) { _ in }
    case .interrupt(let epoch, let job):
      return Message.writing(.interrupt, epoch, job, 0) { _ in }
    case .beat:
      return Message.writing(.beat) { _ in }
    case .stop:
      return Message.writing(.stop) { _ in }
    case .farewell:
      return Message.writing(.farewell) { _ in }
    }
  }

  /// Reads a message; throws for another version, an unknown kind, and too few or too many bytes.
  package init(_ bytes: [UInt8]) throws {
    var reader = WireReader(bytes)
    let version = try reader.readByte()
    guard version == Message.version else {
      throw FarmError.foreignVersion(found: Int(version), expected: Int(Message.version))
    }
    let code = try reader.readByte()
    guard let kind = Kind(rawValue: code) else { throw reader.error("unknown kind \(code)") }
    self = try Message.reading(kind, from: &reader)
    try reader.finish()
  }

  private static func reading(_ kind: Kind, from reader: inout WireReader) throws -> Message {
    switch kind {
    case .hello: return .hello(identity: try reader.readBytes())
    case .response: return .response(content: try reader.readBytes())
    case .stop: return .stop
    case .beat: return .beat
    case .farewell: return .farewell
    default: break
    }
    let epoch = try reader.readWord()
    let job = try reader.readCount()
    let attempt = try reader.readCount()
    switch kind {
    case .job:
      return .job(epoch: epoch, job: job, attempt: attempt, payload: try reader.readBytes())
    case .progress:
      return .progress(epoch: epoch, job: job, attempt: attempt, report: try reader.readBytes())
    case .request:
      return .request(epoch: epoch, job: job, attempt: attempt, content: try reader.readBytes())
    case .returned:
      return .returned(epoch: epoch, job: job, attempt: attempt)
    case .recall:
      return .recall(epoch: epoch, job: job)
    case .interrupt:
      return .interrupt(epoch: epoch, job: job)
    default:
      let seconds = Double(bitPattern: try reader.readWord())
      let first = try reader.readBytes()
      let content: AnswerContent =
        switch kind {
        case .finished: .finished(result: first, remark: try reader.readBytes())
        case .interrupted: .interrupted(remark: first)
        case .paused: .paused(result: first, remark: try reader.readBytes())
        default: .crashed(message: String(decoding: first, as: UTF8.self))
        }
      return .answer(epoch: epoch, job: job, attempt: attempt, seconds: seconds, content: content)
    }
  }

  private static func writing(_ kind: Kind, _ body: (inout WireWriter) -> Void) -> [UInt8] {
    var writer = WireWriter()
    writer.write(byte: version)
    writer.write(byte: kind.rawValue)
    body(&writer)
    return writer.bytes
  }

  private static func writing(
    _ kind: Kind, _ epoch: UInt64, _ job: Int, _ attempt: Int, _ body: (inout WireWriter) -> Void
  ) -> [UInt8] {
    writing(kind) {
      $0.write(epoch)
      $0.write(UInt64(job))
      $0.write(UInt64(attempt))
      body(&$0)
    }
  }
}
