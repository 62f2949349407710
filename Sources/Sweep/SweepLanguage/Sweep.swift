// A sweep file, resolved: every configuration it stands for as plain values. Digests of files are not known yet; with them
// it becomes a `SweepPlan`. Expansion order: tasks, variants, grid axes, each as written, the first varying slowest.

import Arithmetics
import JSON5
import KeyValues
import StopRules
import Trials

/// A sweep as its file and the command line describe it, before any model or data is opened.
package struct Sweep: Sendable {
  /// One configuration and the ranges of the text that it came from.
  struct Point: Sendable {
    var variant: String
    var label: String
    var configuration: SharedConfiguration
    var axisValues: [AxisValue]
    var range: SourceRange
    var modelRange: SourceRange
    var dataRange: SourceRange
    /// The paths that the configuration was given.
    var files: [GivenPath]

    /// Where a message about the configuration's files belongs: at the path that it names first, or else at the model or the data. Of
    /// paths that begin alike the longest is meant.
    func range(of message: String, isModel: Bool) -> SourceRange {
      let named = files.compactMap { file in
        message.firstRange(of: file.path).map { (file: file, start: $0.lowerBound) }
      }
      let first = named.min { ($0.start, $1.file.path.utf8.count) < ($1.start, $0.file.path.utf8.count) }
      return first?.file.range ?? (isModel ? modelRange : dataRange)
    }
  }

  /// A path that a text gives.
  struct GivenPath: Equatable {
    var path: String
    var range: SourceRange
  }

  /// The sweep's name; the file's where none is given.
  package let name: String
  /// The seeds that every configuration runs with.
  package let seeds: [TrialSeeds]
  /// The variant that others are compared with, if one is declared.
  package let reference: String?
  /// Pairs of variants to compare, the second the one compared with; empty for every variant with `reference`.
  package let pairs: [VariantPair]
  /// When a recipe's further seeds are left out, if a rule is declared.
  package let stop: StopRule?
  /// What the user should know of how the command line changes the sweep, and of values that are unusual.
  package var remarks: [String] { [folderRemark].compactMap(\.self) + overriddenVariants + unusualValues }
  /// What the user should know of how a folder's results change what the sweep means; nil for nothing.
  package var folderRemark: String?
  /// Whether a configuration does not say what computes its trials.
  package let leavesArithmetic: Bool
  private let stopRange: SourceRange?
  private let overriddenVariants: [String]
  private let unusualValues: [String]
  let file: String
  let points: [Point]
  private let reader: SweepReader

  /// The most configurations a sweep may have.
  package static let maximumConfigurationCount = 1_000_000

  /// The resolved configurations in plan order.
  package var configurations: [TrialConfiguration] { points.map(\.configuration.whole) }

  /// The number of trials: of every configuration with every seed.
  package var trialCount: Int { points.count * seeds.count }

  /// The first configuration in plan order.
  package var firstConfiguration: TrialConfiguration? { points.first?.configuration.whole }

  /// Reads and checks a sweep file with the command line's overrides.
  ///
  /// - Parameters:
  ///   - file: The path of the sweep file; paths inside resolve against its folder.
  ///   - text: What the file holds, where it is not written yet; nil to read it.
  ///   - overrides: `KEY=VALUE` arguments; paths in them resolve against the working directory.
  ///   - workingDirectory: An absolute path.
  ///   - shift: What is added to seeds.
  ///   - arithmetic: What computes the trials of configurations that do not say it.
  /// - Throws: `Diagnostics` with everything that is wrong.
  package init(
    file: String, text: String? = nil, overrides: [String] = [], workingDirectory: String,
    shift: SeedShift = SeedShift(),
    arithmetic: Arithmetic = .ofSweepFiles
  ) throws {
    var reader = SweepReader()
    let path = SweepReader.resolve(file, against: workingDirectory)
    if let text { reader.unwrittenFile = (path, Array(text.utf8)) }
    guard var contents = reader.contents(ofFile: path, name: file) else { throw Diagnostics(reader.diagnostics) }
    reader.apply(overrides, workingDirectory: workingDirectory, to: &contents)
    if let node = contents.seeds {
      let written = reader.seeds(node)
      seeds = written.compactMap { $0.shifted(by: shift.trials) }
      if seeds.count < written.count { reader.note(node.range, "seeds: shifted by \(shift.trials) they leave 64 bits") }
    } else {
      seeds = []
      if !reader.lacksInherited {
        reader.note(reader.start(of: 0), "seeds: missing; give a count such as 25 or a list such as [1, 2, 3]")
      }
    }
    if let stop = contents.stop { reader.check(stop, with: seeds) }
    reader.checkProgram(contents)
    reader.checkSpellings(contents)
    reader.checkNames(contents)
    var expansion = SweepExpansion(
      contents: contents, seeds: seeds, shift: shift, arithmetic: arithmetic, reader: reader)
    expansion.run()
    if let stop = contents.stop, !expansion.reader.hasProblems {
      expansion.reader.check(stop, with: expansion.points.map(\.configuration.whole))
    }
    guard !expansion.reader.hasProblems else { throw Diagnostics(expansion.reader.diagnostics) }
    name = contents.name?.text ?? file
    reference = contents.reference?.text
    pairs = contents.pairs.map { VariantPair($0.first.text, with: $0.second.text) }
    stop = contents.stop?.rule
    stopRange = contents.stop?.name.range
    overriddenVariants = contents.overriddenVariants
    unusualValues = expansion.unusualValues
    points = expansion.points
    leavesArithmetic = expansion.leavesArithmetic
    self.file = file
    self.reader = expansion.reader
  }

  /// A message about the files of a configuration, by its index in plan order, with where the sweep names them.
  package func diagnostic(_ message: String, ofConfiguration index: Int, isModel: Bool) -> Diagnostic {
    reader.diagnostic(points[index].range(of: message, isModel: isModel), message)
  }

  /// A message about `stop`, with where the sweep has it.
  package func diagnosticOfStop(_ message: String) -> Diagnostic {
    stopRange.map { reader.diagnostic($0, message) } ?? Diagnostic(name: file, message: message)
  }

  /// The plan of the sweep, once the contents of models and data are known.
  ///
  /// - Throws: `Diagnostics` for files that cannot be read and configurations that are the same.
  package func plan(digests: some ContentDigests) throws -> SweepPlan {
    var reader = reader
    var cache = DigestCache(digests: digests)
    var planned: [PlannedConfiguration] = []
    var indices: [ContentHash: Int] = [:]
    for point in points {
      guard let hash = cache.contentHash(of: point, notingIn: &reader) else { continue }
      let configuration = PlannedConfiguration(
        variant: point.variant, label: point.label, parts: point.configuration, axisValues: point.axisValues,
        identifier: hash.hexadecimal)
      if let first = indices[hash] {
        reader.note(
          point.range,
          "two configurations are the same: \(planned[first].title) and \(configuration.title); "
            + "their trials would be the same; remove one of them"
            + (overriddenVariants.isEmpty ? "" : ". " + overriddenVariants.joined(separator: " ")))
      } else {
        indices[hash] = planned.count
      }
      planned.append(configuration)
    }
    guard !reader.hasProblems else { throw Diagnostics(reader.diagnostics) }
    return try SweepPlan(
      name: name, configurations: planned, seeds: seeds, reference: reference, pairs: pairs, stop: stop, file: file)
  }
}

/// Asks once for the digest of each model and each task.
private struct DigestCache<Digests: ContentDigests> {
  let digests: Digests
  var models: [[String?]: Result<String, CodecError>] = [:]
  var tasks: [[String?]: Result<String, CodecError>] = [:]
  var programs: [[NamedValue]: Result<String, CodecError>] = [:]

  /// The configuration's hash; nil if a file could not be read, which is noted.
  mutating func contentHash(of point: Sweep.Point, notingIn reader: inout SweepReader) -> ContentHash? {
    let configuration = point.configuration.whole
    let model = modelDigest(configuration.model)
    let data = dataDigest(configuration.task)
    let program = programDigest(configuration.program)
    for case (.failure(let error), let isModel) in [(model, true), (data, false), (program, false)] {
      reader.note(point.range(of: error.description, isModel: isModel), error.description)
    }
    guard case .success(let modelDigest) = model, case .success(let dataDigest) = data,
      case .success(let programDigest) = program
    else { return nil }
    return configuration.contentHash(
      modelDigest: modelDigest, dataDigest: dataDigest, programDigest: programDigest)
  }

  private mutating func programDigest(_ program: ProgramSpecification) -> Result<String?, CodecError> {
    guard !program.files.isEmpty else { return .success(nil) }
    let known = programs[program.files] ?? ask { try digests.digest(of: program) }
    programs[program.files] = known
    return known.map { $0 }
  }

  private mutating func modelDigest(_ model: ModelSpecification) -> Result<String?, CodecError> {
    let key = [model.path, model.path == nil ? model.vocabularyPath : nil]
    guard key != [nil, nil] else { return .success(nil) }
    let known = models[key] ?? ask { try digests.digest(of: model) }
    models[key] = known
    return known.map { $0 }
  }

  private mutating func dataDigest(_ task: TaskSpecification) -> Result<String?, CodecError> {
    guard task.builtIn == nil else { return .success(nil) }
    let key = [task.name] + task.paths
    let known = tasks[key] ?? ask { try digests.digest(of: task) }
    tasks[key] = known
    return known.map { $0 }
  }

  private func ask(_ question: () throws -> String) -> Result<String, CodecError> {
    do { return .success(try question()) } catch { return .failure(CodecError("\(error)")) }
  }
}
