// Where the members of a zip file lie, for members that are stored as they are: `torch.save` compresses nothing. Sizes and offsets
// come from the central directory, with zip64's where it has them; what stands before a member's bytes only says how long it is
// itself, so that sizes given after the bytes (data descriptors) are not needed. Nothing is unpacked here.

import JSON5
import ModelFiles

/// The members of a zip file by name.
struct ZipDirectory {
  /// Every name, in the order of the directory.
  private(set) var names: [String] = []
  private var members: [String: Member] = [:]
  private let file: ModelFile
  /// Where the directory starts, which is where the members have ended.
  private let start: Int

  private struct Member {
    var isStored: Bool
    var byteCount: Int
    /// Where its local header starts.
    var headerOffset: Int
  }

  /// The most bytes of a directory.
  private static let maximumSize = 64_000_000

  /// Reads the directory at the end of a file.
  init(_ file: ModelFile) throws {
    self.file = file
    let end = try Self.end(of: file)
    guard end.start >= 0, end.size >= 0, end.size <= end.position, end.start <= end.position - end.size else {
      throw Self.error(file, "its directory of \(end.size) bytes at byte \(end.start) does not lie before its end")
    }
    guard end.size <= Self.maximumSize else {
      throw Self.error(file, "its directory has \(end.size) bytes; at most \(Self.maximumSize) are allowed")
    }
    start = end.start
    var bytes = FileBytes(file, end.start..<end.start + end.size)
    while bytes.remainingCount > 0 { try addMember(&bytes) }
  }

  /// The bytes of a member; nil where there is none.
  ///
  /// - Throws: `ModelFileError` for a member that is compressed, encrypted or not inside the file.
  func range(of name: String) throws -> Range<Int>? {
    guard let member = members[name] else { return nil }
    func fault(_ reason: String) -> ModelFileError {
      Self.error(file, "its member \(JSONWriter.quoted(name)) \(reason)")
    }
    guard member.isStored else { throw fault("is compressed or encrypted; torch.save stores its members as they are") }
    guard member.headerOffset >= 0, member.headerOffset < start else {
      throw fault("does not lie before the directory")
    }
    var header = FileBytes(file, member.headerOffset..<start)
    guard try header.number(4) == 0x0403_4B50 else { throw fault("has no header at byte \(member.headerOffset)") }
    _ = try header.bytes(22)
    _ = try header.bytes(header.count(2) + header.count(2))
    guard member.byteCount <= header.remainingCount else {
      throw fault("has \(member.byteCount) bytes, and \(header.remainingCount) lie before the directory")
    }
    return header.position..<header.position + member.byteCount
  }

  // MARK: - Reading

  private static func error(_ file: ModelFile, _ reason: String) -> ModelFileError {
    ModelFileError(path: file.path, reason: "this zip file is damaged or none of torch.save: \(reason)")
  }

  /// What the end of a zip file says: where that stands, and where the directory lies.
  private struct End {
    var position: Int
    var size: Int
    var start: Int
  }

  private static func end(of file: ModelFile) throws -> End {
    // A comment of up to 65,535 bytes may follow the 22 bytes of the end.
    let tailStart = max(0, file.size - 22 - 65_535)
    let tail = try file.bytes(tailStart..<file.size)
    let index = stride(from: tail.count - 22, through: 0, by: -1).first { index in
      tail[index..<index + 4].elementsEqual([0x50, 0x4B, 5, 6])
        && Int(tail[index + 20]) + Int(tail[index + 21]) << 8 == tail.count - index - 22
    }
    guard let index else { throw error(file, "it has no directory at its end, so it is cut short") }
    let position = tailStart + index
    var bytes = FileBytes(file, position..<file.size)
    _ = try bytes.bytes(12)
    let short = End(position: position, size: try bytes.count(4), start: try bytes.count(4))
    return try longEnd(of: file, before: position) ?? short
  }

  /// What zip64 adds before the end; nil where it adds nothing.
  private static func longEnd(of file: ModelFile, before end: Int) throws -> End? {
    guard end >= 20 else { return nil }
    var locator = FileBytes(file, end - 20..<end)
    guard try locator.number(4) == 0x0706_4B50 else { return nil }
    _ = try locator.bytes(4)
    let position = try locator.count(8)
    guard position <= end - 20 else {
      throw error(file, "its long end at byte \(position) does not lie before its end")
    }
    var bytes = FileBytes(file, position..<end - 20)
    guard try bytes.number(4) == 0x0606_4B50 else { throw error(file, "there is no long end at byte \(position)") }
    _ = try bytes.bytes(36)
    return End(position: position, size: try bytes.count(8), start: try bytes.count(8))
  }

  /// Reads one entry of the directory.
  private mutating func addMember(_ bytes: inout FileBytes) throws {
    guard try bytes.number(4) == 0x0201_4B50 else {
      throw Self.error(file, "its directory has no entry before byte \(bytes.position)")
    }
    _ = try bytes.bytes(4)
    let isEncrypted = try bytes.number(2) & 1 != 0
    let method = try bytes.number(2)
    _ = try bytes.bytes(8)
    var sizes = [try bytes.count(4), try bytes.count(4)]
    let counts = [try bytes.count(2), try bytes.count(2), try bytes.count(2)]
    _ = try bytes.bytes(8)
    var offset = try bytes.count(4)
    let name = String(decoding: try bytes.bytes(counts[0]), as: UTF8.self)
    var extra = FileBytes(file, bytes.position..<bytes.position + min(counts[1], bytes.remainingCount))
    _ = try bytes.bytes(counts[1] + counts[2])
    // Fields of zip64 (1): the numbers that do not fit, in this order.
    while extra.remainingCount >= 4 {
      let (kind, size) = (try extra.number(2), try extra.count(2))
      var field = FileBytes(file, extra.position..<extra.position + min(size, extra.remainingCount))
      _ = try extra.bytes(min(size, extra.remainingCount))
      guard kind == 1 else { continue }
      if sizes[1] == 0xFFFF_FFFF { sizes[1] = try field.count(8) }
      if sizes[0] == 0xFFFF_FFFF { sizes[0] = try field.count(8) }
      if offset == 0xFFFF_FFFF { offset = try field.count(8) }
    }
    guard members[name] == nil else {
      throw Self.error(file, "its directory has two members \(JSONWriter.quoted(name))")
    }
    names.append(name)
    members[name] = Member(
      isStored: !isEncrypted && method == 0 && sizes[0] == sizes[1], byteCount: sizes[1], headerOffset: offset)
  }
}
