import { expect, test } from "vitest";
import { compileTexts, ruleText } from "../support/fuse-files.ts";

const compileOne = (sections: string, head = "") =>
  compileTexts({ "fuse/x/r.fuse": ruleText("r", sections, head) });
const problemsOf = (sections: string, head = "") => compileOne(sections, head).problems;

test("a rule becomes plain data with its classes resolved", () => {
  const { ruleSet, problems } = compileTexts({
    "lib/norm.fuse":
      'fuse 1\nlet a = name "*x*" | "y"\nlet b = not a and scope "*z"\nlet unused = name "q"',
    "fuse/acme/r.fuse": `fuse 1
import "lib/norm.fuse" as n
let c = n.b
rule r : fusion {
  title "T"
  status in-flight pr "o/r#2", "o/r#1" checked 2026-08-22
  rev 3
  tags one, "two"
  when { tp >= 2  framework = sglang  model like "*q*" | "w" except "*v" }
  split c as x -> [skip 1, gap 1.5us, past n.a, without n.a | c] n.a{1..2} where x.stream != x.device repeat >= 2
  report share >= 0.4%
  saves x
  toggle "--flag"
}`,
  });
  expect(problems).toEqual([]);
  expect(ruleSet.classes).toEqual([
    {
      name: "norm.a",
      expr: {
        kind: "any",
        of: [
          { kind: "glob", field: "name", glob: "*x*" },
          { kind: "glob", field: "name", glob: "y" },
        ],
      },
    },
    {
      name: "norm.b",
      expr: {
        kind: "all",
        of: [
          { kind: "not", of: { kind: "class", class: 0 } },
          { kind: "glob", field: "scope", glob: "*z" },
        ],
      },
    },
    { name: "r.c", expr: { kind: "class", class: 1 } },
  ]);
  expect(ruleSet.rules).toEqual([
    {
      id: "r",
      kind: "fusion",
      origin: "acme",
      file: "fuse/acme/r.fuse",
      title: "T",
      status: "in-flight",
      prs: ["o/r#2", "o/r#1"],
      checked: "2026-08-22",
      replacedBy: null,
      since: null,
      owner: null,
      rev: "3",
      refs: [],
      tags: ["one", "two"],
      sources: [],
      guards: [
        { line: 9, fact: "tp", op: ">=", value: 2 },
        { line: 9, fact: "framework", op: "in", values: ["sglang"] },
        { line: 9, fact: "model", op: "like", globs: ["*q*", "w"], except: ["*v"] },
      ],
      states: [
        {
          line: 10,
          state: "split",
          pattern: {
            kind: "chain",
            steps: [
              { line: 10, class: 2, capture: "x", min: 1, max: 1 },
              { line: 10, class: 0, capture: null, min: 1, max: 2 },
            ],
            links: [{ line: 10, skip: 1, past: [0], gap: 1500, without: [0, 2] }],
          },
          where: [
            {
              left: { capture: "x", field: "stream" },
              equal: false,
              right: { capture: "x", field: "device" },
            },
          ],
          repeat: { min: 2 },
        },
      ],
      reportShare: 0.004,
      subsumes: [],
      conflicts: [],
      messages: [],
      toggle: "--flag",
      saves: ["x"],
      tests: [],
    },
  ]);
});

test("unknown names are errors with the nearest known one", () => {
  expect(
    compileTexts({
      "lib/norm.fuse": 'fuse 1\nlet add_norm = nmae "x"\nlet plain = name "y"',
      "fuse/x/r.fuse": ruleText(
        "r",
        `when { framwork = sglang }
  split norm.add_norms as a -> norm.plain as b -> norn.plain where a.stram == c.stream
  saves d
  subsumes rr
  test "t" { given tpp 2  expect no match because guard vendr }`,
        'import "lib/nrom.fuse" as other\nimport "lib/norm.fuse" as norm',
      ),
    }).problems,
  ).toMatchInlineSnapshot(`
    [
      "broken-reference ["lib/nrom.fuse"] there is no library file "lib/nrom.fuse"; did you mean \`lib/norm.fuse\`?",
      "unknown-word [framwork] no fact is called \`framwork\`; did you mean \`framework\`?",
      "broken-reference [norm.add_norms] no class is called \`norm.add_norms\`; did you mean \`norm.add_norm\`?",
      "broken-reference [norn] nothing is imported as \`norn\`; did you mean \`norm\`?",
      "unknown-word [stram] captured kernels cannot be compared by \`stram\`; did you mean \`stream\`?",
      "broken-reference [c] no step of this pattern is captured as \`c\`",
      "broken-reference [d] no step is captured as \`d\`",
      "unknown-word [tpp] no fact is called \`tpp\`; did you mean \`tp\`?",
      "unknown-word [vendr] no fact is called \`vendr\`; did you mean \`vendor\`?",
      "unknown-word [nmae] kernels have no field \`nmae\`; did you mean \`name\`?",
    ]
  `);
});

test("values must be of the fact's type", () => {
  expect(
    problemsOf(`when {
    framework = sglnag
    tp >= two
    tp like "2"
    vendor >= nvidia
    arch in [sm90, gfx942, 90]
    stage in [prefill, prefil]
    model = "any text"
  }
  test "t" { given arch hopper, tp 1, tp 2  expect no match }`),
  ).toMatchInlineSnapshot(`
    [
      "impossible-value [sglnag] \`framework\` is never \`sglnag\`; did you mean \`sglang\`?",
      "impossible-value [two] \`tp\` is a whole number, not \`two\`",
      "impossible-value [tp like "2"] \`tp\` cannot be asked with \`like\`; use \`=\`, \`in\`, \`>=\` or \`<=\`",
      "impossible-value [vendor >= nvidia] \`vendor\` cannot be asked with \`>=\`; use \`=\`, \`in\` or \`like\`",
      "impossible-value [90] \`arch\` is a GPU architecture such as sm90 or gfx942, not \`90\`",
      "impossible-value [prefil] \`stage\` is never \`prefil\`; did you mean \`prefill\`?",
      "impossible-value [hopper] \`arch\` is a GPU architecture such as sm90 or gfx942, not \`hopper\`",
      "duplicate-name [tp 2] \`tp\` is given twice",
    ]
  `);
});

test("patterns that say nothing are refused", () => {
  expect(
    problemsOf(`split any_kernel?
  split any_kernel{2..1}
  split any_kernel as a -> [skip 65, gap 0.5ns] any_kernel as a
  split any-order { any_kernel, any_kernel{2} } within 2 kernels
  active overlap any_kernel with any_kernel? >= 5%
  split any_kernel repeat >= 0`),
  ).toMatchInlineSnapshot(`
    [
      "impossible-value [any_kernel?] a chain needs a step that must be there",
      "impossible-value [{2..1}] \`{2..1}\` asks for nothing; write least..most, at most 64",
      "impossible-value [65] \`skip\` goes up to 64",
      "impossible-value [0.5ns] 0.5ns is not a whole number of nanoseconds",
      "duplicate-name [a] two steps are captured as \`a\`",
      "impossible-value [2] 3 steps never fit into 2 kernels",
      "impossible-value [?] an overlap is between two single kernels",
      "impossible-value [0] \`repeat\` starts at 1",
    ]
  `);
});

test("classes may not refer to themselves, however far round", () => {
  const { ruleSet, problems } = compileTexts({
    "lib/a.fuse": 'fuse 1\nimport "lib/b.fuse" as b\nlet x = b.y\nlet fine = name "z"',
    "lib/b.fuse": 'fuse 1\nimport "lib/a.fuse" as a\nlet y = not a.x',
    "fuse/x/r.fuse": ruleText("r", "split a.x", 'import "lib/a.fuse" as a'),
    "fuse/x/s.fuse": ruleText("s", "split a.fine", 'import "lib/a.fuse" as a'),
  });
  expect(problems).toEqual([
    "broken-reference [a.x] class `a.x` has an error of its own",
    "broken-reference [x] class refers to itself: x -> y -> x",
  ]);
  expect(ruleSet.rules.map(({ id }) => id)).toEqual(["s"]);
  expect(ruleSet.classes.map(({ name }) => name)).toEqual(["a.fine"]);
});

test("a broken rule is left out, with its classes; the rest stay", () => {
  const { ruleSet, problems } = compileTexts({
    "fuse/x/a.fuse": "fuse 1\nrule a : fusion { titel }",
    "fuse/x/b.fuse": ruleText("b", "split any_kernel -> nothing"),
    "fuse/x/c.fuse": ruleText("c", "subsumes b"),
  });
  expect(problems).toEqual([
    "syntax [titel] `titel` is not a section of a rule; did you mean `title`?",
    "broken-reference [nothing] no class is called `nothing`",
  ]);
  expect(ruleSet.rules.map(({ id, subsumes }) => [id, subsumes])).toEqual([["c", []]]);
  expect(ruleSet.classes.map(({ name }) => name)).toEqual(["c.any_kernel"]);
});

test("the order of the files does not matter", () => {
  const texts = {
    "fuse/x/a.fuse": ruleText("a", "split l.one", 'import "lib/l.fuse" as l'),
    "fuse/x/b.fuse": ruleText("b", "split l.two\n  subsumes a", 'import "lib/l.fuse" as l'),
    "lib/l.fuse": 'fuse 1\nlet two = not one\nlet one = name "x"',
  };
  const turned = Object.fromEntries(Object.entries(texts).reverse());
  expect(compileTexts(turned)).toEqual(compileTexts(texts));
});

test("a rule stands alone in the file that bears its id, under its kind and origin", () => {
  expect(
    compileTexts({
      "fuse/x/other.fuse": ruleText("Some_Rule"),
      "overlap/x/r.fuse": ruleText("r"),
      "fuse/x/two.fuse": `${ruleText("two")}${ruleText("three").slice(7)}`,
      "fuse/y/two.fuse": ruleText("two"),
      "fuse/x/none.fuse": "fuse 1",
      "lib/l.fuse": ruleText("l"),
      "fuse/x/v.fuse": ruleText("v", "", 'category c = name "x"'),
    }).problems,
  ).toMatchInlineSnapshot(`
    [
      "file-place [1] the file holds no rule; files of shared classes belong under lib/",
      "file-place [Some_Rule] a rule id is written in lower case, like-this: \`Some_Rule\`",
      "file-place [Some_Rule] rule \`Some_Rule\` belongs in fuse/ORIGIN/Some_Rule.fuse; it is in fuse/x/other.fuse",
      "file-place [three] a file holds one rule; move \`three\` to a file of its own",
      "file-place [c] a category is defined in a file under lib/",
      "duplicate-name [two] rule \`two\` exists already",
      "file-place [l] a library file holds no rule",
      "file-place [r] rule \`r\` belongs in fuse/ORIGIN/r.fuse; it is in overlap/x/r.fuse",
    ]
  `);
});

test("a rule needs a title, a status and a pattern", () => {
  expect(compileTexts({ "fuse/x/r.fuse": "fuse 1\nrule r : fusion {}" }).problems).toEqual([
    "missing-part [r] the rule has no `title`",
    "missing-part [r] the rule has no `status`",
    "missing-part [r] the rule has no pattern: `active`, `partial` or `split`",
  ]);
});

test("`subsumes` is an order: the relation that closes a circle is cut", () => {
  const { ruleSet, problems } = compileTexts({
    "fuse/x/a.fuse": ruleText("a", "subsumes b"),
    "fuse/x/b.fuse": ruleText("b", "subsumes c"),
    "fuse/x/c.fuse": ruleText("c", "subsumes a, c"),
  });
  expect(problems).toEqual([
    "subsumes-order [a] `subsumes` goes round in a circle: a -> b -> c -> a",
    "subsumes-order [c] `subsumes` goes round in a circle: c -> c",
  ]);
  expect(ruleSet.rules.map(({ subsumes }) => subsumes)).toEqual([["b"], ["c"], []]);
});

test("definitions keep their order, and look only at what is decided before them", () => {
  const { ruleSet, problems } = compileTexts({
    "lib/20.fuse":
      'fuse 1\nrole r "A role" = category "gemm" and name "*r*"\ncategory other = name "*"',
    "lib/10.fuse": `fuse 1
let matmul = name "*gemm*" or library "cutlass"
category gemm "GEMM" = matmul
library cutlass = name "*cutlass*"
category wrong = indirect
let indirect = role "r"
library self = library "cutlass"`,
    "fuse/x/r.fuse": ruleText("r", 'split a\n  let a = category "gmm" | "ge*" and kind "kernal"'),
  });
  expect(ruleSet.categories).toEqual([
    { id: "gemm", title: "GEMM", class: 2 },
    { id: "other", title: "other", class: 3 },
  ]);
  expect(ruleSet.roles.map(({ id }) => id)).toEqual(["r"]);
  expect(ruleSet.libraries.map(({ id }) => id)).toEqual(["cutlass"]);
  expect(problems).toMatchInlineSnapshot(`
    [
      "impossible-value ["gmm"] no category is called \`gmm\`; did you mean \`gemm\`?",
      "impossible-value ["kernal"] no kind is called \`kernal\`; did you mean \`kernel\`?",
      "broken-reference [wrong] a category cannot look at \`role\`, which is decided later",
      "broken-reference [self] a library cannot look at \`library\`, which is decided by it",
    ]
  `);
});

test("grounds look at themselves alone, and no rule at words", () => {
  const { ruleSet, problems } = compileTexts({
    "lib/w.fuse": `fuse 1
let norm = word "norm"
category norm "Norm" = name "*norm*"
category norm by words = norm
category norm by op = op "*norm*"
category copy by words = name "*copy*"
role r by op = op "x"
category told = norm`,
    "fuse/x/r.fuse": ruleText("r", "split w.norm", 'import "lib/w.fuse" as w'),
  });
  expect(ruleSet.categoriesBy?.words.map(({ id }) => id)).toEqual(["norm"]);
  expect(ruleSet.categoriesBy?.op.map(({ id }) => id)).toEqual(["norm"]);
  expect(ruleSet.rules).toEqual([]);
  expect(problems.toSorted()).toEqual([
    "broken-reference [copy] a category by words looks at `word` alone, not at `name`",
    "broken-reference [r] only a category can be told by op",
    "broken-reference [told] only a category `by words` can look at `word`",
    "broken-reference [w.norm] no rule rests on `word`: name the kernels",
  ]);
});

test("sources get commit and address from the lock", () => {
  const lock = {
    repos: {
      sg: { url: "https://github.com/sgl-project/sglang", commit: "c0ffee", date: "2026-08-22" },
    },
    files: {
      sg: {
        "a/b.py": { symbols: ["F.g"], verified: true },
        "pr:7:c.cu": { symbols: [], verified: true },
      },
    },
  };
  const { ruleSet, problems } = compileTexts(
    {
      "fuse/x/r.fuse": ruleText(
        "r",
        `source sg "a/b.py#F.g"
  source sg "a/b.py#H"
  source sg "pr:7:c.cu"
  source sg @ "beef" "a/b.py"
  source sgl "d.py"`,
      ),
    },
    lock,
  );
  expect(problems).toEqual([
    "broken-reference [sgl] the source lock has no repository `sgl`; did you mean `sg`?",
  ]);
  const place = "https://github.com/sgl-project/sglang";
  expect(
    ruleSet.rules[0]!.sources.map(({ url, symbol, pr, verified }) => [url, symbol, pr, verified]),
  ).toEqual([
    [`${place}/blob/c0ffee/a/b.py`, "F.g", null, true],
    [`${place}/blob/c0ffee/a/b.py`, "H", null, false],
    [`${place}/pull/7`, null, "sgl-project/sglang#7", true],
    [`${place}/blob/beef/a/b.py`, null, null, false],
    ["", null, null, false],
  ]);
  expect(compileOne('source sg "pr:x:y"').problems).toEqual([
    'impossible-value ["pr:x:y"] a source is a "path#symbol" or a "pr:123:path"',
  ]);
});

test("test rows are laid out in time, stream by stream, turn by turn", () => {
  const { ruleSet } = compileOne(`test "t" {
    given tp 2
    on main "a" 2us
    repeat 2 {
      on main "b" 1us after 500ns
      on alt "c" 4us at 1us op "o" scope "s" frame "f"
    }
    repeat 1 { on main "d" 1us }
    expect match active 2 times
  }`);
  const [one] = ruleSet.rules[0]!.tests;
  expect(one!.given).toEqual([{ fact: "tp", value: 2 }]);
  expect(one!.expect).toEqual({ match: "active", times: 2 });
  expect(
    one!.kernels.map(({ stream, name, start, duration, layer }) => [
      stream,
      name,
      start,
      duration,
      layer,
    ]),
  ).toEqual([
    ["main", "a", 0, 2000, -1],
    ["main", "b", 2500, 1000, 0],
    ["alt", "c", 3000, 4000, 0],
    ["main", "b", 4000, 1000, 1],
    ["alt", "c", 8000, 4000, 1],
    ["main", "d", 5000, 1000, 2],
  ]);
  expect(one!.kernels[2]).toMatchObject({ op: "o", scope: "s", frame: "f" });
});

test("a test says what it expects and stays small", () => {
  expect(
    problemsOf(`test "a" { on main "k" 1us }
  test "b" { repeat 1000 { repeat 1000 { on main "k" 1us } } expect no match }
  test "d" { repeat 1000000000 { } expect no match }
  test "c" { on main "k" 0.3ns at 1us after 1us expect match split 0 times }`),
  ).toMatchInlineSnapshot(`
    [
      "syntax ["a"] a test ends with what to \`expect\`",
      "impossible-value ["b"] a test has at most 10000 kernels",
      "impossible-value ["d"] a test has at most 10000 kernels",
      "impossible-value [0.3ns] 0.3ns is not a whole number of nanoseconds",
      "impossible-value [1us] \`at\` and \`after\` both say when the kernel starts",
      "impossible-value [0] write \`expect no match\` instead",
    ]
  `);
});
