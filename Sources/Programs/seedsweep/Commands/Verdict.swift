// `seedsweep verdict`: which claims of a file the results in run folders support. Reads tables, trains nothing.

import Claims
import CommandLine
import Foundation
import JSON5
import Tables
import Trials

/// Judges claims.
struct VerdictCommand: Command {
  static let runs = Flag(
    "--runs", "DIR", "the folder that the run folders are in", eachOf: .text, required: true)
  static let output = Flag(
    "--output", "FILE.csv", "also write a row for every condition and folder", .file(endingIn: ".csv"))

  static let syntax = CommandSyntax(
    "verdict", "which of a file's claims the results bear out",
    details: """
      Computes the verdict on every claim of CLAIMS, a JSON5 file of conditions on numbers in the tables of run folders, and
      prints them as a Markdown table. A claim holds if all of its conditions do; one that lacks a run, a table or a column is
      reported as not run, with the reason. Of several folders, such as the same sweeps on other seeds, each is judged for
      itself, and the verdict says in how many a claim holds. sweeps/claims.json5 has the claims of arXiv 2006.04884.
      """,
    operands: [Operand("CLAIMS", "the claims file (JSON5)")], flags: [runs, output])

  private let claims: String
  private let folders: [String]
  private let output: String?

  init(_ given: Given) {
    claims = given.operands[0]
    folders = given[Self.runs]
    output = given[Self.output]
    let paths = folders.map { URL(fileURLWithPath: $0).resolvingSymlinksInPath().standardizedFileURL.path }
    for (index, folder) in folders.enumerated() where paths[..<index].contains(paths[index]) {
      given.fail("--runs \(folder) is given twice")
    }
  }

  func perform(_ context: Context) throws -> ExitCode {
    guard let data = FileManager.default.contents(atPath: claims) else { throw Refusal("\(claims): cannot be read") }
    for folder in folders {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
        throw Refusal("\(folder): no such folder")
      }
    }
    let file = try ClaimsReader.file([UInt8](data), name: claims)
    let tables = folders.map { ResultTables(folder: $0, judgedFor: file) }
    let judged = try file.claims.map { try ReplicatedClaim($0, in: tables) }
    put(VerdictTable.markdown(judged, folders: folders), to: STDOUT_FILENO)
    if let output {
      try VerdictTable.columns.write(VerdictTable.rows(judged, folders: folders), to: output)
    }
    return .success
  }
}

/// Mistakes of a claims file, each with the file's name and a position.
extension ClaimsError: UserError {
  package var standsAlone: Bool { true }
}
