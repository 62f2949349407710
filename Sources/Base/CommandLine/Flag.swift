// One long flag of a command as a value: its name, its type, its default and its help. Help and parser read the same flag, so
// they cannot disagree; how texts become values is in `ValueReader`.

/// A flag of any type, as help and parser see it.
package protocol FlagDeclaration: Sendable {
  /// The flag with its dashes.
  var name: String { get }
  /// The placeholder of its value; nil for a flag that takes none.
  var placeholder: String? { get }
  /// What it does, without its default.
  var help: String { get }
  /// What holds where the flag is not given, for help; nil where nothing needs to be said.
  var defaultText: String? { get }
  /// Whether the command cannot run without it.
  var isRequired: Bool { get }
  /// Whether it may be given several times.
  var isRepeatable: Bool { get }
}

extension FlagDeclaration {
  /// The flag and its placeholder.
  var words: String { placeholder.map { "\(name) \($0)" } ?? name }

  /// How the usage line shows it.
  var usage: String {
    let words = isRepeatable ? "\(words) [\(name) ...]" : words
    return isRequired ? words : "[\(words)]"
  }

  /// What help says of it, its default included.
  package var fullHelp: String { help + (defaultText.map { " (default: \($0))" } ?? "") }
}

/// A flag whose value is of type `Value`.
package struct Flag<Value: Sendable>: FlagDeclaration {
  package let name: String
  package let placeholder: String?
  package let help: String
  package let defaultText: String?
  package let isRequired: Bool
  package let isRepeatable: Bool
  /// The value where the flag is not given. It also stands in for a wrong text, until all errors of the line are reported.
  package let defaultValue: Value
  /// The value of the texts that were given, one unless the flag is repeatable, and what is wrong with them.
  let read: @Sendable ([String]) -> (value: Value, problems: [String])

  private init(
    _ name: String, _ placeholder: String?, _ help: String, defaultValue: Value, defaultText: String? = nil,
    isRequired: Bool = false, isRepeatable: Bool = false,
    read: @escaping @Sendable ([String]) -> (value: Value, problems: [String])
  ) {
    self.name = name
    self.placeholder = placeholder
    self.help = help
    self.defaultValue = defaultValue
    self.defaultText = defaultText
    self.isRequired = isRequired
    self.isRepeatable = isRepeatable
    self.read = read
  }

  /// A flag with a default, which help prints.
  package init(
    _ name: String, _ placeholder: String, _ help: String, _ reader: ValueReader<Value>, default value: Value
  ) {
    let text = reader.text(value)
    self.init(name, placeholder, help, defaultValue: value, defaultText: text.isEmpty ? nil : text) { texts in
      do throws(WrongValue) { return (try reader.read(texts[0]), []) } catch { return (value, error.problems) }
    }
  }

  /// A flag without a default. `unset` says for help what holds where it is not given.
  package init<Wrapped>(
    _ name: String, _ placeholder: String, _ help: String, _ reader: ValueReader<Wrapped>, unset: String? = nil
  ) where Value == Wrapped? {
    self.init(name, placeholder, help, defaultValue: nil, defaultText: unset) { texts in
      do throws(WrongValue) { return (try reader.read(texts[0]), []) } catch { return (nil, error.problems) }
    }
  }

  /// A flag that may be given several times.
  package init<Element>(
    _ name: String, _ placeholder: String, _ help: String, eachOf reader: ValueReader<Element>, required: Bool = false
  ) where Value == [Element] {
    self.init(name, placeholder, help, defaultValue: [], isRequired: required, isRepeatable: true) { texts in
      var (values, problems): ([Element], [String]) = ([], [])
      for text in texts {
        do throws(WrongValue) { values.append(try reader.read(text)) } catch { problems += error.problems }
      }
      return (values, problems)
    }
  }
}

extension Flag where Value == Bool {
  /// A flag that takes no value.
  package init(_ name: String, _ help: String) {
    self.init(name, nil, help, defaultValue: false) { _ in (true, []) }
  }
}

extension Flag where Value == String {
  /// A flag that must be given.
  package init(required name: String, _ placeholder: String, _ help: String, _ reader: ValueReader<String> = .text) {
    self.init(name, placeholder, help, defaultValue: "", isRequired: true) { texts in
      do throws(WrongValue) { return (try reader.read(texts[0]), []) } catch { return (texts[0], error.problems) }
    }
  }
}

/// A flag that only some forms of a command read.
private struct NarrowFlag: FlagDeclaration {
  let flag: any FlagDeclaration
  let readers: [String]

  var name: String { flag.name }
  var placeholder: String? { flag.placeholder }
  var help: String { readers.joined(separator: ", ") + ": " + flag.help }
  var defaultText: String? { flag.defaultText }
  var isRequired: Bool { flag.isRequired }
  var isRepeatable: Bool { flag.isRepeatable }
}

extension FlagDeclaration {
  /// The flag with the names of what reads it before its help.
  package func read(by readers: [String]) -> any FlagDeclaration { NarrowFlag(flag: self, readers: readers) }
}
