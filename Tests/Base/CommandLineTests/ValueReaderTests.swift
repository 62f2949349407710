// Texts of flags into values, and values into the texts that help prints as defaults.

import CommandLine
import XCTest

final class ValueReaderTests: XCTestCase {
  private func problem<Value>(_ reader: ValueReader<Value>, _ text: String) -> [String] {
    do throws(WrongValue) {
      _ = try reader.read(text)
      return []
    } catch { return error.problems }
  }

  func testDurations() throws {
    XCTAssertEqual(try ValueReader.duration.read("90"), 90)
    XCTAssertEqual(try ValueReader.duration.read("1:30"), 90)
    XCTAssertEqual(try ValueReader.duration.read("2:00:01"), 7201)
    for text in ["", "0", "-1", "1:2:3:4", "1:-2", "x", "inf"] {
      XCTAssertEqual(problem(.duration, text), ["found '\(text)', expected seconds or HH:MM:SS"])
    }
    XCTAssertEqual(problem(.duration, "2h"), ["found '2h', expected seconds or HH:MM:SS; write 7200"])
    XCTAssertEqual(problem(.duration, "2 weeks"), ["found '2 weeks', expected seconds or HH:MM:SS"])
    XCTAssertEqual(try ValueReader.seconds(atLeast: 1).read("1.5"), 1.5)
    let start = "expected a number of seconds, at least 1"
    for (text, seconds) in [("1.5 min", "90"), ("2:00:00", "7200"), ("3 Days", "259200")] {
      XCTAssertEqual(problem(.seconds(atLeast: 1), text), ["found '\(text)', \(start); write \(seconds)"])
    }
    for text in ["0", "inf", "0.5s", "h"] {
      XCTAssertEqual(problem(.seconds(atLeast: 1), text), ["found '\(text)', \(start)"])
    }
  }

  func testNumbersAndProbabilities() throws {
    XCTAssertEqual(try ValueReader.probability.read("0"), 0)
    XCTAssertEqual(problem(.probability, "1"), ["found '1', expected a number of at least 0 and below 1"])
    XCTAssertEqual(problem(.positive, "0"), ["found '0', expected a number greater than 0"])
    XCTAssertEqual(problem(.number(atLeast: 1), "inf"), ["found 'inf', expected a number of at least 1.0"])
    XCTAssertEqual(try ValueReader.number(atLeast: 1, atMost: 4).read("4"), 4)
    XCTAssertEqual(
      problem(.number(atLeast: 1, atMost: 4), "4.5"), ["found '4.5', expected a number of at least 1.0 and at most 4.0"]
    )
    XCTAssertEqual(
      problem(.number(above: 0, below: 0.5), "0.5"), ["found '0.5', expected a number above 0.0 and below 0.5"])
  }

  func testCountsStayBelowWhatOverflows() throws {
    XCTAssertEqual(try ValueReader.count().read("2147483647"), 2_147_483_647)
    XCTAssertEqual(
      problem(.count(), "2147483648"), ["found '2147483648', expected a whole number from 1 to 2147483647"])
    XCTAssertEqual(try ValueReader.seed.read("18446744073709551615"), .max)
  }

  func testNamesAndLists() throws {
    XCTAssertEqual(
      problem(.name("task", among: ["rte", "sst2"]), "sst"),
      ["unknown task 'sst'; did you mean 'sst2'? Allowed are rte, sst2."])
    let keys = ValueReader.list(of: "key", among: ["task", "seed"]) { ["task", "seed"].contains($0) ? $0 : nil }
    XCTAssertEqual(try keys.read("task,seed"), ["task", "seed"])
    XCTAssertEqual(
      problem(keys, "task,sead,task"),
      ["unknown key 'sead'; did you mean 'seed'? Allowed are task, seed.", "the key 'task' is given twice"])
    let numbers = ValueReader.list(of: "number", among: (1...20).map { "n\($0)" }, source: "'x' lists them") { Int($0) }
    XCTAssertEqual(
      problem(numbers, "20n"),
      ["unknown number '20n'. Allowed are n1, n2, n3, n4, n5, n6, n7, n8 and 12 more; 'x' lists them."])
    XCTAssertEqual(problem(.file(endingIn: ".csv"), "a.txt"), ["found 'a.txt', expected a file name ending in .csv"])
  }

  /// The default that help prints, typed as the flag's value, is the default.
  func testTheTextOfAValueReadsBack() throws {
    for number in [60, 0.1, 1e-5, 5e-4, 2.5e-12, 1e20] {
      let reader = ValueReader.number(atLeast: 0)
      XCTAssertEqual(try reader.read(reader.text(number)), number)
    }
    XCTAssertEqual(ValueReader.number(atLeast: 0).text(60), "60")
    XCTAssertEqual(ValueReader.number(atLeast: 0).text(1e-5), "1e-5")
    XCTAssertEqual(ValueReader<Color>.choice.text(.green), "green")
  }
}
