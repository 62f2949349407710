// Links of the README, the changelog, the sweeps' pages and the catalog lead somewhere: the file exists, and where a heading
// is named it has that heading. Links to other hosts are not followed.

import TestSupport
import XCTest

extension Checkout {
  /// The catalog of pages.
  static let catalog = root.appendingPathComponent("Sources/Programs/seedsweep/seedsweep.docc")
}

/// One Markdown page, as far as links are concerned.
struct MarkdownPage {
  /// The lines outside code blocks, with the code spans left out.
  let lines: [Substring]

  init(_ text: String) {
    var isCode = false
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
      if line.trimmingPrefix(while: { $0 == " " }).hasPrefix("```") {
        isCode.toggle()
        return false
      }
      return !isCode
    }
  }

  init(contentsOf url: URL) throws { self.init(try String(contentsOf: url, encoding: .utf8)) }

  /// The targets of its links, those in code spans left out.
  var targets: [String] {
    // A link's text may hold code, a link may stand in none.
    let text = lines.joined(separator: "\n").split(separator: "`", omittingEmptySubsequences: false).enumerated()
      .map { $0.offset % 2 == 0 ? String($0.element) : "code" }.joined()
    return text.components(separatedBy: "](").dropFirst().map { String($0.prefix { $0 != ")" }) }
  }

  /// The anchors of its headings, as forges make them: lower case, letters, digits, hyphens and underscores, blanks as hyphens.
  var anchors: Set<String> {
    Set(
      lines.filter { $0.hasPrefix("#") }.map { line in
        let title = line.drop { $0 == "#" }.trimmingPrefix(while: { $0 == " " }).lowercased()
        return String(
          title.map { $0 == " " ? "-" : $0 }.filter { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" })
      })
  }

  /// What is wrong with the relative links of a page that stands in `folder`.
  func brokenLinks(from folder: URL) throws -> [String] {
    try targets.filter { target in
      if target.contains("://") { return false }
      let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let file = parts[0].isEmpty ? nil : folder.appendingPathComponent(parts[0]).standardizedFileURL
      if let file, !FileManager.default.fileExists(atPath: file.path) { return true }
      guard parts.count == 2 else { return false }
      let page = try file.map { try MarkdownPage(contentsOf: $0) } ?? self
      return !page.anchors.contains(parts[1])
    }
  }
}

final class LinkTests: XCTestCase {
  /// The pages below a folder, by their paths from there.
  private func pages(in folder: URL) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".md") }
  }

  func testEveryRelativeLinkLeadsSomewhere() throws {
    let root = Checkout.root
    let catalog = try pages(in: Checkout.catalog).map { Checkout.catalog.appendingPathComponent($0) }
    let sweepFolder = root.appendingPathComponent("sweeps")
    let sweeps = try pages(in: sweepFolder).map { sweepFolder.appendingPathComponent($0) }
    let own = ["README.md", "CHANGELOG.md"].map { root.appendingPathComponent($0) }
    XCTAssertGreaterThan(catalog.count, 10)
    XCTAssertGreaterThan(sweeps.count, 2)
    var linkCount = 0
    for url in own + catalog + sweeps {
      let page = try MarkdownPage(contentsOf: url)
      linkCount += page.targets.count
      XCTAssertEqual(try page.brokenLinks(from: url.deletingLastPathComponent()), [], url.path)
    }
    XCTAssertGreaterThan(linkCount, 50)
  }

  /// What the test above would not let pass.
  func testBrokenLinksAreFound() throws {
    let page = MarkdownPage(
      """
      # A `code` heading, here
      [a](README.md) [`b`](NOWHERE.md) [c](#a-code-heading-here) [d](#elsewhere) [e](README.md#no-such-heading)
      `[f](NOWHERE.md)` [g](https://example.org/nowhere)
      ```
      [h](NOWHERE.md)
      ```
      """)
    XCTAssertEqual(
      try page.brokenLinks(from: Checkout.root), ["NOWHERE.md", "#elsewhere", "README.md#no-such-heading"])
  }

  /// Every page is listed on the catalog's first one.
  func testEveryPageIsListed() throws {
    let first = try MarkdownPage(contentsOf: Checkout.catalog.appendingPathComponent("seedsweep.md"))
    let listed = Set(first.lines.filter { $0.hasPrefix("- [") }.flatMap { MarkdownPage(String($0)).targets })
    let names = Set(try pages(in: Checkout.catalog)).subtracting(["seedsweep.md"])
    XCTAssertEqual(listed, names)
  }

  /// The page that lists a trial's types names types that there are.
  func testTheTypesOfTheLifeOfATrialExist() throws {
    let page = try MarkdownPage(contentsOf: Checkout.catalog.appendingPathComponent("Development/LifeOfATrial.md"))
    let names = page.lines.filter { $0.hasPrefix("| `") }.map { String($0.dropFirst(3).prefix { $0 != "`" }) }
    XCTAssertGreaterThan(names.count, 30)
    let sources = FileManager.default.enumerator(
      at: Checkout.root.appendingPathComponent("Sources"), includingPropertiesForKeys: nil)
    var declared: Set<String> = []
    while let url = sources?.nextObject() as? URL {
      guard url.pathExtension == "swift" else { continue }
      for line in try String(contentsOf: url, encoding: .utf8).split(separator: "\n") {
        let words = line.split { !$0.isLetter && !$0.isNumber }
        for (keyword, name) in zip(words, words.dropFirst())
        where ["struct", "class", "enum", "protocol"].contains(keyword) {
          declared.insert(String(name))
        }
      }
    }
    XCTAssertEqual(names.filter { !declared.contains($0) }, [])
  }
}
