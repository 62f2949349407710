// The command line: wiring only.

@main
enum Seedsweep {
  static func main() {
    print("seedsweep")
  }
}
