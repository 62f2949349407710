// `seedsweep report`: a page about folders of results, and its figures as files for papers. Reads journals or an import's tables,
// and computes nothing that tables do not hold.

import CommandLine
import Figures
import Files
import Foundation
import Host
import Pages
import Reports
import Storage

/// Writes a page.
struct ReportCommand: Command {
  static let output = Flag(
    "--output", "FILE.html", "the page to write", .file(endingIn: ".html"),
    unset: "report.html in DIR; needed for several folders")
  static let figures = Flag("--figures", "FOLDER", "write each figure as an SVG file as well", .folder)
  static let width = Flag(
    "--width", "MM", "the width of those files in millimetres: a column of a paper",
    .number(atLeast: 40, atMost: 2000), default: Figure.columnMillimetres)
  static let outlines = Flag(
    "--outlines", "FONT.ttf", "draw the words of those files as outlines of a TrueType font", .file(endingIn: ".ttf"),
    unset: "words in a font of the viewer's")

  static let syntax = CommandSyntax(
    "report", "a page about the results, and its figures as SVG files",
    details: """
      Writes one HTML page that needs nothing beside it and no network: the answer in a sentence, failure rates, every run's score,
      training curves, comparisons, figures of the tables that analyze wrote, a table of trials that sorts and filters, and how
      it was run. It is made from the same results as the tables and judged as they are. With --figures each figure becomes an SVG
      file as wide as a column of a paper.
      """,
    operands: [Operand(Operand.results.name, Operand.results.help, .some)],
    flags: [output, figures, width, outlines])

  private let paths: [String]
  private let output: String?
  private let figures: String?
  private let width: Double
  private let outlines: String?

  init(_ given: Given) {
    paths = given.operands
    output = given[Self.output]
    figures = given[Self.figures]
    width = given[Self.width]
    outlines = given[Self.outlines]
    given.refuseRepeated(paths)
    if paths.count > 1, output == nil {
      given.fail("--output FILE.html is missing: the page of several folders belongs to none of them, so name its file")
    }
    for flag in ["--width", "--outlines"] where figures == nil && given.texts[flag] != nil {
      given.fail("\(flag) is about the files of --figures, which is missing")
    }
  }

  func perform(_ context: Context) throws -> ExitCode {
    let font = try outlines.map { path in
      do { return try OutlineFont(InputFile.contents(of: path), name: path) } catch let error as FontError {
        throw Refusal("\(error)")
      }
    }
    let sources = try paths.map { try PageFolder($0) }
    let page = ReportPage(sources, time: SystemClock().wallSeconds)
    let path = output ?? RunFolder(paths[0]).report
    try ReportFile.write(page, to: path)
    say("Page: \(path)")
    guard let figures else { return .success }
    let files = try ReportFile.writeFigures(of: page, to: figures, millimetres: width, font: font)
    for file in files { say(file) }
    return .success
  }
}
