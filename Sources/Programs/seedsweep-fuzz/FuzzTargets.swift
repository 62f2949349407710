// The parsers of bytes from outside, by name.

import Foundation

/// Makes a target whose files lie in a folder of its own.
struct TargetMaker: Sendable {
  let name: String
  var isHidden = false
  let make: @Sendable (_ folder: String) throws -> FuzzTarget
}

enum FuzzTargets {
  /// Every target; `faulty` is no parser of the product but shows that failures are found.
  static let makers: [TargetMaker] = [
    TargetMaker(name: "safetensors", make: safetensors),
    TargetMaker(name: "pickle", make: pickle),
    TargetMaker(name: "zip", make: zipFile),
    TargetMaker(name: "config", make: modelConfiguration),
    TargetMaker(name: "tokenizer", make: tokenizerConfiguration),
    TargetMaker(name: "vocab", make: vocabulary),
    TargetMaker(name: "tokenizer-json", make: tokenizerJSON),
    TargetMaker(name: "sentencepiece", make: sentencePieces),
    TargetMaker(name: "merges", make: merges),
    TargetMaker(name: "sweep", make: sweep),
    TargetMaker(name: "assignment", make: assignment),
    TargetMaker(name: "plan", make: plan),
    TargetMaker(name: "claims", make: claims),
    TargetMaker(name: "registration", make: registration),
    TargetMaker(name: "tsv", make: tabSeparated),
    TargetMaker(name: "csv", make: commaSeparated),
    TargetMaker(name: "jsonl", make: jsonLines),
    TargetMaker(name: "import", make: importedRuns),
    TargetMaker(name: "trainer", make: trainerStates),
    TargetMaker(name: "program", make: programResults),
    TargetMaker(name: "template", make: template),
    TargetMaker(name: "font", make: font),
    TargetMaker(name: "journal", make: journal),
    TargetMaker(name: "lease", make: lease),
    TargetMaker(name: "status", make: status),
    TargetMaker(name: "checkpoint", make: checkpoint),
    TargetMaker(name: "pretraining", make: pretraining),
    TargetMaker(name: "masks", make: maskSet),
    TargetMaker(name: "wire", make: wire),
    TargetMaker(name: "files", make: files),
    TargetMaker(name: "faulty", isHidden: true, make: faulty),
  ]

  /// A parser with every fault that is looked for, each at a byte of its own.
  private static func faulty(_ folder: String) -> FuzzTarget {
    struct Stray: Error {}
    var target = FuzzTarget(
      name: "faulty", samples: [bytes("harmless")],
      words: [0xF8, 0xF9, 0xFA, 0xFB].map { [$0] }, isHandled: { _ in false }
    ) { input in
      switch input.first(where: { $0 >= 0xF8 }) {
      case 0xF8: preconditionFailure("a crash")
      case 0xF9: while getpid() > 0 {}
      case 0xFA: withExtendedLifetime([UInt8](repeating: 1, count: 1 << 30)) {}
      case 0xFB: throw Stray()
      default: break
      }
      return true
    }
    // Every input with its second byte takes all of it.
    target.processorSeconds = 1
    return target
  }

  /// Writes an input over a file that stays the same file: creating one for every input would take most of the time.
  static func write(_ input: [UInt8], to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FuzzError("cannot write \(path)") }
    defer { close(descriptor) }
    guard Glibc.write(descriptor, input, input.count) == input.count else { throw FuzzError("cannot write \(path)") }
  }

  /// A path in a folder, which is made.
  static func path(_ name: String, in folder: String) throws -> String {
    let path = folder + "/" + name
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    return path
  }
}
