// The files of a page: report.html of a folder, which takes its name when it is whole, and figures as SVG files. A page is made of
// a folder's results as its tables are, so whoever makes those again makes the page again.

import CommandLine
import Comparisons
import Figures
import Files
import Foundation
import Host
import Reports
import Storage
import Synchronization
import Trials

extension RunFolder {
  /// The page about the folder.
  package var report: String { path + "/report.html" }
}

/// Writes pages and figures.
package enum ReportFile {
  /// Writes the page of some folders.
  ///
  /// - Throws: `FileError`.
  package static func write(_ page: ReportPage, to path: String) throws {
    let file = try WholeFile(path: path, durability: .none)
    try page.document { folder, name in link(to: "\(folder.path)/\(name)", from: path) }.bytes.withUnsafeBytes {
      try file.write($0)
    }
    try file.finish()
  }

  /// Writes report.html of a folder.
  ///
  /// - Parameter comparisons: What comparing its recipes came to, where that is known: it takes long where there are many runs.
  /// - Throws: a `Refusal` for a folder without results; `FileError`, `CodecError`.
  package static func write(_ path: String, comparisons: [Comparison]? = nil) throws {
    let source = try PageFolder(path)
    let page = ReportPage([source], time: SystemClock().wallSeconds, comparisons: comparisons)
    try write(page, to: source.folder.report)
  }

  /// Writes report.html of a folder again where it has one, because its tables were made again. It is removed where that fails, as
  /// it says what was; the sentence about it is returned.
  package static func renew(_ folder: RunFolder) -> String? {
    guard access(folder.report, F_OK) == 0 else { return nil }
    do {
      try write(folder.path)
      return nil
    } catch {
      unlink(folder.report)
      return "warning: \(folder.report) could not be made again and is removed: \(error)"
    }
  }

  /// Writes report.html of a folder, and returns a sentence where that fails: nothing that was trained depends on it.
  package static func attempt(_ path: String, comparisons: [Comparison]? = nil) -> String? {
    do {
      try write(path, comparisons: comparisons)
      return nil
    } catch { return "warning: the page of \(path) could not be written: \(error)" }
  }

  /// Writes each figure of a page as an SVG file and returns their paths.
  ///
  /// - Parameters:
  ///   - millimetres: The width of each.
  ///   - font: Draws words as outlines; nil leaves them as words.
  /// - Throws: `FileError`.
  package static func writeFigures(
    of page: ReportPage, to folder: String, millimetres: Double, font: OutlineFont?
  ) throws -> [String] {
    try RawFile.createFolder(folder)
    var paths: [String] = []
    for figure in page.figures.overview + page.figures.training + page.figures.analyses {
      var (name, number) = (figure.name, 1)
      while paths.contains("\(folder)/\(name).svg") {
        number += 1
        name = "\(figure.name)-\(number)"
      }
      let path = "\(folder)/\(name).svg"
      let markup = figure.svg(.paper(millimetres: millimetres), font: font)
      try WholeFile.write(markup.text + "\n", to: path, durability: .none)
      paths.append(path)
    }
    return paths
  }

  /// How a page links to a file: relative to the page, and never in a way that a browser takes for another scheme.
  static func link(to file: String, from page: String) -> String {
    let target = URL(fileURLWithPath: file).standardizedFileURL.pathComponents
    let start = URL(fileURLWithPath: page).standardizedFileURL.deletingLastPathComponent().pathComponents
    let shared = zip(target, start).prefix { $0 == $1 }.count
    let steps = Array(repeating: "..", count: start.count - shared) + target.dropFirst(shared)
    let allowed = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
    let encoded = steps.map { $0.addingPercentEncoding(withAllowedCharacters: allowed) ?? "" }
    return (encoded.first == ".." ? "" : "./") + encoded.joined(separator: "/")
  }
}

/// When a run's page is written: with its last tables, and before that where it was asked for or the folder has a page already.
package final class RunPage: Sendable {
  private let isAlways: Bool
  private let isLast = Atomic<Bool>(false)

  package init(isAlways: Bool) { self.isAlways = isAlways }

  /// Says that the next tables are the last of the run.
  package func expectLast() { isLast.store(true, ordering: .relaxed) }

  func isDue(in folder: RunFolder) -> Bool {
    isAlways || isLast.load(ordering: .relaxed) || access(folder.report, F_OK) == 0
  }
}

extension TableWriter {
  /// A writer of a plan's tables and its page. It reads on in the journal each time, and removes `derived` tables that are stale.
  /// A page that cannot be written is a sentence and costs the run nothing else.
  package convenience init(
    _ plan: SweepPlan, from index: JournalIndex, to folder: RunFolder, derived: [DerivedTable], options: TableOptions,
    page: RunPage
  ) {
    self.init { check in
      try index.refresh()
      try check()
      let notice = try StaleTables.remove(derived, from: folder, before: plan, index, options: options)
      var written = Written(
        rows: try RunTables.write(plan, from: index, to: folder, options: options, check: check), notice: notice)
      guard page.isDue(in: folder) else { return written }
      do {
        let source = try PageFolder(folder, plan: plan, from: index, options: options, check: check)
        let page = ReportPage([source], time: SystemClock().wallSeconds)
        try check()
        try ReportFile.write(page, to: folder.report)
      } catch {
        // What ends the writing of tables ends it here as well; anything else is about the page alone.
        try check()
        written.notice = [written.notice, "warning: \(folder.report) could not be written: \(error)"]
          .compactMap { $0 }.joined(separator: "\n")
      }
      return written
    }
  }
}
