// The words of the town language: nouns in nine classes, verbs with the classes that their subjects and objects must have, and
// adjectives with the classes that they go with. How sentences are made of them is `TownDrawing`'s business.

/// What a noun names; verbs and adjectives choose their nouns by it.
enum TownClass: Int, CaseIterable, Sendable {
  case person
  case animal
  case food
  case object
  case text
  case vehicle
  case location
  case garment
  case plant

  /// The noun of the language that names the class.
  var word: String { self == .location ? "place" : "\(self)" }

  static let animate: [TownClass] = [.person, .animal]
  /// Where something can be.
  static let spots: [TownClass] = [.location, .vehicle, .plant, .object]
}

/// A noun with its forms.
struct TownNoun: Hashable, Sendable {
  /// Which reflexives a singular noun takes.
  enum Gender: Sendable {
    case masculine
    case feminine
    /// A person of either gender.
    case either
    /// No person.
    case thing
  }

  let singular: String
  let plural: String
  let nounClass: TownClass
  let gender: Gender

  func form(_ number: GrammaticalNumber) -> String { number == .singular ? singular : plural }

  /// Whether another noun is this one or a synonym of it.
  func means(_ other: TownNoun) -> Bool { self == other || TownLexicon.nounSynonyms[singular] == other.singular }
}

/// A verb with its forms. All are regular.
struct TownVerb: Hashable, Sendable {
  /// The form of plural subjects, and behind "does", "do" and "did".
  let base: String
  /// The present form of singular subjects.
  let present: String
  /// The past form, and the passive's participle.
  let past: String
  /// Its frame's index in `TownLexicon.frames`.
  let frame: Int

  /// Whether another verb is this one or a synonym of it.
  func means(_ other: TownVerb) -> Bool { self == other || TownLexicon.verbSynonyms[base] == other.base }
}

/// Verbs that ask the same of their subjects and objects.
struct TownFrame: Sendable {
  let subjects: [TownClass]
  /// Empty for intransitive verbs.
  let objects: [TownClass]
  let verbs: RankedList<TownVerb>

  var isTransitive: Bool { !objects.isEmpty }
}

/// An adjective and the nouns that it goes with.
struct TownAdjective: Hashable, Sendable {
  let text: String
  let classes: [TownClass]
}

/// The lexicon of the town language. Within a list, words stand in the order of falling frequency.
enum TownLexicon {
  static let unmarkedDeterminers = ["the", "my", "our", "his", "her"]
  /// "a" is written "an" before a vowel's letter.
  static let singularDeterminers = ["a", "this", "every", "each"]
  static let pluralDeterminers = ["some", "these", "many", "several", "two", "three"]
  static let negativeDeterminer = "no"
  /// The determiner that only objects of negative clauses may have.
  static let polarDeterminer = "any"
  /// The adverb that only negative clauses may have.
  static let polarAdverb = "ever"
  static let complementizer = "that"
  static let prepositions = ["near", "behind", "beside", "under", "above", "beyond", "opposite", "inside"]
  static let adverbs = [
    "today", "often", "quickly", "quietly", "again", "slowly", "suddenly", "carefully", "yesterday", "loudly", "gladly",
    "early", "rapidly", "silently", "outside", "frequently", "abruptly", "happily", "upstairs", "twice", "late",
    "eagerly",
  ]
  static let auxiliaries = ["does", "do", "did", "not", "was", "were", "by"]
  static let reflexives = ["himself", "herself", "itself", "themselves"]
  static let pronouns = ["he", "she", "it", "they"]
  static let stop = "."

  /// The nouns of each class, and in each the one that names the whole class.
  static let nouns: [TownClass: RankedList<TownNoun>] = Dictionary(
    uniqueKeysWithValues: TownClass.allCases.map { ($0, RankedList(words(of: $0))) })

  /// The noun that names a class: every noun of the class is one.
  static let classNames: [TownClass: TownNoun] = Dictionary(
    uniqueKeysWithValues: TownClass.allCases.map { ($0, noun($0.word, $0, .either)) })

  /// Nouns of the same meaning.
  static let nounSynonyms = pairs(
    """
    doctor physician child kid lawyer attorney writer author shop store car automobile ship vessel bicycle bike story tale
    teacher instructor rabbit bunny journal diary cottage cabin
    """)
  /// Verbs of the same meaning, by their base.
  static let verbSynonyms = pairs(
    """
    repair fix frighten scare pursue chase admire adore vanish disappear employ hire greet welcome purchase acquire taste sample
    gossip prattle inspect examine
    """)
  static let adjectiveSynonyms = pairs(
    """
    big large small little pretty beautiful clever smart brave courageous rich wealthy costly expensive strange odd cheerful
    merry
    """)
  static let adverbSynonyms = pairs(
    "quickly rapidly quietly silently gladly happily suddenly abruptly often frequently")

  /// Each word of a list of pairs with the other one.
  private static func pairs(_ text: String) -> [String: String] {
    let words = split(text)
    var others: [String: String] = [:]
    for index in stride(from: 0, to: words.count, by: 2) {
      others[words[index]] = words[index + 1]
      others[words[index + 1]] = words[index]
    }
    return others
  }

  /// Every word once, in the order of the lists.
  static let words: [String] = {
    var words = unmarkedDeterminers + singularDeterminers + ["an"] + pluralDeterminers
    words += [negativeDeterminer, polarDeterminer, polarAdverb, complementizer]
    words += prepositions + adverbs + auxiliaries + reflexives + pronouns
    words += TownClass.allCases.flatMap { nouns[$0]?.elements ?? [] }.flatMap { [$0.singular, $0.plural] }
    words += frames.flatMap(\.verbs.elements).flatMap { [$0.base, $0.present, $0.past] }
    return words + adjectives.map(\.text) + [stop]
  }()

  static func split(_ text: String) -> [String] { text.split { $0 == " " || $0 == "\n" }.map(String.init) }
}

extension TownLexicon {
  private static func words(of nounClass: TownClass) -> [TownNoun] {
    func list(_ gender: TownNoun.Gender, _ text: String) -> [TownNoun] {
      split(text).map { noun($0, nounClass, gender) }
    }
    switch nounClass {
    case .person:
      // Men, women and others by turns, so that none of them is rare.
      let either = list(.either, neutralPersons)
      let gendered: [TownNoun] = zip(list(.masculine, men), list(.feminine, women)).flatMap { [$0, $1] }
      var persons: [TownNoun] = []
      for index in 0..<max(either.count, gendered.count) {
        if index < either.count { persons.append(either[index]) }
        if index < gendered.count { persons.append(gendered[index]) }
      }
      return persons
    case .animal: return list(.thing, animals)
    case .food: return list(.thing, foods)
    case .object: return list(.thing, objects)
    case .text: return list(.thing, texts)
    case .vehicle: return list(.thing, vehicles)
    case .location: return list(.thing, locations)
    case .garment: return list(.thing, garments)
    case .plant: return list(.thing, plants)
    }
  }

  static func noun(_ singular: String, _ nounClass: TownClass, _ gender: TownNoun.Gender) -> TownNoun {
    let irregular = ["person": "people", "child": "children", "man": "men", "woman": "women"]
    return TownNoun(
      singular: singular, plural: irregular[singular] ?? sibilant(singular) ?? singular + "s", nounClass: nounClass,
      gender: nounClass == .person ? gender : .thing)
  }

  /// The form in -es or -ies of a word that has one: "boxes", "cherries", "reaches".
  static func sibilant(_ word: String) -> String? {
    if ["s", "x", "ch", "sh", "z"].contains(where: word.hasSuffix) { return word + "es" }
    return endsInConsonantAndY(word) ? word.dropLast() + "ies" : nil
  }

  private static func endsInConsonantAndY(_ word: String) -> Bool {
    word.last == "y" && word.dropLast().last.map { !"aeiou".contains($0) } ?? false
  }

  /// A regular verb.
  static func verb(_ base: String, frame: Int) -> TownVerb {
    let past =
      base.hasSuffix("e") ? base + "d" : endsInConsonantAndY(base) ? base.dropLast() + "ied" : base + "ed"
    return TownVerb(base: base, present: sibilant(base) ?? base + "s", past: past, frame: frame)
  }

  private static let neutralPersons = """
    teacher doctor farmer child baker singer lawyer pilot painter nurse driver writer student neighbor dancer person gardener
    plumber reporter judge soldier librarian carpenter clerk dentist engineer juggler guard tailor hunter miner poet potter
    sailor surgeon tourist trainer voter weaver worker cousin stranger guest twin visitor mayor chemist physician kid attorney
    author instructor
    """
  private static let men = "king man boy uncle brother father son prince nephew grandfather monk duke groom wizard lad"
  private static let women =
    "queen woman girl aunt sister mother daughter princess niece grandmother nun duchess bride witch lass"
  private static let animals = """
    dog cat horse bird cow goat pig rabbit duck bear lion tiger monkey snake frog animal fox eagle owl rat squirrel donkey camel
    elephant zebra turtle parrot spider lizard beaver otter raven falcon hamster puppy kitten bunny
    """
  private static let foods = """
    apple cake pear pie sandwich sausage carrot onion cookie muffin food pancake biscuit noodle dumpling omelet cherry lemon
    melon plum peach cucumber pepper mushroom nut olive pickle pretzel waffle tart bun burger banana orange grape turnip
    """
  private static let objects = """
    table chair hammer spoon bucket ladder brush needle broom shovel rope basket object bottle cup plate pan kettle lamp candle
    clock mirror pencil ruler saw wrench chisel pulley drill lever comb razor sponge funnel lantern blanket pillow bench
    umbrella
    """
  private static let texts = """
    book letter novel poem story report text diary essay article recipe song speech contract menu magazine newspaper pamphlet
    script chapter postcard riddle fable memo sermon tale journal
    """
  private static let vehicles = """
    car truck bus bicycle train boat vehicle ship wagon tractor van taxi cart sled canoe tram ferry scooter carriage helicopter
    rocket automobile vessel bike
    """
  private static let locations = """
    house kitchen garden market school church castle library museum place hospital tower bridge barn bakery harbor hotel office
    palace prison restaurant station theater village mill cottage tavern cellar attic hall temple workshop stable bank court
    chapel factory farm pharmacy gallery tunnel shop store cabin
    """
  private static let garments = """
    coat hat shirt jacket dress glove garment sock boot shoe skirt sweater apron cloak belt vest robe sandal slipper mitten bonnet
    """
  private static let plants = """
    tree rose bush flower tulip daisy plant fern oak pine vine shrub lily orchid maple willow ivy weed thistle poppy
    """
}
