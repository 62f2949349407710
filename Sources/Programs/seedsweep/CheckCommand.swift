// `seedsweep check`: whether the tables and macros of a paper still say what their results say. Follows a paper's \input and
// \include; changes nothing.

import CommandLine
import Foundation
import Papers
import Storage
import Trials

/// Finds stale numbers.
enum CheckCommand {
  /// Prints file and line of every stale number; the exit code tells whether there are any.
  ///
  /// - Parameters:
  ///   - paper: The LaTeX file.
  ///   - folders: The folders that its tables and macros were made from. With one, every table is held against it.
  static func perform(_ paper: String, folders: [String]) throws -> ExitCode {
    var files = PaperFiles()
    try files.read(paper)
    for name in files.missing { complain("\(name): not found, so not checked") }
    guard !files.blocks.isEmpty else {
      throw Refusal(
        "seedsweep check: no table or macros of seedsweep in \(paper)\(files.count > 1 ? " and what it includes" : "")")
    }
    var staleCount = 0
    var current: [String: String] = [:]
    for (file, block) in files.blocks {
      let stale: [StaleLine]
      if let folder = folder(of: block, among: folders) {
        let key = "\(folder) \(block.words)"
        let text = try current[key] ?? remade(block, from: folder, file: file)
        current[key] = text
        stale = block.stale(against: text)
      } else {
        stale = [StaleLine(block, "made from a folder '\(block.folder)', which is none of those given")]
      }
      for line in stale { say("\(file):\(line.line): \(line.message)") }
      staleCount += stale.count
    }
    let total = "\(files.blocks.count) table or macro block\(files.blocks.count == 1 ? "" : "s")"
    say(
      staleCount == 0 ? "Up to date: \(total)." : "Stale: \(staleCount) line\(staleCount == 1 ? "" : "s") in \(total).")
    return staleCount == 0 ? .success : .failure
  }

  private static func folder(of block: PaperBlock, among folders: [String]) -> String? {
    if folders.count == 1 { return folders[0] }
    return folders.first { URL(fileURLWithPath: RunFolder($0).path).lastPathComponent == block.folder }
  }

  /// The text made anew under the name that it had for its folder.
  private static func remade(_ block: PaperBlock, from folder: String, file: String) throws -> String {
    let place = "seedsweep check: \(file):\(block.line)"
    let options: PaperOptions
    do {
      guard case .command(let command) = try CommandLineParser.parse(["table", folder] + block.words, of: .seedsweep)
      else { throw Refusal("\(place): no flags of seedsweep table") }
      options = try PaperOptions(command)
    } catch let refusal as Refusal { throw Refusal("\(place): \(refusal.description)") }
    var source = try PaperFolder.open(folder, score: options.score, rule: options.rule, command: "check")
    source.name = block.folder
    guard let style = options.style else { return TableCommand.macros(options, of: source) }
    return try TableCommand.table(options, style, of: source)
  }
}

extension StaleLine {
  fileprivate init(_ block: PaperBlock, _ message: String) { self.init(line: block.line, message: message) }
}

/// The files of a paper and what `seedsweep table` made in them.
private struct PaperFiles {
  var blocks: [(file: String, block: PaperBlock)] = []
  var missing: [String] = []
  private var visited: Set<String> = []
  private var folder = ""

  var count: Int { visited.count }

  /// Reads a paper and what it includes; LaTeX looks those up from the paper's folder.
  mutating func read(_ paper: String) throws {
    folder = paper.contains("/") ? String(paper[...(paper.lastIndex(of: "/") ?? paper.startIndex)]) : ""
    guard let text = Self.text(paper) else { throw Refusal("seedsweep check: \(paper): no such file") }
    add(text, of: paper)
  }

  private static func text(_ path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  }

  private mutating func add(_ text: String, of file: String) {
    guard visited.insert(file).inserted else { return }
    blocks += PaperBlock.all(in: text).map { (file, $0) }
    for name in PaperBlock.inputs(in: text) {
      let path = name.hasPrefix("/") ? name : folder + name
      // LaTeX adds the ending where there is none, and prefers that.
      let candidates = [path + ".tex", path]
      if let found = candidates.first(where: { Self.text($0) != nil }) {
        add(Self.text(found) ?? "", of: found)
      } else if !missing.contains(path) {
        missing.append(path)
      }
    }
  }
}
