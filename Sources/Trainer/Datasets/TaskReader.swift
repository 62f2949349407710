// Reads a task: a GLUE folder, the user's own files or a built-in one. Every label is checked here, so that the
// trainer meets no surprise; tokens and batches come later.

import Files
import JSON5
import SeedStreams
import Tables
import Tasks
import Trials

/// Reads tasks from files.
package enum TaskReader {
  /// The files a description names, training first and those that are scored once last, without opening any; none for a built-in task.
  package static func filePaths(_ task: TaskDescription) -> [String] {
    switch task.source {
    case .glue(let glue, let folder):
      ["train.tsv", glue.devFile].map { joined(folder, $0) } + task.finalFiles.map(\.content)
    case .files(let own): [own.train, own.dev] + task.finalFiles.map(\.content)
    case .builtIn: []
    }
  }

  /// The task with its training subset chosen, and its labels shuffled if asked for.
  ///
  /// - Throws: `DataError` that says which file and line, what was found and what is allowed.
  package static func load(_ task: TaskDescription) throws -> TaskData {
    var data: TaskData
    switch task.source {
    case .glue(let glue, _): data = try load(glue, paths: filePaths(task), task)
    case .files(let own): data = try load(own, task)
    case .builtIn(let examples):
      data = try BuiltInLanguage.generate(examples)
      data.name = task.name
    }
    let source = data.files.first ?? "task \(task.name)"
    if let subset = task.subset { data.train = try chosen(subset, from: data.train, source: source) }
    if let seed = task.labelShuffleSeed {
      var stream = SeedStream(seed: seed, purpose: .labelShuffle)
      let order = stream.permutation(data.train.count)
      let targets = data.train.map(\.target)
      for (index, other) in order.enumerated() { data.train[index].target = targets[other] }
    }
    try task.labelNoise?.apply(to: &data.train, of: source, classCount: data.labelNames.count)
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

  private static func load(_ glue: GlueTask, paths: [String], _ task: TaskDescription) throws -> TaskData {
    var data = TaskData(name: task.name, labelNames: glue.labelNames, train: [], dev: [], files: paths)
    data.train = try texts(of: glue, in: paths[0], remarks: &data.remarks)
    data.dev = try texts(of: glue, in: paths[1], trainedOn: data.train, remarks: &data.remarks)
    data.remarks += LabelRemarks.ofOneLabel(data.dev, data.labelNames, of: paths[1])
    for set in task.finalFiles {
      data.finalSets.append(try set.map { try texts(of: glue, in: $0, trainedOn: data.train, remarks: &data.remarks) })
    }
    data.remarks += OverlapRemark.sentences(data)
    try requireTwoClasses(data.train, labelNames: data.labelNames, path: paths[0])
    return data
  }

  /// The labelled texts of one file of a GLUE task.
  static func texts(
    of task: GlueTask, in path: String, trainedOn train: [LabeledText]? = nil, remarks: inout [String]
  ) throws -> [LabeledText] {
    let columns = task.columns
    let wanted = [columns.text, columns.label] + (columns.pair.map { [$0] } ?? [])
    let table = try TextTable(
      path: path, format: .tabs, columns: wanted, header: task.unnamedColumns,
      ragged: task == .qqp ? .shortLeftOut : .extraIgnored)
    if let first = table.leftOutLines.first {
      remarks.append(
        "\(path): left out \(table.leftOutLines.count) broken rows, as Hugging Face does; the first is line \(first)")
    }
    let allowed = "is not one of \(task.labelNames.joined(separator: ", "))"
    return try texts(of: table, labelNames: task.labelNames, trainedOn: train) { "label \"\($0)\" \(allowed)" }
  }

  // MARK: - The user's own files

  /// The rows of one of the user's files: text, label and perhaps pair.
  static func table(_ path: String, of own: TaskDescription.OwnFiles) throws -> TextTable {
    let columns = [own.textColumn, own.labelColumn] + (own.pairColumn.map { [$0] } ?? [])
    func read() throws -> TextTable {
      do {
        return try TextTable(path: path, format: TableFormat(path: path), columns: columns, allowsNaN: false)
      } catch let error as DataError where isCoLA(path) {
        throw DataError("\(error); GLUE's CoLA, which has none, is task: { name: \"cola\", data: FOLDER }")
      }
    }
    let table = try read()
    if !own.isRegression, let row = table.rows.first(where: { $0.fields[1].isEmpty }) {
      throw DataError("\(table.path):\(row.line): the label is empty; a row without a label cannot be used")
    }
    return table
  }

  private static func load(_ own: TaskDescription.OwnFiles, _ task: TaskDescription) throws -> TaskData {
    let (train, dev) = (try table(own.train, of: own), try table(own.dev, of: own))
    let finalTables = try task.finalFiles.map { (name: $0.name, table: try table($0.content, of: own)) }
    let tables = [train, dev] + finalTables.map { $0.table }
    if !own.isRegression { try requireOneSpelling(tables) }
    let labelNames = own.isRegression ? [] : ordered(Set(train.rows.map { $0.fields[1] }))
    func unseen(_ label: String) -> String {
      "label \"\(label)\" does not occur in \(own.train), whose labels are \(LabelRemarks.list(labelNames))"
        + LabelRemarks.regressionAdvice(labelNames + [label])
    }
    let trained = try texts(of: train, labelNames: labelNames, complaint: unseen)
    func scored(_ table: TextTable) throws -> [LabeledText] {
      try texts(of: table, labelNames: labelNames, trainedOn: trained, complaint: unseen)
    }
    var data = TaskData(
      name: task.name, labelNames: labelNames, train: trained, dev: try scored(dev), files: filePaths(task),
      remarks: tables.flatMap(\.remarks).uniqued() + LabelRemarks.sentences(labelNames, of: own.train))
    data.finalSets = try finalTables.map { FinalSet($0.name, try scored($0.table)) }
    data.remarks += OverlapRemark.sentences(data) + LabelRemarks.ofOneLabel(data.dev, labelNames, of: own.dev)
    try requireTwoClasses(data.train, labelNames: labelNames, path: own.train)
    return data
  }

  /// Refuses labels that are one text for Unicode and differ in bytes, which other programs take for two classes: an é of one letter
  /// or of two, and signs that stand for ASCII letters, such as that of the kelvin.
  private static func requireOneSpelling(_ tables: [TextTable]) throws {
    var spellings: [String: String] = [:]
    for table in tables {
      for row in table.rows {
        let label = row.fields[1]
        guard let known = spellings[label] else {
          spellings[label] = label
          continue
        }
        guard known.utf8.elementsEqual(label.utf8) else {
          throw DataError(
            "\(table.path):\(row.line): the label \"\(label)\" stands in other bytes further up: Unicode takes two spellings for one "
              + "text there, such as a letter with its mark or letter and mark apart; write it alike everywhere")
        }
      }
    }
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
  package static func ordered(_ labels: Set<String>) -> [String] {
    func precedes(_ left: String, _ right: String) -> Bool { left.utf8.lexicographicallyPrecedes(right.utf8) }
    let numbered = labels.compactMap { label in number(label).map { (label, $0) } }
    guard numbered.count == labels.count else { return labels.sorted(by: precedes) }
    return numbered.sorted { $0.1 != $1.1 ? $0.1 < $1.1 : precedes($0.0, $1.0) }.map(\.0)
  }

  // MARK: - Shared

  /// A table's rows (text, label and perhaps pair) as labelled texts; `complaint` words what is wrong with a label.
  ///
  /// - Parameter train: The texts that are trained on, where they are others.
  static func texts(
    of table: TextTable, labelNames: [String], trainedOn train: [LabeledText]? = nil, complaint: (String) -> String
  ) throws -> [LabeledText] {
    let indexes = Dictionary(uniqueKeysWithValues: labelNames.enumerated().map { ($1, $0) })
    let texts: [LabeledText] = try table.rows.map { row in
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
    try requireSinglePrecision(texts, of: table, trainedOn: train)
    return texts
  }

  /// Refuses numbers that single precision, in which models are trained and scored, moves by more than a thousandth of the range
  /// of the training labels, or of the file's own where nothing is trained on.
  private static func requireSinglePrecision(
    _ texts: [LabeledText], of table: TextTable, trainedOn train: [LabeledText]?
  ) throws {
    func values(_ texts: [LabeledText]) -> [Double] {
      texts.compactMap { if case .value(let value) = $0.target { value } else { nil } }
    }
    let judged = values(train ?? texts)
    guard let lowest = judged.min(), let highest = judged.max() else { return }
    for (value, row) in zip(values(texts), table.rows) {
      let rounded = Double(Float(value))
      if rounded.isFinite, lowest == highest || abs(rounded - value) <= (highest - lowest) / 1000 { continue }
      throw DataError(
        "\(table.path):\(row.line): label \"\(row.fields[1])\" is \(rounded) in single precision, in which models are trained and "
          + "scored, too far off for \(train == nil ? "" : "training ")labels from \(lowest) to \(highest); rescale the labels of all "
          + "files, for example to a mean of 0 and a standard deviation of 1")
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
