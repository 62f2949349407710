// A parser to fuzz, with inputs that it accepts, words of its language, and a function that mends lengths and checksums, because
// otherwise every spoilt input would be refused before it is parsed.

/// A parser and how to feed it.
struct FuzzTarget {
  /// The parser's name on the command line.
  let name: String
  /// Inputs that it must accept. Spoilt inputs are made from them.
  let samples: [[UInt8]]
  /// Words that are inserted now and then.
  var words: [[UInt8]] = []
  /// Mends lengths and checksums of most of the spoilt inputs, so that the code after these checks is reached.
  var mend: (inout [UInt8]) -> Void = { _ in }
  /// Whether its callers handle an error. An error that they do not handle would end the program.
  let isHandled: (any Error) -> Bool
  /// Parses an input, uses its contents, and returns whether it was accepted. May throw errors that its callers handle.
  let parse: ([UInt8]) throws -> Bool
  /// Mebibytes that an input may make the process grow by; far more than an input's size.
  var memoryLimit = 64
  /// Processor seconds that an input may take.
  var processorSeconds = 5

  /// The most bytes of an input.
  static let longestInput = 1 << 16
}

/// The text's bytes.
func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
