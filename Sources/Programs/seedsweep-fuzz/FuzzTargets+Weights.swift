// Weights in PyTorch's formats. The samples are what torch.save wrote of a transposed tensor, a parameter that shares its storage,
// and a half: in the older format with protocols 2 and 4, and as a zip file with protocol 2; and a zip file with long fields.

import Foundation
import ModelFiles
import WeightFiles

extension FuzzTargets {
  static func pickle(_ folder: String) throws -> FuzzTarget {
    try pyTorch("pickle", folder, [stackedSample, laterStackedSample], mend: { _ in })
  }

  static func zipFile(_ folder: String) throws -> FuzzTarget {
    try pyTorch("zip", folder, [zipSample, longZipSample], mend: mendZip)
  }

  private static func pyTorch(
    _ name: String, _ folder: String, _ samples: [String], mend: @escaping (inout [UInt8]) -> Void
  ) throws -> FuzzTarget {
    let path = try path("\(name)/pytorch_model.bin", in: folder)
    let numbers: [[UInt8]] = [
      [0x8A, 8] + [UInt8](repeating: 0xFF, count: 7) + [0x7F], [0x8B, 0xFF, 0xFF, 0xFF, 0x7F],
    ]
    let values = ["(", ")", "]", "}", "N", "t", "R", "Q", "b", "e", "u", "s", "a", "h\u{1}", "q\u{1}", "\u{5}"].map(
      bytes)
    return FuzzTarget(
      name: name, samples: samples.map { [UInt8](Data(base64Encoded: $0) ?? Data()) },
      words: [
        "ctorch\nDoubleStorage\n", "ctorch\nBoolStorage\n", "cos\nsystem\n", "ctorch._utils\n_rebuild_parameter\n",
        "ccollections\nOrderedDict\n", "archive/data.pkl", "a/data/0", "big", "PK\u{3}\u{4}", "PK\u{1}\u{2}",
        "PK\u{5}\u{6}", "PK\u{6}\u{6}", "PK\u{6}\u{7}",
      ].map(bytes) + [[0x80, 5], [0x85], [0x86], [0x87], [0x93], [0x94], [0x95]] + numbers + values,
      mend: mend, isHandled: { $0 is ModelFileError }
    ) { input in
      try write(input, to: path)
      let file = try TensorFile(pyTorch: path)
      for tensor in file.tensors where tensor.element.holdsWeights && tensor.elementCount > 0 {
        var elements = [Float](repeating: 0, count: tensor.elementCount)
        try elements.withUnsafeMutableBufferPointer { try file.read(tensor, into: $0) }
      }
      return true
    }
  }

  /// Lets the end of a zip file say where its directory lies, and each entry where its member does.
  private static func mendZip(_ input: inout [UInt8]) {
    func positions(_ second: UInt8, _ third: UInt8) -> [Int] {
      input.indices.dropLast(22).filter { input[$0...].starts(with: [0x50, 0x4B, second, third]) }
    }
    func put(_ number: Int, at index: Int) {
      for byte in 0..<4 { input[index + byte] = UInt8(truncatingIfNeeded: number >> (8 * byte)) }
    }
    let (members, entries) = (positions(3, 4), positions(1, 2))
    guard let start = entries.first, input.count - start > 22 else { return }
    let end = input.count - 22
    input.replaceSubrange(end..<end + 4, with: [0x50, 0x4B, 5, 6])
    put(end - start, at: end + 12)
    put(start, at: end + 16)
    input.replaceSubrange(end + 20..<end + 22, with: [0, 0])
    for (entry, member) in zip(entries, members) where entry + 46 <= end { put(member, at: entry + 42) }
  }

  private static let stackedSample = """
    gAKKCmz8nEb5IGqoUBkugAJN6QMugAJ9cQAoWBAAAABwcm90b2NvbF92ZXJzaW9ucQFN6QNYDQAAAGxpdHRsZV9lbmRpYW5xAohYCgAAAHR5cGVfc2l6\
    ZXNxA31xBChYBQAAAHNob3J0cQVLAlgDAAAAaW50cQZLBFgEAAAAbG9uZ3EHSwR1dS6AAmNjb2xsZWN0aW9ucwpPcmRlcmVkRGljdApxAClScQEoWAEA\
    AAB3cQJjdG9yY2guX3V0aWxzCl9yZWJ1aWxkX3RlbnNvcl92MgpxAygoWAcAAABzdG9yYWdlcQRjdG9yY2gKRmxvYXRTdG9yYWdlCnEFWA4AAAA5NDc1\
    NDE0MTUwNjA0OHEGWAMAAABjcHVxB0sGTnRxCFFLAEsDSwKGcQlLAUsDhnEKiWgAKVJxC3RxDFJxDVgBAAAAcHEOY3RvcmNoLl91dGlscwpfcmVidWls\
    ZF9wYXJhbWV0ZXIKcQ9oAygoaARoBVgOAAAAOTQ3NTQxNDE1MDYwNDhxEGgHSwZOdHERUUsBSwKFcRJLAYVxE4loAClScRR0cRVScRaIaAApUnEXh3EY\
    UnEZWAEAAABocRpoAygoaARjdG9yY2gKSGFsZlN0b3JhZ2UKcRtYDgAAADk0NzU0MTQxNTkxODQwcRxoB0sBTnRxHVFLAEsBhXEeSwGFcR+JaAApUnEg\
    dHEhUnEidX1xI1gJAAAAX21ldGFkYXRhcSRoAClScSVYAAAAAHEmfXEnWAcAAAB2ZXJzaW9ucShLAXNzc2IugAJdcQAoWA4AAAA5NDc1NDE0MTUwNjA0\
    OHEBWA4AAAA5NDc1NDE0MTU5MTg0MHECZS4GAAAAAAAAAAAAAAAAAIA/AAAAQAAAQEAAAIBAAACgQAEAAAAAAAAAADw=
    """

  private static let laterStackedSample = """
    gASVDQAAAAAAAACKCmz8nEb5IGqoUBkugASVBAAAAAAAAABN6QMugASVWAAAAAAAAAB9lCiMEHByb3RvY29sX3ZlcnNpb26UTekDjA1saXR0bGVfZW5k\
    aWFulIiMCnR5cGVfc2l6ZXOUfZQojAVzaG9ydJRLAowDaW50lEsEjARsb25nlEsEdXUugASVdQEAAAAAAACMC2NvbGxlY3Rpb25zlIwLT3JkZXJlZERp\
    Y3SUk5QpUpQojAF3lIwMdG9yY2guX3V0aWxzlIwSX3JlYnVpbGRfdGVuc29yX3YylJOUKCiMB3N0b3JhZ2WUjAV0b3JjaJSMDEZsb2F0U3RvcmFnZZST\
    lIwOOTQ3NTQxNDE1MDYwNDiUjANjcHWUSwZOdJRRSwBLA0sChpRLAUsDhpSJaAIpUpR0lFKUjAFwlGgFjBJfcmVidWlsZF9wYXJhbWV0ZXKUk5RoBygo\
    aAhoC4wOOTQ3NTQxNDE1MDYwNDiUaA1LBk50lFFLAUsChZRLAYWUiWgCKVKUdJRSlIhoAilSlIeUUpSMAWiUaAcoKGgIaAmMC0hhbGZTdG9yYWdllJOU\
    jA45NDc1NDE0MTU5MTg0MJRoDUsBTnSUUUsASwGFlEsBhZSJaAIpUpR0lFKUdX2UjAlfbWV0YWRhdGGUaAIpUpSMAJR9lIwHdmVyc2lvbpRLAXNzc2Iu\
    gASVJwAAAAAAAABdlCiMDjk0NzU0MTQxNTA2MDQ4lIwOOTQ3NTQxNDE1OTE4NDCUZS4GAAAAAAAAAAAAAAAAAIA/AAAAQAAAQEAAAIBAAACgQAEAAAAA\
    AAAAADw=
    """

  private static let zipSample = """
    UEsDBBQAAAAAAAAAIQAu6v+NkAEAAJABAAAKAAAAYS9kYXRhLnBrbIACY2NvbGxlY3Rpb25zCk9yZGVyZWREaWN0CnEAKVJxAShYAQAAAHdxAmN0b3Jj\
    aC5fdXRpbHMKX3JlYnVpbGRfdGVuc29yX3YyCnEDKChYBwAAAHN0b3JhZ2VxBGN0b3JjaApGbG9hdFN0b3JhZ2UKcQVYAQAAADBxBlgDAAAAY3B1cQdL\
    BnRxCFFLAEsDSwKGcQlLAUsDhnEKiWgAKVJxC3RxDFJxDVgBAAAAcHEOY3RvcmNoLl91dGlscwpfcmVidWlsZF9wYXJhbWV0ZXIKcQ9oAygoaARoBWgG\
    aAdLBnRxEFFLAUsChXERSwGFcRKJaAApUnETdHEUUnEViGgAKVJxFodxF1JxGFgBAAAAaHEZaAMoKGgEY3RvcmNoCkhhbGZTdG9yYWdlCnEaWAEAAAAx\
    cRtoB0sBdHEcUUsASwGFcR1LAYVxHoloAClScR90cSBScSF1fXEiWAkAAABfbWV0YWRhdGFxI2gAKVJxJFgAAAAAcSV9cSZYBwAAAHZlcnNpb25xJ0sB\
    c3NzYi5QSwMEFAAAAAAAAAAhALfv3IMBAAAAAQAAABEAAABhLy5mb3JtYXRfdmVyc2lvbjFQSwMEFAAAAAAAAAAhAIU94xkGAAAABgAAAAsAAABhL2J5\
    dGVvcmRlcmxpdHRsZVBLAwQUAAAAAAAAACEAF5DnkRgAAAAYAAAACAAAAGEvZGF0YS8wAAAAAAAAgD8AAABAAABAQAAAgEAAAKBAUEsDBBQAAAAAAAAA\
    IQB4brZuAgAAAAIAAAAIAAAAYS9kYXRhLzEAPFBLAwQUAAAAAAAAACEA0Z5nVQIAAAACAAAACQAAAGEvdmVyc2lvbjMKUEsBAhQDFAAAAAAAAAAhAC7q\
    /42QAQAAkAEAAAoAAAAAAAAAAAAAAIABAAAAAGEvZGF0YS5wa2xQSwECFAMUAAAAAAAAACEAt+/cgwEAAAABAAAAEQAAAAAAAAAAAAAAgAG4AQAAYS8u\
    Zm9ybWF0X3ZlcnNpb25QSwECFAMUAAAAAAAAACEAhT3jGQYAAAAGAAAACwAAAAAAAAAAAAAAgAHoAQAAYS9ieXRlb3JkZXJQSwECFAMUAAAAAAAAACEA\
    F5DnkRgAAAAYAAAACAAAAAAAAAAAAAAAgAEXAgAAYS9kYXRhLzBQSwECFAMUAAAAAAAAACEAeG62bgIAAAACAAAACAAAAAAAAAAAAAAAgAFVAgAAYS9k\
    YXRhLzFQSwECFAMUAAAAAAAAACEA0Z5nVQIAAAACAAAACQAAAAAAAAAAAAAAgAF9AgAAYS92ZXJzaW9uUEsFBgAAAAAGAAYAUwEAAKYCAAAAAA==
    """

  private static let longZipSample = """
    UEsDBC0AAAAAAAAAAACEqaUw//////////8QABQAYXJjaGl2ZS9kYXRhLnBrbAEAEACWAAAAAAAAAJYAAAAAAAAAgAJ9KFgBAAAAd2N0b3JjaC5fdXRp\
    bHMKX3JlYnVpbGRfdGVuc29yX3YyCigoWAcAAABzdG9yYWdlY3RvcmNoCkZsb2F0U3RvcmFnZQpYAQAAADBYAwAAAGNwdUoDAAAAdFFKAAAAAChKAwAA\
    AHQoSgEAAAB0iWNjb2xsZWN0aW9ucwpPcmRlcmVkRGljdAoodFJ0UnUuUEsDBC0AAAAAAAAAAACFPeMZ//////////8RABQAYXJjaGl2ZS9ieXRlb3Jk\
    ZXIBABAABgAAAAAAAAAGAAAAAAAAAGxpdHRsZVBLAwQtAAAAAAAAAAAAuqJCOP//////////DgAUAGFyY2hpdmUvZGF0YS8wAQAQAAwAAAAAAAAADAAA\
    AAAAAAAAAMA/AAAAwM3MzD1QSwMELQAAAAAAAAAAANGeZ1X//////////w8AFABhcmNoaXZlL3ZlcnNpb24BABAAAgAAAAAAAAACAAAAAAAAADMKUEsD\
    BC0AAAAAAAAAAAC379yD//////////8eABQAYXJjaGl2ZS8uZGF0YS9zZXJpYWxpemF0aW9uX2lkAQAQAAEAAAAAAAAAAQAAAAAAAAAxUEsBAi0ALQAA\
    AAAAAAAAAISppTD//////////xAAHAAAAAAAAAAAAAAA/////2FyY2hpdmUvZGF0YS5wa2wBABgAlgAAAAAAAACWAAAAAAAAAAAAAAAAAAAAUEsBAi0A\
    LQAAAAAAAAAAAIU94xn//////////xEAHAAAAAAAAAAAAAAA/////2FyY2hpdmUvYnl0ZW9yZGVyAQAYAAYAAAAAAAAABgAAAAAAAADYAAAAAAAAAFBL\
    AQItAC0AAAAAAAAAAAC6okI4//////////8OABwAAAAAAAAAAAAAAP////9hcmNoaXZlL2RhdGEvMAEAGAAMAAAAAAAAAAwAAAAAAAAAIQEAAAAAAABQ\
    SwECLQAtAAAAAAAAAAAA0Z5nVf//////////DwAcAAAAAAAAAAAAAAD/////YXJjaGl2ZS92ZXJzaW9uAQAYAAIAAAAAAAAAAgAAAAAAAABtAQAAAAAA\
    AFBLAQItAC0AAAAAAAAAAAC379yD//////////8eABwAAAAAAAAAAAAAAP////9hcmNoaXZlLy5kYXRhL3NlcmlhbGl6YXRpb25faWQBABgAAQAAAAAA\
    AAABAAAAAAAAALABAAAAAAAAUEsGBiwAAAAAAAAALQAtAAAAAAAAAAAABQAAAAAAAAAFAAAAAAAAAM4BAAAAAAAAAQIAAAAAAABQSwYHAAAAAM8DAAAA\
    AAAAAQAAAFBLBQYAAAAA////////////////AAA=
    """
}
