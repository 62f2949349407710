// `seedsweep verdict`: which of a file's claims the results in run folders bear out. Reads tables, trains nothing.

import Claims
import CommandLine
import Files
import Foundation
import JSON5
import Storage
import Tables
import Trials

/// What `verdict` was asked to judge.
struct VerdictOptions: Equatable {
  var claims: String
  var runs: [String]
  var output: String?

  /// The options of a `verdict` command.
  init(_ command: ParsedCommand) throws {
    var reader = OptionReader(command)
    claims = command.operands[0]
    runs = reader.list("--runs")
    let paths = runs.map { URL(fileURLWithPath: $0).resolvingSymlinksInPath().standardizedFileURL.path }
    for (place, folder) in runs.enumerated() where paths[..<place].contains(paths[place]) {
      reader.fail("--runs \(folder) is given twice")
    }
    output = reader.fileName("--output", endingIn: ".csv")
    try reader.finish()
  }
}

/// Judges claims.
enum VerdictCommand {
  /// Prints the verdicts and writes their table if asked.
  static func perform(_ options: VerdictOptions) throws -> ExitCode {
    guard let data = FileManager.default.contents(atPath: options.claims) else {
      throw Refusal("seedsweep verdict: \(options.claims): cannot be read")
    }
    for folder in options.runs {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
        throw Refusal("seedsweep verdict: \(folder): no such folder")
      }
    }
    let file: ClaimsFile
    do { file = try ClaimsReader.file([UInt8](data), name: options.claims) } catch let error as ClaimsError {
      throw Refusal("\(error)")
    } catch let error as Diagnostics { throw Refusal("\(error)") }
    let folders = options.runs.map { ResultTables(folder: $0, judgedFor: file) }
    let judged = try file.claims.map { try ReplicatedClaim($0, in: folders) }
    put(VerdictTable.markdown(judged, folders: options.runs), to: STDOUT_FILENO)
    if let path = options.output {
      let rows = [VerdictTable.columns] + VerdictTable.rows(judged, folders: options.runs)
      let text = rows.map { row in row.map(\.csvQuoted).joined(separator: ",") + "\n" }.joined()
      try WholeFile.write(text, to: path)
    }
    return .success
  }
}
