// `seedsweep verdict`: which claims of a file the results in run folders support. Reads tables, trains nothing.

import Analyses
import Claims
import CommandLine
import Files
import Foundation
import Host
import JSON5
import Reports
import Tables
import Trials
import Verdicts

/// Judges claims.
struct VerdictCommand: Command {
  static let runs = Flag(
    "--runs", "DIR", "the folder that holds the run folders, or for a registration the draws' folders", eachOf: .text,
    required: true)
  static let claim = Flag("--claim", "N", "judge this claim of a registration only", eachOf: .text)
  static let output = Flag(
    "--output", "FILE.csv", "also write a row for every condition and folder, or part", .file(endingIn: ".csv"))
  static let page = Flag(
    "--page", "FILE.md", "write a registration's verdicts as a page with figures", .file(endingIn: ".md"))
  static let rules = Flag(
    "--rule", "RULE=DIR", "add a column to the page: verdicts on the same draws by another failure rule", eachOf: .text)

  static let syntax = CommandSyntax(
    "verdict", "which claims of a file the results support",
    details: """
      Computes the verdict on every claim of CLAIMS and prints them as Markdown tables.
      CLAIMS may be a registration, such as sweeps/registration.json5: a JSON5 file that was committed before the runs, with
      draws of pre-trainings and data seeds, and for each claim a quantity, its side and the smallest effect that matters. The
      draws' effects are pooled, and a claim holds, is smaller than asked, contradicted, holds in part or is not shown. Results
      from before the commit of the file or of the draw, seeds 1001 to 1999 and draws that share trials are refused; draws that
      are not registered yet do not count, and every departure from the registration is listed. p-values are adjusted over all
      claims, whichever of them --claim prints.
      --page writes FILE.md with a figure, a table and a section for each claim, FILE-conditions.md with everything else and the
      figures' folder FILE-figures. Where FILE.md is there, only what stands between the marks of an earlier --page is replaced.
      --rule loss=DIR gives the table a column for another failure rule: DIR is a copy of the draws whose tables 'summarize
      --failure-rule' and the analyses wrote again.
      Or CLAIMS is a JSON5 file of conditions on numbers in the tables of run folders. A claim holds if all of its conditions do;
      one that lacks a run, a table or a column is reported as not run, with the reason; a column that no table of the program has
      is an error. Of several folders, such as the same sweeps on other seeds, each is judged for itself, and the verdict says in
      how many a claim holds. sweeps/claims.json5 has the claims of arXiv 2006.04884; what is judged so is exploratory.
      """,
    operands: [Operand("CLAIMS", "the claims file or the registration (JSON5)")],
    flags: [runs, claim, output, page, rules])

  private let claims: String
  private let folders: [String]
  private let chosen: [String]
  private let output: String?
  private let page: String?
  private let rules: [(name: String, folder: String)]

  init(_ given: Given) {
    claims = given.operands[0]
    folders = given[Self.runs]
    chosen = given[Self.claim]
    output = given[Self.output]
    page = given[Self.page]
    rules = given[Self.rules].compactMap { text in
      guard let equals = text.lastIndex(of: "="), FailureRule(String(text[..<equals])) != nil else {
        given.fail("--rule \(text): expected a failure rule and a folder, such as loss=out/draws-by-loss")
        return nil
      }
      return (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }
    if page == nil, !rules.isEmpty { given.fail("--rule is a column of the page; give --page as well") }
    if page != nil, !chosen.isEmpty { given.fail("--page is about all claims of a registration; leave --claim out") }
    given.refuseRepeated(folders, flag: "--runs ")
  }

  func perform(_ context: Context) throws -> ExitCode {
    let bytes = try InputFile.contents(of: claims)
    for folder in folders + rules.map(\.folder) {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
        throw Refusal("\(folder): no such folder")
      }
    }
    if RegistrationReader.isRegistration(bytes) {
      try judge(RegistrationReader.file(bytes, name: claims, tables: ColumnReference.tables))
    } else {
      try judge(ClaimsReader.file(bytes, name: claims, tables: ColumnReference.tables))
    }
    return .success
  }

  private func judge(_ file: ClaimsFile) throws {
    guard chosen.isEmpty else {
      throw Refusal("\(claims) is no registration, and --claim chooses among registered claims")
    }
    if page != nil { throw Refusal("\(claims) is no registration, and --page is for those; the tables are printed") }
    let tables = folders.map { ResultTables(folder: $0, judgedFor: file) }
    let judged = try file.claims.map { try ReplicatedClaim($0, in: tables) }
    put(
      VerdictTable.markdown(judged, folders: folders)
        + "\nExploratory: these claims were not registered with an effect and a test.\n", to: STDOUT_FILENO)
    if let output { try VerdictTable.columns.write(VerdictTable.rows(judged, folders: folders), to: output) }
  }

  private func judge(_ registration: Registration) throws {
    guard folders.count == 1 else {
      throw Refusal(
        "a registration names its draws: give the one folder that their folders are in, not \(folders.count)")
    }
    let names = registration.claims.map(\.name)
    if let unknown = chosen.first(where: { !names.contains($0) }) {
      throw Refusal(
        "claim \(unknown) is not registered in \(claims), which has \(names.joined(separator: ", ")); register it, commit the "
          + "registration and run its sweeps after that")
    }
    let runs = try RegisteredRuns(registration, below: folders[0])
    let verdicts = try RegisteredVerdict.all(registration, in: runs).filter {
      chosen.isEmpty || chosen.contains($0.claim.name)
    }
    put(VerdictPage(registration, runs, verdicts).markdown, to: STDOUT_FILENO)
    if let output { try VerdictRow.columns.write(VerdictRow.all(verdicts), to: output) }
    if let page { try write(registration, runs, verdicts, to: page) }
  }

  /// Writes the page, that of all conditions and the figures.
  private func write(
    _ registration: Registration, _ runs: RegisteredRuns, _ verdicts: [RegisteredVerdict], to path: String
  ) throws {
    let others = try rules.map { rule in
      var registration = registration
      registration.failureRule = rule.name
      let runs = try RegisteredRuns(registration, below: rule.folder)
      return VerdictReport.OtherRule(name: rule.name, verdicts: try RegisteredVerdict.all(registration, in: runs))
    }
    let report = VerdictReport(
      registration, runs, verdicts, stem: String(RawFile.name(of: path).dropLast(3)), otherRules: others)
    let folder = RawFile.folder(of: path).isEmpty ? "." : RawFile.folder(of: path)
    try RawFile.createFolder("\(folder)/\(report.figuresFolder)")
    for figure in report.figureFiles { try WholeFile.write(figure.text, to: "\(folder)/\(figure.name)") }
    let stale = report.staleFigures(below: folder)
    for name in stale { try RawFile.remove("\(folder)/\(name)") }
    try WholeFile.write(report.conditions, to: "\(folder)/\(report.conditionsName)")
    let old = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    try WholeFile.write(report.text(replacing: old), to: path)
    let removed = stale.isEmpty ? "" : "; \(counted(stale.count, "figure")) of an earlier page removed"
    say("Verdicts: \(path), \(counted(report.figureFiles.count, "figure"))\(removed)")
  }
}

/// Mistakes of a claims file, each with the file's name and a position.
extension ClaimsError: UserError {
  package var standsAlone: Bool { true }
}
