// Reads a task: a GLUE folder, the user's own files or the built-in language. Every label is checked here, so that the
// trainer meets no surprise; tokens and batches come later.

import Files
import JSON5
import SeedStreams
import Tables
import Trials

/// Reads tasks from files.
package enum TaskReader {
  /// The files a description names, training first, without opening any; none for the built-in language.
  package static func filePaths(_ task: TaskDescription) -> [String] {
    switch task.source {
    case .glue(let glue, let folder): ["train.tsv", glue.devFile].map { joined(folder, $0) }
    case .files(let own): [own.train, own.dev]
    case .synthetic: []
    }
  }

  /// The task with its training subset chosen, and its labels shuffled if asked for.
  ///
  /// - Throws: `DataError` that says which file and line, what was found and what is allowed.
  package static func load(_ task: TaskDescription) throws -> TaskData {
    var data: TaskData
    switch task.source {
    case .glue(let glue, let folder): data = try load(glue, folder: folder, name: task.name)
    case .files(let own): data = try load(own, name: task.name)
    case .synthetic(let difficulty, let form, let trainCount, let devCount, let seed):
      data = try SyntheticLanguage.generate(
        difficulty, form: form, trainCount: trainCount, devCount: devCount, seed: seed)
      data.name = task.name
    }
    if let subset = task.subset {
      data.train = try chosen(subset, from: data.train, source: data.files.first ?? "task \(task.name)")
    }
    if let seed = task.labelShuffleSeed {
      var stream = SeedStream(seed: seed, purpose: .labelShuffle)
      let order = stream.permutation(data.train.count)
      let targets = data.train.map(\.target)
      for (index, other) in order.enumerated() { data.train[index].target = targets[other] }
    }
    return data
  }

  /// A subset without replacement, in the order of the file.
  private static func chosen(
    _ subset: TaskDescription.Subset, from texts: [LabeledText], source: String
  ) throws -> [LabeledText] {
    guard 1...texts.count ~= subset.size else {
      throw DataError("\(source): a training subset of \(subset.size); allowed: 1 to its \(texts.count) texts")
    }
    var stream = SeedStream(seed: subset.seed, purpose: .subsample)
    return stream.permutation(texts.count).prefix(subset.size).sorted().map { texts[$0] }
  }

  // MARK: - GLUE

  private static func load(_ task: GlueTask, folder: String, name: String) throws -> TaskData {
    let columns = task.columns
    let paths = [joined(folder, "train.tsv"), joined(folder, task.devFile)]
    var data = TaskData(name: name, labelNames: task.labelNames, train: [], dev: [], files: paths)
    let wanted = [columns.text, columns.label] + (columns.pair.map { [$0] } ?? [])
    for (index, path) in paths.enumerated() {
      let table = try TextTable(
        path: path, format: .tabs, columns: wanted, header: task.unnamedColumns,
        ragged: task == .qqp ? .shortLeftOut : .extraIgnored)
      if let first = table.leftOutLines.first {
        data.remarks.append(
          "\(path): left out \(table.leftOutLines.count) broken rows, as Hugging Face does; the first is line \(first)")
      }
      let allowed = "is not one of \(task.labelNames.joined(separator: ", "))"
      let texts = try texts(of: table, labelNames: task.labelNames) { "label \"\($0)\" \(allowed)" }
      if index == 0 { data.train = texts } else { data.dev = texts }
    }
    try requireTwoClasses(data.train, labelNames: data.labelNames, path: paths[0])
    return data
  }

  // MARK: - The user's own files

  private static func load(_ own: TaskDescription.OwnFiles, name: String) throws -> TaskData {
    let columns = [own.textColumn, own.labelColumn] + (own.pairColumn.map { [$0] } ?? [])
    func table(_ path: String) throws -> TextTable {
      do {
        return try TextTable(path: path, format: TableFormat(path: path), columns: columns, allowsNaN: false)
      } catch let error as DataError where isCoLA(path) {
        throw DataError("\(error); GLUE's CoLA, which has none, is task: { name: \"cola\", data: FOLDER }")
      }
    }
    let (train, dev) = (try table(own.train), try table(own.dev))
    for table in own.isRegression ? [] : [train, dev] {
      if let row = table.rows.first(where: { $0.fields[1].isEmpty }) {
        throw DataError("\(table.path):\(row.line): the label is empty; a row without a label cannot be used")
      }
    }
    let labelNames = own.isRegression ? [] : ordered(Set(train.rows.map { $0.fields[1] }))
    let remarks =
      (own.train == own.dev ? train.remarks : train.remarks + dev.remarks)
      + LabelRemarks.sentences(labelNames, of: own.train)
    let unseen = "does not occur in \(own.train), whose labels are \(labelNames.joined(separator: ", "))"
    let data = TaskData(
      name: name, labelNames: labelNames,
      train: try texts(of: train, labelNames: labelNames) { "label \"\($0)\" \(unseen)" },
      dev: try texts(of: dev, labelNames: labelNames) { "label \"\($0)\" \(unseen)" },
      files: [own.train, own.dev], remarks: remarks)
    try requireTwoClasses(data.train, labelNames: labelNames, path: own.train)
    return data
  }

  /// Whether a file begins as GLUE's CoLA does, which has no header: a source, 0 or 1, nothing or a star, a sentence.
  private static func isCoLA(_ path: String) -> Bool {
    guard let bytes = try? InputFile.contents(of: path), let line = TextLines.lines(of: bytes).first else {
      return false
    }
    let fields = String(decoding: line, as: UTF8.self).split(separator: "\t", omittingEmptySubsequences: false)
    return fields.count == 4 && ["0", "1"].contains(fields[1]) && ["", "*"].contains(fields[2])
  }

  /// Labels in class order: by value if every one is a number, otherwise by their UTF-8 bytes.
  static func ordered(_ labels: Set<String>) -> [String] {
    func precedes(_ left: String, _ right: String) -> Bool { left.utf8.lexicographicallyPrecedes(right.utf8) }
    let numbered = labels.compactMap { label in number(label).map { (label, $0) } }
    guard numbered.count == labels.count else { return labels.sorted(by: precedes) }
    return numbered.sorted { $0.1 != $1.1 ? $0.1 < $1.1 : precedes($0.0, $1.0) }.map(\.0)
  }

  // MARK: - Shared

  /// A table's rows (text, label and perhaps pair) as labelled texts; `complaint` words what is wrong with a label.
  private static func texts(
    of table: TextTable, labelNames: [String], complaint: (String) -> String
  ) throws -> [LabeledText] {
    let indexes = Dictionary(uniqueKeysWithValues: labelNames.enumerated().map { ($1, $0) })
    return try table.rows.map { row in
      let label = row.fields[1]
      let target: Target
      if labelNames.isEmpty {
        guard let value = number(label) else {
          throw DataError("\(table.path):\(row.line): label \"\(label)\" is not a finite number, as regression needs")
        }
        target = .value(value)
      } else {
        guard let index = indexes[label] else { throw DataError("\(table.path):\(row.line): \(complaint(label))") }
        target = .classIndex(index)
      }
      return LabeledText(text: row.fields[0], pair: row.fields.count > 2 ? row.fields[2] : nil, target: target)
    }
  }

  private static func requireTwoClasses(_ train: [LabeledText], labelNames: [String], path: String) throws {
    guard !labelNames.isEmpty, let first = train.first, case .classIndex(let index) = first.target,
      train.allSatisfy({ $0.target == first.target })
    else { return }
    throw DataError(
      "\(path): each of its \(train.count) rows has the label \"\(labelNames[index])\"; "
        + "a classifier needs at least two classes, and regression has to be asked for")
  }

  /// A finite decimal number, or nil.
  static func number(_ text: String) -> Double? {
    guard let value = text.decimalNumber, value.isFinite else { return nil }
    return value
  }

  private static func joined(_ folder: String, _ file: String) -> String {
    folder.hasSuffix("/") ? folder + file : folder + "/" + file
  }
}
