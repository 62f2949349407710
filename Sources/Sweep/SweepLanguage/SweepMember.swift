// The members of a sweep file that are no configuration keys: names, seeds, the grid, variants, comparisons and stopping,
// with what the reference of all keys says of them. Reading them is `SweepReader`'s work.

/// A member of a sweep file, at the top level or inside another member.
struct SweepMember {
  /// The path in the sweep file, such as `stop.looks`.
  let path: String
  /// What values it may have, in Markdown.
  let values: String
  /// What leaving it out stands for, in Markdown.
  let missingMeaning: String
  /// What it means, in Markdown.
  let documentation: String
  /// Whether its members are configuration keys, which a grid, a variant or a dotted key reaches.
  var isSection = false
  /// The Transformers library's names for it.
  var transformersNames: [String] = []

  /// The last part of the path.
  var name: String { path.split(separator: ".").last.map(String.init) ?? path }

  /// The members of the top level, in the order in which they are suggested.
  static let topLevel = all.filter { !$0.path.contains(".") }

  /// The names of the members inside a member.
  static func names(in parent: String) -> [String] {
    all.filter { $0.path.hasPrefix(parent + ".") }.map(\.name)
  }

  /// Every member.
  static let all: [SweepMember] = [
    SweepMember(
      path: "name", values: "text", missingMeaning: "the file's name without its extension",
      documentation: "The name of the sweep."),
    SweepMember(
      path: "extends", values: "path", missingMeaning: "no other file",
      documentation:
        "Another sweep file from which this one starts. Keys of this file replace those of the other, axes of "
        + "the grid replace axes over the same key, variants of the same name are merged, and `null` takes away what the "
        + "other file gives."),
    section("model", "The model. See the keys of `model` below."),
    section("task", "The task. See the keys of `task` below."),
    SweepMember(
      path: "tasks", values: "list of objects with the keys of `task`", missingMeaning: "the one of `task`",
      documentation: "Several tasks, in place of `task`. Every recipe runs on each of them."),
    section("train_subset", "A subset of the training examples. See the keys of `train_subset` below."),
    section("training", "Length, batches and dropout. See the keys of `training` below."),
    section("optimizer", "The optimizer. See the keys of `optimizer` below."),
    section("schedule", "The learning rate over a trial. See the keys of `schedule` below."),
    SweepMember(
      path: "seeds", values: "count, list of seeds, or object", missingMeaning: "must be given",
      documentation: "The seeds of every recipe: a count such as `25` for the seeds 1 to 25, a list, or an object with "
        + "`first` and `count`, or with `init` and `order`. A count or a list gives one seed for everything.",
      transformersNames: ["seed"]),
    SweepMember(
      path: "seeds.first", values: "seed", missingMeaning: "must be given beside `count`",
      documentation: "The first of `seeds.count` consecutive seeds."),
    SweepMember(
      path: "seeds.count", values: "integer from 1", missingMeaning: "must be given beside `first`",
      documentation: "The number of consecutive seeds."),
    SweepMember(
      path: "seeds.init", values: "count, list of seeds, or `{ first, count }`",
      missingMeaning: "must be given beside `order`",
      documentation: "The seeds of the new head and, for a random model, of every tensor."),
    SweepMember(
      path: "seeds.order", values: "count, list of seeds, or `{ first, count }`",
      missingMeaning: "must be given beside `init`, but for the design `tied`",
      documentation: "The seeds of the order of the training examples.", transformersNames: ["data_seed"]),
    SweepMember(
      path: "seeds.dropout", values: "`\"order\"`, `\"init\"`, count, list of seeds, or `{ first, count }`",
      missingMeaning: "`\"order\"`",
      documentation: "The seeds of the dropout masks, or which other seed they equal."),
    SweepMember(
      path: "seeds.design", values: "`\"crossed\"`, `\"zipped\"` or `\"tied\"`",
      missingMeaning: "`\"crossed\"` beside `init`, `\"tied\"` beside `first`",
      documentation:
        "`crossed` combines every initialization seed with every order seed and every dropout seed; `zipped` "
        + "combines the first with the first, the second with the second; `tied` uses `seeds.init` for everything."),
    SweepMember(
      path: "grid", values: "object of keys with lists of values", missingMeaning: "no grid",
      documentation: "The values of some keys or sections. Every variant runs with every combination of them."),
    SweepMember(
      path: "variants", values: "object of names with objects of keys", missingMeaning: "one variant, `default`",
      documentation:
        "Named sets of keys. A variant's own member `label` is its name in tables, which no other variant may have, and its own "
        + "`grid` has values that this variant alone runs with, in place of those of the grid for the same key."),
    SweepMember(
      path: "compare", values: "object", missingMeaning: "every variant with the first one",
      documentation: "Which variants are compared: `reference` or `pairs`."),
    SweepMember(
      path: "compare.reference", values: "name of a variant", missingMeaning: "the first variant",
      documentation: "The variant with which every other one is compared."),
    SweepMember(
      path: "compare.pairs", values: "list of pairs of names", missingMeaning: "every variant with the reference",
      documentation: "The pairs of variants that are compared, the second being the one compared with: "
        + "`[[\"corrected\", \"default\"]]`."),
    SweepMember(
      path: "stop", values: "object", missingMeaning: "every recipe runs with all seeds",
      documentation:
        "When a recipe gets no further seeds: once its failure rate is known well enough (`half_width`), or once its "
        + "comparisons are decided (`pairs`). Or when a run makes no further steps: where it does badly at a declared step "
        + "(`early`)."),
    SweepMember(
      path: "stop.half_width", values: "number above 0 and below 0.5",
      missingMeaning: "must be given, but beside `pairs` or `early`",
      documentation: "The half width of the failure rate's confidence sequence at which a recipe stops."),
    SweepMember(
      path: "stop.looks", values: "list of increasing integers",
      missingMeaning: "must be given, but beside `pairs` or `early`",
      documentation: "The numbers of seeds, the first ones in plan order, after which a recipe is looked at."),
    SweepMember(
      path: "stop.level", values: "number above 0.5 and below 1", missingMeaning: "`0.95`",
      documentation: "The level of the confidence sequence."),
    SweepMember(
      path: "stop.pairs", values: "`\"failures\"` or `\"scores\"`", missingMeaning: "`half_width` decides",
      documentation:
        "What the declared comparisons read of each pair of runs with equal seeds, in plan order. A recipe stops when "
        + "the last of its comparisons has ended."),
    SweepMember(
      path: "stop.alpha", values: "number above 0 and below 1", missingMeaning: "`0.05`",
      documentation:
        "Beside `pairs`: the probability, at most, that any comparison on a task is decided where no recipes differ."),
    SweepMember(
      path: "stop.look_every", values: "integer from 1", missingMeaning: "`1`",
      documentation: "Beside `pairs`: the pairs between two looks at a comparison."),
    SweepMember(
      path: "stop.give_up", values: "`true` or `false`", missingMeaning: "`true` for failures, `false` for scores",
      documentation:
        "Beside `pairs: \"failures\"`: whether a comparison ends undecided once the seeds that are left could not "
        + "decide it, even if all went one way."),
    SweepMember(
      path: "stop.early", values: "`MEASURE=BOUND@STEP`, such as `\"score=baseline@25%\"`",
      missingMeaning: "every run makes all its steps",
      documentation:
        "The rule that stops runs at a step, as `replay --rule` spells it: those that do no better than chance (`score=baseline@25%`, "
        + "`train_loss=flat@50`) or than a number (`score=0.6@100`, `dev_loss=0.7@25%`), or all of a recipe's runs but the best share "
        + "(`score=top50%@100`). A stopped run has no final score."),
    SweepMember(
      path: "stop.finish", values: "number above 0 and at most 1", missingMeaning: "`0.25`",
      documentation:
        "Beside `early`: the share of a recipe's stopped runs that are finished anyway, at least 5 of them, chosen by the hash of their "
        + "identifiers. They tell the failure rate of the stopped ones."),
    section("evaluation", "What a trial evaluates beside the dev set. See the keys of `evaluation` below."),
    section("record", "What a trial records. See the keys of `record` below."),
    section(
      "program",
      "A program of your own that trains in place of `model`, `task`, `train_subset`, `training`, `optimizer`, `schedule`, "
        + "`evaluation` and `record`. See the keys of `program` below."),
  ]

  private static func section(_ path: String, _ documentation: String) -> SweepMember {
    SweepMember(
      path: path, values: "object", missingMeaning: "the keys' defaults", documentation: documentation,
      isSection: true)
  }
}
