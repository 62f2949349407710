// How a text stands in a comma-separated file (RFC 4180): the one rule of what ranks write and of the leader's tables.

extension String {
  /// The text as a field, in quotation marks where it holds one, a comma or a line end.
  public var csvQuoted: String {
    guard utf8.contains(where: { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }) else { return self }
    var result = "\""
    for scalar in unicodeScalars {
      if scalar == "\"" { result += "\"" }
      result.unicodeScalars.append(scalar)
    }
    return result + "\""
  }
}
