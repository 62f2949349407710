// seedsweep-fuzz: feeds every parser of bytes that come from outside with spoilt inputs. Each must be accepted or refused with
// an error that its callers handle. A crash, an endless loop and an allocation that the input does not explain are failures.
// For developers; no command of the product.

import CProcessor
import Foundation

@main
enum Fuzz {
  private static let usage = """
    usage: seedsweep-fuzz all|PARSER ... [--inputs N] [--seed S]
           seedsweep-fuzz PARSER --input N [--seed S] [--write FILE]
           seedsweep-fuzz --help

    The first form tries N inputs (default 10000) of each parser and prints a tally; it exits with 1 if any of them fails. The
    second parses one input again in this process, or writes it to a file.

    parsers: \(FuzzTargets.makers.filter { !$0.isHidden }.map(\.name).joined(separator: " "))
    """

  /// What the command line asks for.
  private struct Options {
    var parsers: [String] = []
    var asksForHelp = false
    var numbers: [String: Int] = [:]
    var texts: [String: String] = [:]

    init(_ words: [String]) throws {
      var words = words[...]
      while let word = words.popFirst() {
        guard word.hasPrefix("--") else {
          parsers.append(word)
          continue
        }
        if word == "--help" {
          asksForHelp = true
          continue
        }
        guard let value = words.popFirst() else { throw FuzzError("\(word) needs a value\n\(usage)") }
        switch word {
        case "--inputs", "--seed", "--input", "--from", "--to":
          guard let number = Int(value), number >= 0 else {
            throw FuzzError("\(word): found '\(value)', expected a number")
          }
          numbers[word] = number
        case "--write", "--child": texts[word] = value
        default: throw FuzzError("no option \(word)\n\(usage)")
        }
      }
    }
  }

  static func main() {
    cprocessor_require(cprocessor_build_level())
    // _exit() instead of exit(): the exit handlers of libraries do not belong to the parser and would be timed.
    do { _exit(try perform(Options(Array(CommandLine.arguments.dropFirst())))) } catch {
      complain("seedsweep-fuzz: \(error)")
      _exit(2)
    }
  }

  private static func perform(_ options: Options) throws -> Int32 {
    if options.asksForHelp {
      print(usage)
      fflush(nil)
      return 0
    }
    let seed = UInt64(options.numbers["--seed"] ?? 1)
    let isChild = options.texts["--child"] != nil
    let folder = options.texts["--child"] ?? newFolder()
    defer { if !isChild { try? FileManager.default.removeItem(atPath: folder) } }
    let known = FuzzTargets.makers
    let names = options.parsers == ["all"] ? known.filter { !$0.isHidden }.map(\.name) : options.parsers
    guard !names.isEmpty, names.allSatisfy({ name in known.contains { $0.name == name } }) else {
      throw FuzzError(usage)
    }
    var failureCount = 0
    for maker in known where names.contains(maker.name) {
      let target = try maker.make(folder)
      let run = FuzzRun(target: target, seed: seed, folder: folder)
      if isChild {
        try run.parse((options.numbers["--from"] ?? 0)..<(options.numbers["--to"] ?? 0))
      } else if let number = options.numbers["--input"] {
        try parseOne(target, seed, number, file: options.texts["--write"])
      } else {
        failureCount += report(target, seed, try run.watch(0..<(options.numbers["--inputs"] ?? 10_000)))
      }
    }
    return failureCount == 0 ? 0 : 1
  }

  /// A folder in memory where there is such a file system: every input becomes a file.
  private static func newFolder() -> String {
    let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : NSTemporaryDirectory()
    let folder = parent + "/seedsweep-fuzz-" + UUID().uuidString
    mkdir(folder, 0o700)
    return folder
  }

  private static func parseOne(_ target: FuzzTarget, _ seed: UInt64, _ number: Int, file: String?) throws {
    let input = InputMaker(target: target, seed: seed).input(number)
    if let file { return try Data(input).write(to: URL(fileURLWithPath: file)) }
    do { print(try target.parse(input) ? "taken" : "refused") } catch {
      print(
        target.isHandled(error) ? "refused: \(error)" : "an error that nobody handles: \(type(of: error)): \(error)")
    }
  }

  /// Prints what happened to the inputs and returns the number of failures.
  private static func report(_ target: FuzzTarget, _ seed: UInt64, _ tally: FuzzRun.Tally) -> Int {
    let longest = String(format: "%.1f", tally.longestMilliseconds)
    print(
      "\(target.name): \(tally.inputCount) inputs, \(tally.takenCount) taken, \(tally.refusedCount) refused, "
        + "\(tally.failures.count) failures; longest \(longest) ms (input \(tally.longestInput)), grew by "
        + "\(tally.growth) KiB")
    for failure in tally.failures { print("  FAILED \(failure)") }
    if let first = tally.failures.first {
      let number = first.dropFirst("input ".count).prefix { $0 != ":" }
      print("  again: seedsweep-fuzz \(target.name) --seed \(seed) --input \(number)")
    }
    // One parser may take minutes, so its line is shown at once.
    fflush(nil)
    return tally.failures.count
  }
}
