# How seeds are combined, and what each cause contributes.
tiny 'seeds: { init: [1, 2, 3], order: [1, 2], dropout: [5, 6], design: "crossed" },' 'record: { predictions: "none" },' > crossed.json5
ok run crossed.json5 --output crossed
ok components crossed
ok summarize crossed --score best --failure-rule below=0.52
ok components crossed --score best --failure-rule below=0.52
cp crossed/seed_components.csv components-best.csv
ok summarize crossed
ok components crossed
tiny 'seeds: { init: [1, 2], order: { first: 5, count: 2 }, dropout: "init" },' > two.json5
ok run two.json5 --output two
ok components two
ok agreement two
tiny 'seeds: { init: [1, 2, 3], order: [4, 4, 5], design: "zipped" },' > zipped.json5
ok run zipped.json5 --output zipped
tiny 'seeds: { first: 1001, count: 2 },' > first.json5
ok run first.json5 --output first
ok compare zipped first --output pairs.csv
