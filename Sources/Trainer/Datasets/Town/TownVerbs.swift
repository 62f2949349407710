// The verbs and adjectives of the town language, by the classes of the nouns that they go with.

extension TownLexicon {
  private typealias Row = (subjects: [TownClass], objects: [TownClass], verbs: String)

  private static let things: [TownClass] = [.object, .garment, .text, .food]

  private static let rows: [Row] = [
    (
      TownClass.animate, TownClass.animate,
      "follow watch fear trust chase ignore admire avoid notice attack pursue frighten scare adore"
    ),
    (
      [.person], [.person],
      "thank greet obey marry advise scold comfort invite hire persuade welcome interview tease flatter employ question dismiss congratulate"
    ),
    ([.person], [.animal], "tame leash befriend rescue"),
    (TownClass.animate, [.food], "taste chew swallow devour smell nibble sample"),
    ([.person], [.food], "cook bake serve peel slice boil roast season fry"),
    ([.person], [.text], "study translate publish sign recite compose discuss review memorize summarize"),
    ([.person], [.garment], "iron fold patch stitch unbutton dye"),
    ([.person], [.vehicle], "park steer fuel board rent"),
    ([.person], [.plant], "water prune harvest cultivate transplant uproot"),
    ([.person], [.object], "repair fix polish sharpen assemble borrow"),
    ([.person], things, "purchase collect deliver pack misplace inspect examine acquire"),
    ([.person], [.location], "visit decorate renovate tidy furnish"),
    (TownClass.animate, [.location], "enter explore approach"),
    ([.vehicle], [.location, .vehicle], "pass reach circle"),
    ([.text], [.person], "amuse surprise bore confuse inspire offend"),
    ([.plant], [.location], "surround shade cover"),
    (TownClass.animate, [], "rest yawn wander jump sneeze tremble breathe"),
    ([.person], [], "laugh whistle smile complain hesitate apologize gossip argue work prattle"),
    ([.animal], [], "growl howl hibernate purr graze snarl"),
    ([.plant], [], "bloom wither sprout blossom"),
    ([.vehicle], [], "crash rattle stall accelerate"),
    ([.food], [], "spoil cool ferment mold"),
    ([.location], [], "collapse crumble"),
    ([.object], [], "rust crack topple shatter"),
    ([.garment], [], "fade wrinkle unravel"),
    ([.text], [], "rhyme circulate"),
    ([.object, .garment, .text, .food, .vehicle, .plant, .animal], [], "vanish disappear arrive remain"),
  ]

  /// The frames of verbs, each with words of its own.
  static let frames: [TownFrame] = rows.enumerated().map { index, row in
    TownFrame(
      subjects: row.subjects, objects: row.objects,
      verbs: RankedList(split(row.verbs).map { verb($0, frame: index) }))
  }

  /// The frames that a class can be the subject of.
  static let framesOfSubject = table(transitive: nil) { $0.subjects }
  /// The transitive ones.
  static let transitivesOfSubject = table(transitive: true) { $0.subjects }
  /// The intransitive ones.
  static let intransitivesOfSubject = table(transitive: false) { $0.subjects }
  /// The frames that a class can be the object of.
  static let framesOfObject = table(transitive: true) { $0.objects }

  private static func table(
    transitive: Bool?, _ classes: (TownFrame) -> [TownClass]
  ) -> [TownClass: RankedList<Int>] {
    Dictionary(
      uniqueKeysWithValues: TownClass.allCases.map { nounClass in
        let fitting = frames.indices.filter { index in
          classes(frames[index]).contains(nounClass) && (transitive.map { $0 == frames[index].isTransitive } ?? true)
        }
        return (nounClass, RankedList(fitting))
      })
  }

  private static let physical: [TownClass] = [.object, .garment, .vehicle, .location, .plant]
  private static let adjectiveRows: [(classes: [TownClass], words: String)] = [
    (TownClass.allCases, "small big new old pretty strange large little beautiful odd ugly famous"),
    (TownClass.animate, "young hungry tired brave clever nervous lazy calm smart cheerful courageous merry thirsty"),
    ([.person], "polite rich generous stubborn jealous wealthy sincere talented"),
    ([.animal], "docile furry wild stray"),
    ([.food], "tasty fresh ripe sweet sour spicy stale crunchy"),
    ([.text], "boring funny witty lengthy tragic"),
    ([.object], "wooden sharp metal blunt"),
    ([.vehicle], "speedy sluggish electric"),
    ([.location], "crowded empty haunted spacious"),
    ([.garment], "woolen silken striped"),
    ([.plant], "leafy thorny evergreen"),
    (physical, "red green white black blue gray"),
    (things, "expensive cheap costly precious"),
  ]

  static let adjectives: [TownAdjective] = adjectiveRows.flatMap { row in
    split(row.words).map { TownAdjective(text: $0, classes: row.classes) }
  }

  /// The adjectives that go with a class, those that go with all classes first.
  static let adjectivesOfClass: [TownClass: RankedList<TownAdjective>] = Dictionary(
    uniqueKeysWithValues: TownClass.allCases.map { nounClass in
      (nounClass, RankedList(adjectives.filter { $0.classes.contains(nounClass) }))
    })
}
