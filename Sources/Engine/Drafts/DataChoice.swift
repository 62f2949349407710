// Which data a draft is for, from the paths that the user gives: a training and an evaluation file, one of which may be found
// by the other's name, or a folder with both, which may be GLUE's.

import Files
import Foundation
import Tables
import Tasks
import Trials

/// The data of a draft.
enum DataChoice {
  /// A folder of a GLUE task.
  case glue(GlueTask, folder: String)
  /// Files of the user's own.
  case files(train: String, dev: String)

  private static let devNames = ["dev", "valid", "validation", "val", "eval", "test"]
  private static let endings = ["tsv", "csv", "jsonl"]

  /// The data at one path or two.
  ///
  /// - Throws: `DataError` where a path is missing or the evaluation file cannot be found.
  init(_ paths: [String]) throws {
    guard paths.count <= 2 else {
      throw DataError("\(paths.count) paths of data; give a folder, or a training file and an evaluation file")
    }
    for path in paths where !Self.exists(path) { throw DataError("\(path): there is no such file or folder") }
    if paths.count == 2 {
      self = .files(train: paths[0], dev: paths[1])
    } else if Self.isFolder(paths[0]) {
      self = try Self.folder(paths[0])
    } else {
      self = .files(train: paths[0], dev: try Self.devFile(beside: paths[0]))
    }
  }

  private static func folder(_ path: String) throws -> Self {
    let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    let name = URL(fileURLWithPath: path).lastPathComponent.lowercased().filter { $0 != "-" && $0 != "_" }
    if let task = GlueTask(rawValue: name), exists("\(path)/train.tsv"), exists("\(path)/\(task.devFile)") {
      return .glue(task, folder: path)
    }
    for ending in endings where exists("\(path)/train.\(ending)") {
      let train = "\(path)/train.\(ending)"
      return .files(train: train, dev: try devFile(beside: train))
    }
    throw DataError(
      "\(path): there is no train.tsv, train.csv or train.jsonl in this folder; give a training file and an evaluation file"
    )
  }

  /// The evaluation file that is called like a training file.
  private static func devFile(beside train: String) throws -> String {
    let url = URL(fileURLWithPath: train)
    let folder = train.contains("/") ? String(train.prefix(upTo: train.lastIndex(of: "/")!)) + "/" : ""
    let stem = url.deletingPathExtension().lastPathComponent
    for name in devNames {
      guard let stem = replacingTrain(in: stem, with: name) else { break }
      for ending in [url.pathExtension] + endings where exists("\(folder)\(stem).\(ending)") {
        return "\(folder)\(stem).\(ending)"
      }
    }
    let example = "\(folder)dev.\(url.pathExtension)"
    throw DataError(
      "\(train): there is no evaluation file beside it; give one as well"
        + (example == train ? ", behind the training file" : ", such as \(example)"))
  }

  /// A name with another word for its last "train" or "training", in capitals where that is; nil for a name without it. A word
  /// stands between other signs than letters, or begins with a capital as in "myTrain".
  static func replacingTrain(in name: String, with word: String) -> String? {
    let before = "(?<![A-Za-z])|(?<=[a-z])(?=[A-Z])"
    let pattern = "(?:\(before))(?:[Tt]rain(?:ing)?(?![a-z])|TRAIN(?:ING)?(?![A-Za-z]))"
    guard let regex = try? NSRegularExpression(pattern: pattern),
      let match = regex.matches(in: name, range: NSRange(name.startIndex..., in: name)).last,
      let range = Range(match.range, in: name)
    else { return nil }
    let found = name[range]
    let isCapital = found.first?.isUppercase == true
    let new = !isCapital ? word : found.allSatisfy(\.isUppercase) ? word.uppercased() : word.capitalized
    return name.replacingCharacters(in: range, with: new)
  }

  private static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }
}
