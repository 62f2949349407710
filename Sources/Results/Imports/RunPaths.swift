// The files of runs below a folder and what their paths say: task, recipe and seed. Links are followed, each file counts once,
// and a folder is entered once through links, whatever number of them lead to it, and never by a link inside itself.

import Foundation
import JSON5
import Tables

/// The files below a folder that tell of runs.
struct RunPaths {
  /// A file below the folder.
  struct File {
    /// Its path below the folder.
    var path: String
    /// Whether the way to it goes through a link.
    var isLinked: Bool
  }

  /// The files, by their paths.
  private(set) var files: [File] = []
  /// Files that are the same as one of `files`, reached through another link.
  private(set) var repeated: [String] = []
  /// Links to folders with files of runs that another link led to before.
  private(set) var repeatedFolders: [String] = []
  /// Links to nothing.
  private(set) var brokenLinks: [String] = []
  /// The folders that a link led to, and whether files of runs are below them.
  private var linkedFolders: [FileIdentity: Bool] = [:]

  /// Finds the files of some names.
  ///
  /// - Throws: `ImportError` for a folder that cannot be read.
  init(below folder: String, names: Set<String>) throws {
    try walk(folder, "", isLinked: false, ancestors: [], names)
    files.sort { $0.path.localizedStandardCompare($1.path) == .orderedAscending }
    var known: [String: Int] = [:]
    var kept: [File] = []
    for file in files.filter({ !$0.isLinked }) + files.filter(\.isLinked) {
      guard known.updateValue(kept.count, forKey: Self.realPath(folder + "/" + file.path)) == nil else {
        repeated.append(file.path)
        continue
      }
      kept.append(file)
    }
    files = kept.sorted { $0.path.localizedStandardCompare($1.path) == .orderedAscending }
  }

  /// The path of a file without links. Foundation's own gives up on a path with many of them.
  private static func realPath(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }

  private mutating func walk(
    _ folder: String, _ prefix: String, isLinked: Bool, ancestors: [FileIdentity], _ names: Set<String>
  ) throws {
    guard let identity = FileIdentity(folder), !ancestors.contains(identity) else { return }
    let entries: [String]
    do { entries = try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
      throw ImportError(["\(folder): this folder cannot be read"])
    }
    // In order, so that of several links to a folder the first names its runs.
    for name in entries.sorted(by: { $0.localizedStandardCompare($1) == .orderedAscending }) {
      let path = "\(folder)/\(name)"
      var status = stat()
      guard lstat(path, &status) == 0 else { continue }
      let isLink = status.st_mode & S_IFMT == S_IFLNK
      if isLink, stat(path, &status) != 0 {
        brokenLinks.append(prefix + name)
        continue
      }
      if status.st_mode & S_IFMT == S_IFDIR {
        let target = isLink ? FileIdentity(status) : nil
        if let hasFiles = target.flatMap({ linkedFolders[$0] }) {
          if hasFiles { repeatedFolders.append(prefix + name) }
          continue
        }
        // Until the walk has ended it is another way into a folder that is being walked.
        if let target { linkedFolders[target] = false }
        let count = files.count
        try walk(
          path, prefix + name + "/", isLinked: isLinked || isLink, ancestors: ancestors + [identity], names)
        if let target { linkedFolders[target] = files.count > count }
      } else if names.contains(name) {
        files.append(File(path: prefix + name, isLinked: isLinked || isLink))
      }
    }
  }
}

/// A file or folder, whatever its path.
private struct FileIdentity: Hashable {
  let device: UInt
  let number: UInt

  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  init(_ status: stat) {
    device = UInt(status.st_dev)
    number = UInt(status.st_ino)
  }
}

/// How paths name runs: names of folders with {task}, {variant} and {seed} in them, and {any} for text that says nothing.
struct PathPattern {
  private static let anything = "any"
  private static let placeholders = ["task", "variant", "seed", anything]

  /// What a path says about its run.
  struct Name: Hashable {
    var task: String
    var variant: String
    var seed: Int
  }

  let text: String
  /// The number of folders that it names.
  var depth: Int { text.split(separator: "/").count }

  /// A sentence for each placeholder that is none. Taken for any text, a misspelt {variant} would make one recipe of all runs.
  var problems: [String] {
    let names = text.matches(of: /\{([^{}\/]*)\}/).map { String($0.1) }.uniqued()
    return names.filter { !Self.placeholders.contains($0) }.map { name in
      let near = Suggestion.nearest(to: name, among: Self.placeholders)
      let cure =
        near.map { "did you mean {\($0)}?" }
        ?? "there are {task}, {variant}, {seed} and {any}, which stands for text that says nothing about the run"
      return "--path-pattern: unknown placeholder {\(name)}; \(cure)"
    }
  }

  /// What a path's folders say about a run; nil if they do not have the pattern's form. Folders beyond the pattern, such as
  /// `checkpoint-500`, say nothing.
  func name(ofFolders folders: [Substring]) -> Name? {
    guard let found = values(ofFolders: folders), let seed = found["seed"].flatMap({ Int($0) }) else { return nil }
    return Name(task: found["task"] ?? "task", variant: found["variant"] ?? ImportedRun.onlyVariant, seed: seed)
  }

  /// The digits where a path that has the pattern's form has a seed, if they are too large a number; nil for other paths.
  func tooLargeSeed(ofFolders folders: [Substring]) -> String? {
    guard let digits = values(ofFolders: folders)?["seed"], digits.allSatisfy(\.isASCII), Int(digits) == nil else {
      return nil
    }
    return digits
  }

  /// What stands for each placeholder; nil if the folders do not have the pattern's form.
  private func values(ofFolders folders: [Substring]) -> [String: String]? {
    let parts = text.split(separator: "/")
    guard folders.count >= parts.count else { return nil }
    var values: [String: String] = [:]
    for (folder, part) in zip(folders, parts) {
      guard Self.match(String(folder), String(part), into: &values) else { return nil }
    }
    return values
  }

  /// Matches one folder's name; a placeholder takes as little as the text after it lets it.
  private static func match(_ name: String, _ part: String, into values: inout [String: String]) -> Bool {
    guard let open = part.firstIndex(of: "{"), let close = part[open...].firstIndex(of: "}") else {
      return name == part
    }
    let before = part[..<open]
    guard name.hasPrefix(before) else { return false }
    let key = String(part[part.index(after: open)..<close])
    let rest = String(part[part.index(after: close)...])
    let tail = name.dropFirst(before.count)
    // A seed is all the digits that stand there, whatever follows.
    let lengths =
      key == "seed" ? [tail.prefix { $0.isNumber }.count] : Array(stride(from: 1, through: tail.count, by: 1))
    for length in lengths where length > 0 {
      var found = values
      let value = String(tail.prefix(length))
      if let known = found.updateValue(value, forKey: key), known != value, key != anything { continue }
      if match(String(tail.dropFirst(length)), rest, into: &found) {
        values = found
        return true
      }
    }
    return false
  }
}
