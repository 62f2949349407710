// How a text stands in a comma-separated file (RFC 4180): the one rule of what ranks write and of the leader's tables.

extension String {
  /// The text as a field, in quotation marks where it holds one, a comma or a line end.
  package var csvQuoted: String {
    var text = self
    guard text.withUTF8(\.needsQuotes) else { return self }
    var result = "\""
    for scalar in unicodeScalars {
      if scalar == "\"" { result += "\"" }
      result.unicodeScalars.append(scalar)
    }
    return result + "\""
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Whether a field of these bytes stands in quotation marks.
  var needsQuotes: Bool { contains { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D } }
}
