// How a text stands in a comma-separated file (RFC 4180): the one rule of what ranks write and of the leader's tables.

extension String {
  /// The text as a field, in quotation marks where it holds one, a comma or a line end.
  package var csvQuoted: String {
    var text = self
    let needsQuotes = text.withUTF8 { bytes in
      for byte in bytes where byte == 0x22 || byte == 0x2C || byte == 0x0A || byte == 0x0D { return true }
      return false
    }
    guard needsQuotes else { return self }
    var result = "\""
    for scalar in unicodeScalars {
      if scalar == "\"" { result += "\"" }
      result.unicodeScalars.append(scalar)
    }
    return result + "\""
  }
}
