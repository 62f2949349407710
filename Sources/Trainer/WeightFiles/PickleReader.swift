// The reader of the pickles in files of `torch.save`: the operations of protocols 2 to 5 that `torch.save` writes for dictionaries of
// tensors, and no others. A pickle is a program for a machine with a stack; this machine makes numbers, texts, tuples, lists,
// dictionaries and tensors, and executes nothing. Every operation makes at most one value, and dictionaries hold no more pairs than
// the pickle has bytes, so memory grows with the pickle's bytes alone.

import JSON5
import ModelFiles

/// A machine that reads pickles, with the values that it made.
struct PickleReader {
  /// What was read, up to the end of the last pickle.
  private(set) var bytes: FileBytes
  private(set) var texts: [String] = []
  private(set) var sequences: [[PickleValue]] = []
  /// Keys and values in the order in which they were set; of one key the last counts.
  private(set) var dictionaries: [[(key: PickleValue, value: PickleValue)]] = []
  private(set) var storages: [PickleStorage] = []
  private(set) var tensors: [PickleTensor] = []
  private var storageNumbers: [String: Int] = [:]
  private var stack: [PickleValue] = []
  /// The heights of the stack at its marks.
  private var marks: [Int] = []
  private var memo: [PickleValue] = []
  /// The pairs that dictionaries were made of, those of a list that is used again counted again.
  private var pairCount = 0

  /// The most bytes of the pickles of a file, which only name its tensors.
  static let maximumSize = 16_000_000
  /// The most dimensions of a tensor.
  private static let mostDimensions = 64
  private static let longestName = 1000

  /// A reader of the pickles in a stretch of a file.
  init(_ file: ModelFile, _ range: Range<Int>) {
    bytes = FileBytes(file, range.prefix(Self.maximumSize))
  }

  /// Reads the next pickle.
  mutating func next() throws -> PickleValue {
    stack.removeAll()
    marks.removeAll()
    memo.removeAll()
    guard try bytes.byte() == 0x80 else {
      throw bytes.error("no pickle of protocol 2 to 5 starts before it, so this is no file of torch.save")
    }
    let version = try bytes.byte()
    guard (2...5).contains(version) else {
      throw bytes.error("the pickle's protocol is \(version); 2 to 5 are read")
    }
    while true {
      let operation = try bytes.byte()
      if operation == UInt8(ascii: ".") { return try pop() }
      try perform(operation)
    }
  }

  private mutating func perform(_ operation: UInt8) throws {
    switch operation {
    case UInt8(ascii: "("): marks.append(stack.count)
    case UInt8(ascii: "N"): stack.append(.none)
    case 0x88: stack.append(.boolean(true))
    case 0x89: stack.append(.boolean(false))
    case UInt8(ascii: "J"): stack.append(.integer(Int(Int32(truncatingIfNeeded: try bytes.number(4)))))
    case UInt8(ascii: "K"): stack.append(.integer(try bytes.count(1)))
    case UInt8(ascii: "M"): stack.append(.integer(try bytes.count(2)))
    case 0x8A: stack.append(try longInteger())
    case UInt8(ascii: "G"):
      stack.append(.number(Double(bitPattern: try bytes.number(8).byteSwapped)))
    case UInt8(ascii: "U"), 0x8C: try pushText(bytes.count(1))
    case UInt8(ascii: "X"), UInt8(ascii: "T"): try pushText(bytes.count(4))
    case 0x8D: try pushText(bytes.count(8))
    case UInt8(ascii: "}"): push(dictionary: [])
    case UInt8(ascii: "]"), UInt8(ascii: ")"): push(sequence: [])
    case 0x85...0x87: push(sequence: try pop(Int(operation - 0x84)))
    case UInt8(ascii: "t"): push(sequence: try popToMark())
    case UInt8(ascii: "a"): try append(pop(1))
    case UInt8(ascii: "e"): try append(popToMark())
    case UInt8(ascii: "s"): try set(pop(2))
    case UInt8(ascii: "u"): try set(popToMark())
    case UInt8(ascii: "q"): try remember(bytes.count(1))
    case UInt8(ascii: "r"): try remember(bytes.count(4))
    case 0x94: try remember(memo.count)
    case UInt8(ascii: "h"): stack.append(try remembered(bytes.count(1)))
    case UInt8(ascii: "j"): stack.append(try remembered(bytes.count(4)))
    case UInt8(ascii: "c"):
      let module = try bytes.line(atMost: Self.longestName)
      try pushGlobal(module, bytes.line(atMost: Self.longestName))
    case 0x93:
      let names = try pop(2)
      try pushGlobal(text(names[0]), text(names[1]))
    case UInt8(ascii: "Q"): stack.append(try storage(pop()))
    case UInt8(ascii: "R"):
      let (arguments, function) = (try sequence(pop()), try pop())
      try call(function, arguments)
    case UInt8(ascii: "b"): try ignoreState()
    case 0x95: try passFrame()
    default:
      throw bytes.error(
        "the pickle's operation 0x\(String(operation, radix: 16)) before it is none that torch.save writes for tensors")
    }
  }

  // MARK: - The stack

  private func top() throws -> PickleValue {
    guard let value = stack.last, stack.count > marks.last ?? 0 else {
      throw bytes.error("the pickle's stack is empty")
    }
    return value
  }

  private mutating func pop() throws -> PickleValue {
    let value = try top()
    stack.removeLast()
    return value
  }

  private mutating func pop(_ count: Int) throws -> [PickleValue] {
    guard stack.count - (marks.last ?? 0) >= count else { throw bytes.error("the pickle's stack is empty") }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private mutating func popToMark() throws -> [PickleValue] {
    guard let mark = marks.popLast() else { throw bytes.error("the pickle's stack has no mark") }
    defer { stack.removeLast(stack.count - mark) }
    return Array(stack[mark...])
  }

  private mutating func push(sequence: [PickleValue]) {
    stack.append(.sequence(sequences.count))
    sequences.append(sequence)
  }

  private mutating func push(dictionary: [(key: PickleValue, value: PickleValue)]) {
    stack.append(.dictionary(dictionaries.count))
    dictionaries.append(dictionary)
  }

  private mutating func pushText(_ count: Int) throws {
    guard let text = String(validating: try bytes.bytes(count), as: UTF8.self) else {
      throw bytes.error("the text before it is not valid UTF-8")
    }
    stack.append(.text(texts.count))
    texts.append(text)
  }

  private mutating func pushGlobal(_ module: String, _ name: String) throws {
    guard let global = PickleGlobal(name: "\(module).\(name)") else {
      let name = JSONWriter.quoted(String("\(module).\(name)".prefix(200)))
      throw bytes.error(
        "the pickle asks for \(name), which is no name that weights need, so it is refused; nothing in the file was executed"
      )
    }
    stack.append(.global(global))
  }

  /// Values are remembered under the numbers from 0 on; Python 2 counted from 1.
  private mutating func remember(_ index: Int) throws {
    guard index <= memo.count + 1 else {
      throw bytes.error("the pickle remembers a value \(index) before \(memo.count)")
    }
    while memo.count <= index { memo.append(.none) }
    memo[index] = try top()
  }

  private func remembered(_ index: Int) throws -> PickleValue {
    guard memo.indices.contains(index) else { throw bytes.error("the pickle remembers no value \(index)") }
    return memo[index]
  }

  /// Frames only say how much may be read at once.
  private mutating func passFrame() throws {
    let count = try bytes.count(8)
    guard count <= bytes.remainingCount else {
      throw bytes.error("a frame of \(count) bytes begins, and \(bytes.remainingCount) are left: the file is cut short")
    }
  }

  /// A whole number of 8 bytes at most, or the magic one.
  private mutating func longInteger() throws -> PickleValue {
    let digits = try bytes.bytes(bytes.count(1))
    if digits.elementsEqual([0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]) { return .magic }
    guard digits.count <= 8 else { throw bytes.error("a whole number of \(digits.count) bytes stands before it") }
    let magnitude = digits.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard let last = digits.last, digits.count < 8 else { return .integer(Int(truncatingIfNeeded: magnitude)) }
    return .integer(Int(magnitude) - (last >= 0x80 ? 1 << (8 * digits.count) : 0))
  }

  // MARK: - Lists and dictionaries

  private mutating func append(_ values: [PickleValue]) throws {
    guard case .sequence(let number) = try top() else { throw bytes.error("the pickle appends to \(try top().kind)") }
    sequences[number] += values
  }

  private mutating func set(_ values: [PickleValue]) throws {
    guard case .dictionary(let number) = try top(), values.count % 2 == 0 else {
      throw bytes.error("the pickle sets \(values.count) keys and values of \(try top().kind)")
    }
    for index in stride(from: 0, to: values.count, by: 2) {
      dictionaries[number].append((values[index], values[index + 1]))
    }
  }

  /// Passes over the attributes of a dictionary, such as the versions of a model's modules.
  private mutating func ignoreState() throws {
    _ = try pop()
    guard case .dictionary = try top() else { throw bytes.error("the pickle sets attributes of \(try top().kind)") }
  }

  // MARK: - What values are

  func text(_ value: PickleValue) throws -> String {
    guard case .text(let number) = value else { throw bytes.error("\(value.kind) stands where a text is expected") }
    return texts[number]
  }

  func sequence(_ value: PickleValue) throws -> [PickleValue] {
    guard case .sequence(let number) = value else {
      throw bytes.error("\(value.kind) stands where a tuple or list is expected")
    }
    return sequences[number]
  }

  private func count(_ value: PickleValue) throws -> Int {
    guard case .integer(let count) = value, count >= 0 else {
      throw bytes.error("\(value.kind) stands where a whole number from 0 is expected")
    }
    return count
  }

  private func counts(_ value: PickleValue) throws -> [Int] {
    let values = try sequence(value)
    guard values.count <= Self.mostDimensions else {
      throw bytes.error("a tensor has \(values.count) dimensions; at most \(Self.mostDimensions) are allowed")
    }
    return try values.map(count)
  }

  // MARK: - Tensors

  /// The storage that a tuple names: the word storage, its type, its key, where it was and its length.
  private mutating func storage(_ value: PickleValue) throws -> PickleValue {
    let parts = try sequence(value)
    guard parts.count == 5 || parts.count == 6, try text(parts[0]) == "storage",
      case .global(.storage(let element)) = parts[1]
    else { throw bytes.error("what the pickle names by an identifier is no storage of numbers") }
    if parts.count == 6 {
      guard case .none = parts[5] else { throw bytes.error("a storage is a view of another one; save the file anew") }
    }
    let storage = PickleStorage(key: try text(parts[2]), element: element, count: try count(parts[4]))
    if let number = storageNumbers[storage.key] {
      let known = storages[number]
      guard known.element == element, known.count == storage.count else {
        throw bytes.error(
          "storage \(JSONWriter.quoted(storage.key)) is \(storage.count) x \(element.rawValue), and before it was "
            + "\(known.count) x \(known.element.rawValue)")
      }
      return .storage(number)
    }
    storageNumbers[storage.key] = storages.count
    storages.append(storage)
    return .storage(storages.count - 1)
  }

  /// Makes what a function would return.
  private mutating func call(_ function: PickleValue, _ arguments: [PickleValue]) throws {
    guard case .global(let global) = function else {
      throw bytes.error("\(function.kind) stands where a function is expected")
    }
    func require(_ counts: ClosedRange<Int>) throws {
      guard counts.contains(arguments.count) else {
        throw bytes.error("\(global.name) is given \(arguments.count) arguments")
      }
    }
    switch global {
    case .orderedDictionary:
      try require(0...1)
      let pairs = try arguments.first.map(sequence) ?? []
      pairCount += pairs.count
      guard pairCount <= bytes.position else { throw bytes.error("dictionaries are made of the same pairs too often") }
      push(
        dictionary: try pairs.map { pair in
          let parts = try sequence(pair)
          guard parts.count == 2 else { throw bytes.error("a dictionary is given no pairs of keys and values") }
          return (parts[0], parts[1])
        })
    case .rebuildTensor:
      // Whether gradients are wanted, hooks and metadata change no number.
      try require(6...7)
      stack.append(.tensor(tensors.count))
      tensors.append(try tensor(arguments))
    case .rebuildParameter:
      try require(3...3)
      guard case .tensor = arguments[0] else { throw bytes.error("a parameter is made of \(arguments[0].kind)") }
      stack.append(arguments[0])
    case .storage: throw bytes.error("\(global.name) is called, which no tensor needs")
    }
  }

  private func tensor(_ arguments: [PickleValue]) throws -> PickleTensor {
    guard case .storage(let number) = arguments[0] else {
      throw bytes.error("a tensor is made of \(arguments[0].kind), not of a storage")
    }
    let tensor = PickleTensor(
      storage: number, first: try count(arguments[1]), shape: try counts(arguments[2]),
      strides: try counts(arguments[3]))
    guard tensor.shape.count == tensor.strides.count else {
      throw bytes.error("a tensor has the shape \(tensor.shape) and the strides \(tensor.strides)")
    }
    let storage = storages[number]
    guard tensor.fits(storage.count) else {
      throw bytes.error(
        "a tensor of shape \(tensor.shape) with strides \(tensor.strides) from element \(tensor.first) on does not fit "
          + "into the \(storage.count) elements of storage \(JSONWriter.quoted(storage.key))")
    }
    return tensor
  }
}

extension PickleTensor {
  /// Whether all elements lie in a storage of `count` elements, and there are no more of them: one that repeats its elements
  /// could describe more numbers than any memory holds.
  fileprivate func fits(_ count: Int) -> Bool {
    var (elementCount, last) = (1, first)
    for (size, stride) in zip(shape, strides) {
      // The product must not overflow either where a size of 0 makes it 0.
      let (product, productOverflow) = elementCount.multipliedReportingOverflow(by: max(1, size))
      let (reach, reachOverflow) = max(0, size - 1).multipliedReportingOverflow(by: stride)
      let (sum, sumOverflow) = last.addingReportingOverflow(reach)
      guard !productOverflow, !reachOverflow, !sumOverflow else { return false }
      (elementCount, last) = (product, sum)
    }
    return shape.contains(0) ? first <= count : elementCount <= count && last < count
  }
}
