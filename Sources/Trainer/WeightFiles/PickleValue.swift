// What a pickle of tensors may hold. Values that hold others are numbers into tables of the reader, so that no nesting, however
// deep, costs recursion, and a value that is used a thousand times lies there once.

/// A value of a pickle.
enum PickleValue {
  case none
  case boolean(Bool)
  case integer(Int)
  case number(Double)
  /// The number that the older format of `torch.save` starts with.
  case magic
  /// A text, by its number.
  case text(Int)
  /// A tuple or a list, by its number.
  case sequence(Int)
  case dictionary(Int)
  case global(PickleGlobal)
  case storage(Int)
  case tensor(Int)

  /// The kind of value, for error messages.
  var kind: String {
    switch self {
    case .none: "None"
    case .boolean: "a truth value"
    case .integer, .number, .magic: "a number"
    case .text: "a text"
    case .sequence: "a tuple or list"
    case .dictionary: "a dictionary"
    case .global(let global): global.name
    case .storage: "a storage"
    case .tensor: "a tensor"
    }
  }
}

/// The names that tensors need. No other one is read, and none is a function that is called: the reader makes tensors itself.
enum PickleGlobal {
  case orderedDictionary
  case rebuildTensor
  case rebuildParameter
  /// A type of storages.
  case storage(TensorElement)

  init?(name: String) {
    let global: PickleGlobal? =
      switch name {
      case "collections.OrderedDict": .orderedDictionary
      case "torch._utils._rebuild_tensor_v2": .rebuildTensor
      case "torch._utils._rebuild_parameter": .rebuildParameter
      default: Self.storages.first { "torch.\($0.name)" == name }.map { .storage($0.element) }
      }
    guard let global else { return nil }
    self = global
  }

  var name: String {
    switch self {
    case .orderedDictionary: "collections.OrderedDict"
    case .rebuildTensor: "torch._utils._rebuild_tensor_v2"
    case .rebuildParameter: "torch._utils._rebuild_parameter"
    case .storage(let element): Self.storages.first { $0.element == element }.map { "torch.\($0.name)" } ?? ""
    }
  }

  private static let storages: [(name: String, element: TensorElement)] = [
    ("DoubleStorage", .float64), ("FloatStorage", .float32), ("HalfStorage", .float16),
    ("BFloat16Storage", .brainFloat16), ("LongStorage", .signed64), ("IntStorage", .signed32),
    ("ShortStorage", .signed16), ("CharStorage", .signed8), ("ByteStorage", .unsigned8), ("BoolStorage", .boolean),
  ]
}

/// Numbers in a row that tensors are views of.
struct PickleStorage {
  /// Its name in the file.
  let key: String
  let element: TensorElement
  let count: Int
}

/// A view of a storage.
struct PickleTensor {
  /// The storage's number.
  let storage: Int
  /// The element of the storage that is its first one.
  let first: Int
  let shape: [Int]
  let strides: [Int]
}
