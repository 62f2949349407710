// The files of a paper and what `seedsweep table` made in them: follows \input and \include, changes nothing.

import Foundation

/// The files of a paper.
package struct PaperFiles {
  /// What `seedsweep table` made, with the file that it is in.
  package private(set) var blocks: [(file: String, block: PaperBlock)] = []
  /// Files that are included and were not found.
  package private(set) var missing: [String] = []
  private var visited: Set<String> = []
  private let folder: String

  /// How many files were read.
  package var count: Int { visited.count }

  /// Reads a paper and what it includes; LaTeX looks those up from the paper's folder.
  ///
  /// - Throws: `PaperError` where there is no such paper or it cannot be read.
  package init(_ paper: String) throws {
    folder = paper.contains("/") ? String(paper[...(paper.lastIndex(of: "/") ?? paper.startIndex)]) : ""
    guard let text = Self.text(paper) else {
      var isFolder: ObjCBool = false
      let isThere = FileManager.default.fileExists(atPath: paper, isDirectory: &isFolder)
      let reason = isThere ? "it cannot be read" : "no such file"
      throw PaperError(
        description: "\(paper): \(isFolder.boolValue ? "it is a folder; the paper comes before the folders" : reason)")
    }
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
