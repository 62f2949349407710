// `seedsweep check`: whether the tables and macros of a paper still agree with their results. Follows a paper's \input and
// \include; changes nothing.

import CommandLine
import Foundation
import Host
import Papers
import Runs
import Storage

/// Finds stale numbers.
struct CheckCommand: Command {
  static let syntax = CommandSyntax(
    "check", "whether a paper's tables and macros still say what the results say",
    details: """
      Finds what 'seedsweep table' made in a LaTeX file and in the files that it inputs or includes, makes it again from DIR and
      prints file and line of everything that differs. Other results with equal numbers differ, too. With several folders, each
      table is compared with the folder that has the name of the one it was made from. Exits with 1 if anything is stale.
      """,
    operands: [Operand("PAPER.tex", "the paper"), Operand(Operand.results.name, Operand.results.help, .some)])

  private let paper: String
  /// The folders that tables and macros were made from. With one, every table is compared with it.
  private let folders: [String]

  init(_ given: Given) {
    paper = given.operands[0]
    folders = Array(given.operands.dropFirst())
  }

  func perform(_ context: Context) throws -> ExitCode {
    let files = try PaperFiles(paper)
    for name in files.missing { complain("\(name): not found, so not checked") }
    guard !files.blocks.isEmpty else {
      throw Refusal("no table or macros of seedsweep in \(paper)\(files.count > 1 ? " and what it includes" : "")")
    }
    var staleCount = 0
    var current: [String: String] = [:]
    for (file, block) in files.blocks {
      let stale: [StaleLine]
      if let folder = folder(of: block) {
        let key = "\(folder) \(block.words)"
        let text = try current[key] ?? remade(block, from: folder, file: file, context)
        current[key] = text
        stale = block.stale(against: text)
      } else {
        stale = [
          StaleLine(
            line: block.line, message: "made from a folder '\(block.folder)', which is none of those given")
        ]
      }
      for line in stale { say("\(file):\(line.line): \(line.message)") }
      staleCount += stale.count
    }
    let total = counted(files.blocks.count, "table or macro block")
    say(
      staleCount == 0 ? "Up to date: \(total)." : "Stale: \(counted(staleCount, "line")) in \(total).")
    return staleCount == 0 ? .success : .failure
  }

  private func folder(of block: PaperBlock) -> String? {
    if folders.count == 1 { return folders[0] }
    return folders.first { URL(fileURLWithPath: RunFolder($0).path).lastPathComponent == block.folder }
  }

  /// The text as the flags in its mark make it now.
  private func remade(_ block: PaperBlock, from folder: String, file: String, _ context: Context) throws -> String {
    let table: TableCommand
    // The captions of tables were long before the flag was there.
    let (caption, macros) = (TableCommand.caption.name, TableCommand.macros.name)
    let isOld = !block.words.contains { $0 == caption || $0 == macros }
    let words = block.words + (isOld ? [caption, CaptionLength.long.rawValue] : [])
    do { table = try TableCommand.read([folder] + words, of: context.program) } catch let refusal as Refusal {
      throw Refusal(
        problems: refusal.problems.map { "\(file):\(block.line): the flags of seedsweep table: \($0)" })
    }
    return try table.remade(named: block.folder)
  }
}
