// Runs the parser in one process and watches it from another. An input that crashes the parser, keeps it busy or takes memory
// ends only the first process; the second reads from shared memory which input it was.

import Foundation

/// The words that both processes see.
private enum Word: Int, CaseIterable {
  /// The input being parsed; the next one once all before it are done.
  case input
  case taken
  case refused
  /// The most processor time that an input took, in nanoseconds, and the input.
  case longest
  case longestInput
  /// The largest growth of the process, in kibibytes.
  case growth
}

/// Shared memory of the two processes: a file, mapped.
private struct SharedWords {
  private let words: UnsafeMutablePointer<UInt64>

  init(path: String) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    let byteCount = Word.allCases.count * MemoryLayout<UInt64>.stride
    guard descriptor >= 0, ftruncate(descriptor, off_t(byteCount)) == 0,
      let memory = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), memory != MAP_FAILED
    else { preconditionFailure("cannot map \(path)") }
    close(descriptor)
    words = memory.bindMemory(to: UInt64.self, capacity: Word.allCases.count)
  }

  subscript(word: Word) -> Int {
    get { Int(words[word.rawValue]) }
    nonmutating set { words[word.rawValue] = UInt64(newValue) }
  }
}

/// Runs inputs of one target.
struct FuzzRun {
  let target: FuzzTarget
  let seed: UInt64
  let folder: String

  /// Seconds without a finished input after which the parser is taken to hang.
  private static let longestWait = 120.0
  /// Failures after which no more inputs are tried.
  private static let mostFailures = 20
  /// The exit code for an input that threw an error which no caller handles.
  private static let strayCode: Int32 = 3

  private var wordsPath: String { folder + "/words" }

  /// What a parser did with the inputs.
  struct Tally {
    var inputCount = 0
    var takenCount = 0
    var refusedCount = 0
    var failures: [String] = []
    var longestMilliseconds = 0.0
    var longestInput = 0
    var growth = 0
  }

  // MARK: - The process that parses

  /// Parses inputs one after another, noting which.
  func parse(_ numbers: Range<Int>) throws {
    let words = SharedWords(path: wordsPath)
    let maker = InputMaker(target: target, seed: seed)
    for sample in target.samples {
      do {
        guard try target.parse(sample) else { throw FuzzError("a sound sample is refused") }
      } catch { throw FuzzError("\(target.name): a sound sample is refused: \(error)") }
    }
    let baseline = Self.peakKibibytes()
    limitMemory()
    for number in numbers {
      words[.input] = number
      var limit = itimerval(it_interval: timeval(), it_value: timeval(tv_sec: target.processorSeconds, tv_usec: 0))
      setitimer(__itimer_which_t(ITIMER_PROF.rawValue), &limit, nil)
      let start = Self.processorNanoseconds()
      let input = maker.input(number)
      do {
        words[try target.parse(input) ? .taken : .refused] += 1
      } catch  where target.isHandled(error) && !"\(error)".isEmpty {
        words[.refused] += 1
      } catch {
        complain("\(target.name): an error that nobody handles: \(type(of: error)): \(error)")
        _exit(Self.strayCode)
      }
      let time = Self.processorNanoseconds() - start
      if time > words[.longest] { (words[.longest], words[.longestInput]) = (time, number) }
      words[.growth] = max(words[.growth], Self.peakKibibytes() - baseline)
    }
    words[.input] = numbers.upperBound
  }

  /// Lets allocations fail that are larger than any input explains, whether or not their memory is used.
  private func limitMemory() {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmData:") }
    guard let kibibytes = line?.split(separator: " ").compactMap({ Int($0) }).first else { return }
    let most = rlim_t(kibibytes << 10 + target.memoryLimit << 20)
    var limit = rlimit(rlim_cur: most, rlim_max: most)
    setrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &limit)
  }

  private static func peakKibibytes() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss
  }

  private static func processorNanoseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }

  // MARK: - The process that watches

  /// Has inputs parsed by processes of their own, a new one after each failure.
  func watch(_ numbers: Range<Int>) throws -> Tally {
    var tally = Tally()
    unlink(wordsPath)
    let words = SharedWords(path: wordsPath)
    var next = numbers.lowerBound
    while next < numbers.upperBound, tally.failures.count < Self.mostFailures {
      words[.input] = next
      let end = try runChild(next..<numbers.upperBound, words)
      next = words[.input]
      guard end != nil else { break }
      tally.failures.append("input \(next): \(end ?? "")")
      next += 1
    }
    tally.inputCount = next - numbers.lowerBound
    (tally.takenCount, tally.refusedCount) = (words[.taken], words[.refused])
    tally.longestMilliseconds = Double(words[.longest]) * 1e-6
    tally.longestInput = words[.longestInput]
    tally.growth = words[.growth]
    return tally
  }

  /// Runs the parser's process and returns how it failed; nil if it did not.
  private func runChild(_ numbers: Range<Int>, _ words: SharedWords) throws -> String? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = [
      target.name, "--seed", "\(seed)", "--child", folder, "--from", "\(numbers.lowerBound)", "--to",
      "\(numbers.upperBound)",
    ]
    // Swift's own report of a crash takes seconds. Threads of OpenBLAS that start late would use up the memory that inputs may take.
    process.environment = ProcessInfo.processInfo.environment.merging([
      "SWIFT_BACKTRACE": "enable=no", "OPENBLAS_NUM_THREADS": "1",
    ]) { $1 }
    process.standardInput = FileHandle.nullDevice
    try process.run()
    var (seen, time) = (words[.input], Date())
    while process.isRunning {
      usleep(20_000)
      if words[.input] != seen { (seen, time) = (words[.input], Date()) }
      if -time.timeIntervalSinceNow > Self.longestWait { kill(process.processIdentifier, SIGKILL) }
    }
    let status = process.terminationStatus
    guard process.terminationReason == .uncaughtSignal else {
      switch status {
      case 0: return nil
      case Self.strayCode: return "it threw an error that nobody handles"
      default: throw FuzzError("\(target.name): the parser's process ended with code \(status)")
      }
    }
    switch status {
    case SIGPROF: return "it took more than \(target.processorSeconds) s of processor time"
    case SIGKILL: return "it waited for more than \(Int(Self.longestWait)) s, or was killed"
    default: return "signal \(status) (\(String(cString: strsignal(status)))), also for too large an allocation"
    }
  }
}

/// Why fuzzing cannot start.
struct FuzzError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Prints a line to standard error.
func complain(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }
