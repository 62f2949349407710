// Digests of what a model and a task read, for trial identifiers: contents count, paths do not, so a folder may move.
// Files are read once per process; nothing is parsed here but a model folder's configuration, to know its files.

import Datasets
import Digests
import EmbeddedModels
import Foundation
import ModelFiles
import Transformer
import Trials

/// Digests models and tasks by the SHA-256 of their files.
package final class FileDigests: ContentDigests {
  /// The SHA-256 of every file read so far, by path.
  package private(set) var known: [String: String] = [:]

  /// What counts of a model folder.
  private struct FolderParts {
    let filePaths: [String]
    let digestedPaths: [String]
    /// A line for each token that counts beside the files. Tokens count as they are, whichever file names them; where there are
    /// none, no further line makes another digest.
    let tokens: String
  }

  /// The model folders opened so far, by path: a tokenizer may take a second to read.
  private var folders: [String: FolderParts] = [:]

  /// A store that has read nothing yet.
  package init() {}

  /// The digest of a model folder's files, or of the vocabulary file of a randomly initialized model.
  ///
  /// - Throws: an error that names the folder or file that cannot be read.
  package func digest(of model: ModelSpecification) throws -> String {
    guard let path = model.path else { return try digest(ofFiles: paths(of: model)) }
    let folder = try folder(path)
    for path in folder.filePaths { _ = try digest(ofFile: path) }
    return try digest(ofFiles: folder.digestedPaths, and: folder.tokens)
  }

  private func folder(_ path: String) throws -> FolderParts {
    if let known = folders[path] { return known }
    let folder = try ModelFolder(path)
    let parts = FolderParts(
      filePaths: folder.filePaths, digestedPaths: folder.digestedPaths,
      tokens: folder.tokenizer.added.map { "token \($0.rules)\n" }.joined())
    folders[path] = parts
    return parts
  }

  /// The files that a model and a task are read from, those inside the program apart.
  ///
  /// - Throws: an error that names the folder or file that cannot be read.
  package func paths(of model: ModelSpecification, _ task: TaskSpecification) throws -> [String] {
    try (paths(of: model) + TaskReader.filePaths(TaskDescription(task, subset: nil)))
      .filter { EmbeddedModel.contents(of: $0) == nil }
  }

  private func paths(of model: ModelSpecification) throws -> [String] {
    if let path = model.path { return try folder(path).filePaths }
    return model.vocabularyPath.map { [$0] } ?? []
  }

  /// The digest of the files a task reads; for a built-in task of its specification.
  ///
  /// - Throws: an error that names the file that cannot be read.
  package func digest(of task: TaskSpecification) throws -> String {
    let description = try TaskDescription(task, subset: nil)
    if case .builtIn(let examples) = description.source {
      let dev = examples.devDifficulty ?? examples.difficulty
      let further =
        (examples.testDifficulty.map { " test \($0.rawValue)" } ?? "")
        + examples.devSets.map { " \($0.name) \($0.content.difficulty.rawValue) \($0.content.count)" }.joined()
      return SHA256.hex(
        of:
          "\(task.name) \(examples.difficulty.rawValue) \(dev.rawValue) \(examples.trainCount) \(examples.devCount) "
          + "\(examples.seed)\(further)")
    }
    return try digest(ofFiles: TaskReader.filePaths(description))
  }

  /// The digest of the files that a program reads: their names in the sweep and their contents.
  ///
  /// - Throws: an error that names the file that cannot be read.
  package func digest(of program: ProgramSpecification) throws -> String {
    SHA256.hex(of: try program.files.map { "\($0.name) \(try digest(ofFile: $0.value.text))\n" }.joined())
  }

  /// The files that the trials of a configuration read, those inside the program apart.
  ///
  /// - Throws: an error that names the folder or file that cannot be read.
  package func paths(of configuration: TrialConfiguration) throws -> [String] {
    if configuration.hasProgram { return configuration.program.files.map(\.value.text) }
    return try paths(of: configuration.model, configuration.task)
  }

  /// Digests every file that the trials of a configuration read.
  ///
  /// - Throws: an error that names the folder or file that cannot be read.
  package func addFiles(of configuration: TrialConfiguration) throws {
    if configuration.hasProgram {
      _ = try digest(of: configuration.program)
    } else {
      _ = try digest(of: configuration.model)
      _ = try digest(of: configuration.task)
    }
  }

  /// The SHA-256 of one file, in hexadecimal, read once.
  package func digest(ofFile path: String) throws -> String {
    if let digest = known[path] { return digest }
    if let bytes = EmbeddedModel.contents(of: path) {
      let digest = SHA256.hex(of: bytes)
      known[path] = digest
      return digest
    }
    let digest = try SHA256.hex(ofFile: path)
    known[path] = digest
    return digest
  }

  /// Files count by their order, their kind (which decides how they are read) and their contents.
  private func digest(ofFiles paths: [String], and more: String = "") throws -> String {
    let lines = try paths.map { path in
      "\(URL(fileURLWithPath: path).pathExtension) \(try digest(ofFile: path))\n"
    }
    return SHA256.hex(of: lines.joined() + more)
  }
}
