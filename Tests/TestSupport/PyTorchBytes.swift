// Files of torch.save made by hand, byte by byte: pickles of protocol 2, zip files with and without zip64, and the older format.
// Sound ones are read by PyTorch as well; spoilt ones are what no PyTorch writes.

import Foundation

/// A number's bytes, the lowest one first.
package func littleEndian(_ number: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: number.littleEndian, Array.init)
}

/// Bytes after one another.
package func joined(_ parts: [UInt8]...) -> [UInt8] { Array(parts.joined()) }

/// Parts of pickles.
package enum Pickle {
  /// A whole pickle that makes one value.
  package static func whole(_ value: [UInt8]) -> [UInt8] { [0x80, 2] + value + Array(".".utf8) }

  package static func text(_ text: String) -> [UInt8] {
    Array("X".utf8) + littleEndian(UInt32(text.utf8.count)) + Array(text.utf8)
  }

  package static func integer(_ number: Int) -> [UInt8] {
    if let short = Int32(exactly: number) { return Array("J".utf8) + littleEndian(short) }
    return [0x8A, 8] + littleEndian(number)
  }

  package static func tuple(_ values: [[UInt8]]) -> [UInt8] {
    joined(Array("(".utf8), Array(values.joined()), Array("t".utf8))
  }

  package static func global(_ module: String, _ name: String) -> [UInt8] { Array("c\(module)\n\(name)\n".utf8) }

  /// A call of a global.
  package static func call(_ global: [UInt8], _ arguments: [[UInt8]]) -> [UInt8] {
    global + tuple(arguments) + Array("R".utf8)
  }

  package static func dictionary(_ entries: [(key: String, value: [UInt8])]) -> [UInt8] {
    Array("}(".utf8) + entries.flatMap { text($0.key) + $0.value } + Array("u".utf8)
  }

  /// A storage of `count` numbers; `type` is PyTorch's, such as Float. The older format says in addition that it is no view.
  package static func storage(_ type: String, key: String, count: Int, isStacked: Bool = false) -> [UInt8] {
    let parts = [text("storage"), global("torch", type + "Storage"), text(key), text("cpu"), integer(count)]
    return tuple(isStacked ? parts + [Array("N".utf8)] : parts) + Array("Q".utf8)
  }

  /// A tensor over a storage.
  package static func tensor(_ storage: [UInt8], first: Int = 0, _ shape: [Int], strides: [Int]? = nil) -> [UInt8] {
    let strides = strides ?? shape.indices.map { shape[($0 + 1)...].reduce(1, *) }
    return call(
      global("torch._utils", "_rebuild_tensor_v2"),
      [
        storage, integer(first), tuple(shape.map(integer)), tuple(strides.map(integer)), [0x89],
        call(global("collections", "OrderedDict"), []),
      ])
  }
}

/// A zip file in the making.
package struct ZipBytes {
  /// How a zip file says sizes and offsets.
  package enum Style {
    /// In 4 bytes, before and after the members.
    case plain
    /// Sizes stand after a member's bytes.
    case descriptors
    /// In the longer fields of zip64.
    case zip64
  }

  package var style = Style.plain
  package var members: [(name: String, bytes: [UInt8])]
  /// Bits that say how members are encrypted, and the number of the way in which they are compressed.
  package var flags: UInt16 = 0
  package var method: UInt16 = 0
  /// Added to the sizes that the directory gives.
  package var excess = 0

  package init(_ members: [(name: String, bytes: [UInt8])], style: Style = .plain) {
    self.members = members
    self.style = style
  }

  /// The members of a file of torch.save.
  package init(pickle: [UInt8], storages: [[UInt8]], byteOrder: String? = "little", style: Style = .plain) {
    var members = [(name: "archive/data.pkl", bytes: pickle)]
    if let byteOrder { members.append(("archive/byteorder", Array(byteOrder.utf8))) }
    members += storages.enumerated().map { ("archive/data/\($0)", $1) }
    members.append(("archive/version", Array("3\n".utf8)))
    members.append(("archive/.data/serialization_id", Array("1".utf8)))
    self.init(members, style: style)
  }

  package var bytes: [UInt8] {
    var (file, directory): ([UInt8], [UInt8]) = ([], [])
    for (name, bytes) in members {
      let entry = Entry(name: Array(name.utf8), bytes: bytes, offset: file.count, in: self)
      file += entry.member
      directory += entry.listed
    }
    return joined(file, directory, end(of: directory, at: file.count))
  }

  /// A member with what stands before and after its bytes, and its entry of the directory.
  private struct Entry {
    let member: [UInt8]
    let listed: [UInt8]

    init(name: [UInt8], bytes: [UInt8], offset: Int, in zip: ZipBytes) {
      let count = bytes.count + zip.excess
      let isLong = zip.style == .zip64
      let hasDescriptor = zip.style == .descriptors
      let version = littleEndian(UInt16(45))
      let flags = littleEndian(zip.flags | (hasDescriptor ? 8 : 0))
      let kind = joined(flags, littleEndian(zip.method), [0, 0, 0, 0])
      let size = littleEndian(isLong ? UInt32.max : UInt32(count))
      let sizes = joined(littleEndian(ZipBytes.checksum(bytes)), size, size)
      let nameCount = littleEndian(UInt16(name.count))
      // The field of zip64, in the directory with the offset as well.
      let longSizes = joined(littleEndian(count), littleEndian(count))
      let extra = isLong ? joined([1, 0, 16, 0], longSizes) : []
      let listedExtra = isLong ? joined([1, 0, 24, 0], longSizes, littleEndian(offset)) : []
      member = joined(
        [0x50, 0x4B, 3, 4], version, kind, hasDescriptor ? [UInt8](repeating: 0, count: 12) : sizes, nameCount,
        littleEndian(UInt16(extra.count)), name, extra, bytes, hasDescriptor ? [0x50, 0x4B, 7, 8] + sizes : [])
      listed = joined(
        [0x50, 0x4B, 1, 2], version, version, kind, sizes, nameCount, littleEndian(UInt16(listedExtra.count)),
        [UInt8](repeating: 0, count: 10), littleEndian(isLong ? UInt32.max : UInt32(offset)), name, listedExtra)
    }
  }

  /// What follows the directory.
  private func end(of directory: [UInt8], at start: Int) -> [UInt8] {
    guard style == .zip64 else {
      let count = littleEndian(UInt16(members.count))
      return joined(
        [0x50, 0x4B, 5, 6, 0, 0, 0, 0], count, count, littleEndian(UInt32(directory.count)),
        littleEndian(UInt32(start)), [0, 0])
    }
    let count = littleEndian(members.count)
    let long = joined(
      [0x50, 0x4B, 6, 6], littleEndian(44), [45, 0, 45, 0], littleEndian(0), count, count,
      littleEndian(directory.count), littleEndian(start))
    let locator = joined([0x50, 0x4B, 6, 7, 0, 0, 0, 0], littleEndian(start + directory.count), [1, 0, 0, 0])
    return joined(long, locator, [0x50, 0x4B, 5, 6, 0, 0, 0, 0], [UInt8](repeating: 0xFF, count: 12), [0, 0])
  }

  /// The CRC-32 of a member.
  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var sum = UInt32.max
    for byte in bytes {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 0 ? sum >> 1 : (sum >> 1) ^ 0xEDB8_8320 }
    }
    return ~sum
  }
}

/// A file in the format of stacked pickles.
package func stackedPickles(_ content: [UInt8], storages: [(key: String, count: Int, bytes: [UInt8])]) -> [UInt8] {
  let keys = joined(Array("](".utf8), storages.flatMap { Pickle.text($0.key) }, Array("e".utf8))
  let magic: [UInt8] = [0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
  return joined(
    Pickle.whole(magic), Pickle.whole(Pickle.integer(1001)), Pickle.whole(Pickle.dictionary([])), content,
    Pickle.whole(keys), storages.flatMap { joined(littleEndian($0.count), $0.bytes) })
}
