// What is fuzzed: a parser with inputs that it takes, words of its language, and the lengths and checksums that must fit
// lest every spoilt input is refused at the door.

/// A parser and how to feed it.
struct FuzzTarget {
  /// The parser's name on the command line.
  let name: String
  /// Inputs that it must take; spoilt ones are made of them.
  let samples: [[UInt8]]
  /// What is inserted now and then.
  var words: [[UInt8]] = []
  /// Mends lengths and checksums of most of the spoilt inputs, so that what is behind them is reached.
  var mend: (inout [UInt8]) -> Void = { _ in }
  /// Whether its callers handle an error: another one would end the program.
  let isHandled: (any Error) -> Bool
  /// Parses an input, uses what it says, and answers whether it was taken; may throw what its callers handle.
  let parse: ([UInt8]) throws -> Bool
  /// Mebibytes that an input may make the process grow by; far more than an input's size.
  var memoryLimit = 64

  /// The most bytes of an input.
  static let longestInput = 1 << 16
}

/// The text's bytes.
func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
