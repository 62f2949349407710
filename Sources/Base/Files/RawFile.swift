// A POSIX file descriptor with errors that name the path, the operation and the system's words for what went wrong.
// Foundation's file handles hide partial writes and do not sync directories, so the journal and the tables use this.

import Foundation

/// An open file; closed when it goes away.
package final class RawFile {
  /// What the file is called in errors.
  private let path: String
  private var descriptor: Int32

  /// Opens a file; `name` is what errors call it, if that is not its path.
  package init(path: String, flags: Int32, name: String? = nil) throws {
    self.path = name ?? path
    descriptor = open(path, flags | O_CLOEXEC, 0o666)
    if descriptor < 0 { throw FileError.last(flags & O_CREAT == 0 ? "open" : "create", self.path) }
  }

  deinit { if descriptor >= 0 { _ = Glibc.close(descriptor) } }

  /// An error of this file.
  package func error(_ operation: String, _ code: Int32) -> FileError {
    FileError(operation: operation, path: path, code: code)
  }

  /// The file's size in bytes.
  package func size() throws -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError.last("examine", path) }
    return Int(status.st_size)
  }

  /// Whether this file is the one that a path names now.
  package func isFile(at path: String) -> Bool {
    var (own, other) = (stat(), stat())
    return fstat(descriptor, &own) == 0 && stat(path, &other) == 0 && own.st_dev == other.st_dev
      && own.st_ino == other.st_ino
  }

  /// Reads up to `count` bytes at an offset; fewer only at the end of the file.
  package func read(at offset: Int, count: Int) throws -> [UInt8] {
    var done = 0
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      while done < count {
        let got = pread(descriptor, buffer.baseAddress! + done, count - done, off_t(offset + done))
        if got < 0 && errno == EINTR { continue }
        if got < 0 { failure = errno }
        if got <= 0 { break }
        done += got
      }
      initialized = done
    }
    if failure != 0 { throw FileError(operation: "read", path: path, code: failure) }
    return bytes
  }

  /// Writes all bytes at the file's position (at its end for a file opened to append), or throws after a part of them.
  package func write(_ bytes: UnsafeRawBufferPointer) throws {
    var done = 0
    while done < bytes.count {
      let put = Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
      if put < 0 && errno == EINTR { continue }
      if put < 0 { throw FileError.last("write to", path) }
      done += put
    }
  }

  /// Makes an empty file of one that is open for writing.
  package func cut() throws {
    guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
      throw FileError.last("write to", path)
    }
  }

  /// Waits until the file's bytes are on the disk.
  package func sync() throws {
    guard fsync(descriptor) == 0 else { throw FileError.last("write to", path) }
  }

  /// Closes the file; on some file systems this is where a full disk is reported.
  package func close() throws {
    guard descriptor >= 0 else { return }
    defer { descriptor = -1 }
    if Glibc.close(descriptor) != 0 { throw FileError.last("write to", path) }
  }

  /// Waits until a folder's entries (a new name, a rename) are on the disk; file systems that cannot do so are let be.
  package static func syncFolder(_ path: String) throws {
    let path = path.isEmpty ? "." : path
    let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw FileError.last("open", path) }
    defer { _ = Glibc.close(folder) }
    if fsync(folder) != 0 && errno != EINVAL && errno != ENOTSUP { throw FileError.last("write to", path) }
  }

  /// A path without its last component; empty for a name alone. Foundation's own traps for names of one letter.
  package static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "" }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// A path's last component.
  package static func name(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
  }

  /// The names in a folder, sorted.
  package static func names(in path: String) throws -> [String] {
    guard let folder = opendir(path) else { throw FileError.last("read the folder", path) }
    defer { closedir(folder) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(folder) else {
        if errno != 0 { throw FileError.last("read the folder", path) }
        return names.sorted()
      }
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
  }

  /// Whether a path is a symbolic link, whatever that leads to.
  package static func isLink(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }

  /// Removes a file, a symbolic link or a folder with all that it holds; does nothing where there is none.
  package static func remove(_ path: String) throws {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      if errno == ENOENT { return }
      throw FileError.last("remove", path)
    }
    if status.st_mode & S_IFMT == S_IFDIR {
      for name in try names(in: path) { try remove(path + "/" + name) }
      guard rmdir(path) == 0 else { throw FileError.last("remove", path) }
    } else if unlink(path) != 0 && errno != ENOENT {
      throw FileError.last("remove", path)
    }
  }

  /// Creates a folder and those above it, where they are missing.
  package static func createFolder(_ path: String) throws {
    var status = stat()
    if stat(path, &status) == 0 {
      if status.st_mode & S_IFMT == S_IFDIR { return }
      throw FileError(
        operation: "create the folder", path: path, code: ENOTDIR,
        reason: "there is a file of this name; choose another one")
    }
    let parent = folder(of: path)
    if !parent.isEmpty && parent != path { try createFolder(parent) }
    if mkdir(path, 0o777) != 0 && errno != EEXIST { throw FileError.last("create the folder", path) }
  }
}
