// What the keys of `program` must keep together: placeholders that exist, parameters that are used, files that are named.

import ConfigurationChecks
import JSON5
import Templates
import Trials

extension ConfigurationCheck {
  /// What is wrong with the program of a configuration; `saysBest` is whether the sweep gives `program.results.best`.
  static func findings(on program: ProgramSpecification, saysBest: Bool) -> [Finding] {
    guard !program.command.isEmpty else { return [] }
    let unclear = saysBest ? [] : unclearDirection(of: program)
    return unknownPlaceholders(program) + unusedParameters(program) + misplacedFiles(program)
      + misnamedVariables(program) + unclear
  }

  /// A name with = in it would set another variable.
  private static func misnamedVariables(_ program: ProgramSpecification) -> [Finding] {
    program.environment.filter { $0.name.utf8.contains(UInt8(ascii: "=")) }.map { variable in
      Finding.wrong(
        ["program.environment"],
        "expected the name of a variable, which has no = in it, found \(JSONWriter.quoted(variable.name))")
    }
  }

  private static func unknownPlaceholders(_ program: ProgramSpecification) -> [Finding] {
    let parameters = program.parameters.map(\.name)
    let known = ProgramPlaceholder.names + parameters
    let texts =
      program.command.map { ("program.command", $0) }
      + program.environment.map { ("program.environment", $0.value.text) }
    return texts.flatMap { key, text in
      TextTemplate(text).names.filter { !known.contains($0) }.map { name in
        let near = Suggestion.phrase(Suggestion.nearest(to: name, among: known))
        let cure =
          near.isEmpty
          ? "; there are \(known.joined(separator: ", ")). Write {{\(name)}} for the text {\(name)}" : near
        return Finding.wrong(
          [key, "\(ProgramSpecification.parametersPath).\(name)"],
          "unknown placeholder {\(name)} in \(JSONWriter.quoted(text))\(cure)")
      }
    }
  }

  private static func unusedParameters(_ program: ProgramSpecification) -> [Finding] {
    let used = program.placeholderNames
    return program.parameters.filter { !used.contains($0.name) }.map { parameter in
      let path = "\(ProgramSpecification.parametersPath).\(parameter.name)"
      return Finding.wrong(
        [path, "program.command"],
        "neither program.command nor program.environment has {\(parameter.name)}, so that it changes nothing; add it there or "
          + "remove the parameter")
    }
  }

  private static func misplacedFiles(_ program: ProgramSpecification) -> [Finding] {
    let named = [
      ("program.results.file", program.results.file), ("program.results.history", program.results.history),
    ]
    let outside = named.compactMap { key, name -> Finding? in
      guard let name, name.hasPrefix("/") || name.split(separator: "/").contains("..") else { return nil }
      return Finding.wrong(
        [key], "expected the name of a file in the trial's folder, found \(JSONWriter.quoted(name))")
    }
    guard let word = program.command.first, word.contains("/"), !word.hasPrefix("/"),
      !program.files.contains(where: { $0.name == word })
    else { return outside }
    return outside + [
      Finding.wrong(
        ["program.command"],
        "\(JSONWriter.quoted(word)) is relative to the trial's folder, where no program is; list it in program.files, or write "
          + "an absolute path")
    ]
  }
}
