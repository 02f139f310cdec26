import fc from "fast-check";
import type {
  AtomNode,
  ClassNode,
  ExpectNode,
  FuseFile,
  GuardNode,
  LetNode,
  LinkNode,
  Node,
  PatternNode,
  RefNode,
  RowNode,
  RowRefNode,
  RuleNode,
  StateNode,
  StatusNode,
  StepNode,
  TestNode,
  TextNode,
  ValueNode,
} from "../../src/dsl/ast.ts";

/** Any tree the language can express, without comments; places mean nothing. */

const range = { start: 0, end: 0, line: 1, column: 1 };
type Bare<Of> = Of extends Node ? Omit<Of, "range"> : Of;
const placed = <Of extends Node>(
  fields: { [Key in keyof Bare<Of>]: fc.Arbitrary<Bare<Of>[Key]> },
) => fc.record(fields).map((bare) => ({ range, ...bare }) as unknown as Of);

const KEYWORD_NAMES = [
  "report",
  "share",
  "overlap",
  "library",
  "name",
  "as",
  "with",
  "repeat",
  "on",
];
const wordText = fc.oneof(
  fc.stringMatching(/^[A-Za-z_](\w|-\w){0,8}$/),
  fc.constantFrom(...KEYWORD_NAMES),
);
/** Reserved words name nothing; `any-order` and `except` have one reading where they stand. */
const RESERVED = new Set(["and", "or", "not", "any-order", "except"]);
const word = wordText
  .filter((text) => !RESERVED.has(text))
  .map((text) => ({ kind: "word" as const, range, text }));
const textNode: fc.Arbitrary<TextNode> = fc
  .oneof(fc.string({ unit: "binary", maxLength: 12 }), fc.string({ maxLength: 60 }))
  .map((text) => ({ kind: "text" as const, range, text: text.replace(/[\n\r]/g, " ") }));
const int = fc.maxSafeNat().map((value) => ({ kind: "int" as const, range, value }));
const day = fc
  .constantFrom("2026-08-22", "2026-08")
  .map((text) => ({ kind: "day" as const, range, text }));
const duration = fc
  .constantFrom(["5us", 5000], ["1.5us", 1500], ["7ns", 7], ["0.25ms", 250_000])
  .map(([text, ns]) => ({
    kind: "duration" as const,
    range,
    text: text as string,
    ns: ns as number,
  }));
const percent = fc
  .constantFrom("0.4%", "20%", "100%")
  .map((text) => ({ kind: "percent" as const, range, text, share: Number.parseFloat(text) / 100 }));
const value: fc.Arbitrary<ValueNode> = fc.oneof(word, textNode, int);

const some = <Of>(one: fc.Arbitrary<Of>, most = 4) =>
  fc.array(one, { minLength: 1, maxLength: most });
const few = <Of>(one: fc.Arbitrary<Of>, most = 3) => fc.array(one, { maxLength: most });
const maybe = <Of>(one: fc.Arbitrary<Of>) => fc.option(one, { nil: null });
const is = <Value extends string>(text: Value) => fc.constant(text);
const section = <Value extends Node>(of: fc.Arbitrary<Value>) =>
  of.map((one) => ({ kind: "section" as const, range, value: one }));
const list = <Value extends Node>(of: fc.Arbitrary<Value>) =>
  some(of).map((values) => ({ kind: "list" as const, range, values }));

const ref = placed<RefNode>({ kind: is("ref"), module: maybe(word), name: word });
const atom = placed<AtomNode>({
  kind: is("atom"),
  field: word,
  patterns: some(textNode),
});

function classNode(depth: number): fc.Arbitrary<ClassNode> {
  if (depth === 0) return fc.oneof(atom, ref);
  const inner = classNode(depth - 1);
  const joined = (kind: "any" | "all") =>
    fc
      .array(
        inner.filter((one) => one.kind !== kind),
        { minLength: 2, maxLength: 3 },
      )
      .map((of) => ({ kind, range, of }));
  const not = inner.map((of) => ({ kind: "not" as const, range, of }));
  return fc.oneof(atom, ref, joined("any"), joined("all"), not);
}

const letNode = placed<LetNode>({ kind: is("let"), name: word, expr: classNode(3) });
const definition = fc
  .constantFrom("category" as const, "role" as const, "library" as const)
  .chain((kind) =>
    fc
      .record({
        id: word,
        title: maybe(textNode),
        by: fc.constantFrom(null, "words" as const, "op" as const),
        expr: classNode(2),
      })
      .map((rest) => ({ kind, range, ...rest })),
  );

const quantifier = fc
  .tuple(fc.nat(9), fc.nat(9))
  .map(([min, max]) => ({ kind: "quantifier" as const, range, min, max }));
const step = placed<StepNode>({
  kind: is("step"),
  class: ref,
  capture: maybe(word),
  quantifier: maybe(quantifier),
});
const link = placed<LinkNode>({
  kind: is("link"),
  skip: maybe(int),
  gap: maybe(duration),
  without: few(ref),
  past: few(ref),
});
const chain = some(step).chain((steps) =>
  fc
    .array(link, { minLength: steps.length - 1, maxLength: steps.length - 1 })
    .map((links) => ({ kind: "chain" as const, range, steps, links })),
);
const single = step.map((one) => ({ ...one, quantifier: null }));
const pattern: fc.Arbitrary<PatternNode> = fc.oneof(
  chain,
  fc
    .record({ steps: some(step), within: int })
    .map((rest) => ({ kind: "any-order" as const, range, ...rest })),
  fc
    // `overlap as …` reads as a capture.
    .record({
      first: single.filter((one) => one.class.module !== null || one.class.name.text !== "as"),
      second: step,
      least: maybe(percent),
    })
    .map((rest) => ({ kind: "overlap" as const, range, ...rest })),
);
const stateName = fc.constantFrom("active" as const, "partial" as const, "split" as const);
const fieldOf = fc
  .record({ capture: word, field: word })
  .map((rest) => ({ kind: "field-of" as const, range, ...rest }));
const condition = fc
  .record({ left: fieldOf, equal: fc.boolean(), right: fieldOf })
  .map((rest) => ({ kind: "condition" as const, range, ...rest }));
const repeatAtLeast = fc
  .record({ min: int })
  .map((rest) => ({ kind: "repeat-at-least" as const, range, ...rest }));
const state = placed<StateNode>({
  kind: is("state"),
  state: stateName,
  pattern,
  where: few(condition),
  repeat: maybe(repeatAtLeast),
});

const guardTest: fc.Arbitrary<GuardNode["test"]> = fc.oneof(
  fc.record({
    op: fc.constantFrom("=" as const, ">=" as const, "<=" as const, ">" as const, "<" as const),
    value,
  }),
  fc.record({ op: is("in" as const), values: some(value) }),
  fc.record({ op: is("like" as const), globs: some(textNode), except: few(textNode) }),
);
const guard = fc
  .record({ fact: word, test: guardTest })
  .map((rest) => ({ kind: "guard" as const, range, ...rest }));

const plainStatus = fc.constantFrom("mainline" as const, "experimental" as const).map((one) => ({
  kind: "status" as const,
  range,
  value: one,
  prs: [],
  checked: null,
  replacedBy: null,
}));
const status: fc.Arbitrary<StatusNode> = fc.oneof(
  plainStatus,
  fc.record({ prs: some(textNode), checked: day }).map((rest) => ({
    kind: "status" as const,
    range,
    value: "in-flight" as const,
    replacedBy: null,
    ...rest,
  })),
  maybe(word).map((replacedBy) => ({
    kind: "status" as const,
    range,
    value: "deprecated" as const,
    prs: [],
    checked: null,
    replacedBy,
  })),
);

const rowRef = placed<RowRefNode>({ kind: is("row-ref"), glob: textNode, nth: maybe(int) });
const rowOptions = {
  after: maybe(duration),
  at: maybe(duration),
  op: maybe(textNode),
  scope: maybe(textNode),
  frame: maybe(textNode),
};
const change: fc.Arbitrary<RowNode> = fc
  .oneof(
    fc.record({ kind: is("drop"), row: rowRef }),
    fc.record({ kind: is("swap"), row: rowRef, other: rowRef }),
    fc.record({ kind: is("turns"), times: int }),
    // Something differs, or the parser takes it for no change.
    fc.record({
      kind: is("change"),
      row: rowRef,
      stream: maybe(word),
      name: textNode,
      ...rowOptions,
    }),
  )
  .map((rest) => ({ range, ...rest }) as RowNode);
const row: fc.Arbitrary<RowNode> = fc.letrec<{ row: RowNode; on: RowNode; repeat: RowNode }>(
  (tie) => ({
    row: fc.oneof({ depthSize: "small" }, tie("on"), tie("repeat")),
    on: fc
      .record({
        stream: word,
        name: textNode,
        duration,
        ...rowOptions,
        before: maybe(rowRef),
      })
      .map((rest) => ({ kind: "on" as const, range, ...rest })),
    repeat: fc
      .record({ times: int, rows: fc.array(tie("row"), { maxLength: 2 }) })
      .map((rest) => ({ kind: "repeat" as const, range, ...rest })),
  }),
).row;
const outcome: fc.Arbitrary<ExpectNode["outcome"]> = fc.oneof(
  fc.record({ match: stateName, times: maybe(int) }),
  fc.record({
    match: fc.constant(null),
    because: fc.constantFrom(null, "pattern" as const, "share" as const),
    guard: fc.constant(null),
  }),
  fc.record({ match: fc.constant(null), because: is("guard" as const), guard: maybe(word) }),
);
const given = fc
  .record({ fact: word, value })
  .map((rest) => ({ kind: "given" as const, range, ...rest }));
const testNode = placed<TestNode>({
  kind: is("test"),
  title: textNode,
  like: maybe(textNode),
  given: few(given),
  rows: few(fc.oneof(row, change)),
  expect: maybe(outcome.map((one) => ({ kind: "expect" as const, range, outcome: one }))),
});

const message = fc
  .record({
    kind: fc.constantFrom("verdict" as const, "advice" as const),
    state: stateName,
    template: textNode,
  })
  .map((rest) => ({ range, ...rest }));
const source = fc
  .record({
    ...{ repo: word, commit: maybe(fc.oneof(word, textNode)) },
    ...{ since: maybe(textNode), until: maybe(textNode), target: textNode },
  })
  .map((rest) => ({ kind: "source" as const, range, ...rest }));

const rule = placed<RuleNode>({
  kind: is("rule"),
  id: word,
  ruleKind: fc
    .constantFrom("fusion" as const, "overlap" as const)
    .map((one) => ({ range, value: one })),
  title: maybe(section(textNode)),
  status: maybe(status),
  since: maybe(section(fc.oneof(textNode, day))),
  owner: maybe(section(textNode)),
  rev: maybe(section(fc.oneof(textNode, int))),
  tags: maybe(list(fc.oneof(word, textNode))),
  sources: few(source),
  refs: few(section(textNode)),
  when: maybe(list(guard)),
  lets: few(letNode),
  states: few(state),
  report: maybe(section(percent)),
  subsumes: maybe(list(word)),
  conflicts: maybe(list(word)),
  saves: maybe(list(word)),
  toggle: maybe(section(textNode)),
  messages: few(message),
  tests: few(testNode),
});

const importNode = fc
  .record({ path: textNode, alias: word })
  .map((rest) => ({ kind: "import" as const, range, ...rest }));

export const fuseFile: fc.Arbitrary<FuseFile> = fc
  .record({
    imports: few(importNode),
    entries: few(fc.oneof(letNode, definition), 4),
    rules: fc.array(rule, { maxLength: 2 }),
  })
  .map((rest) => ({
    range,
    file: "x.fuse",
    complete: true,
    edition: { kind: "int" as const, range, value: 1 },
    comments: [],
    ...rest,
  }));

/** A tree without places and comments, for comparison. */
export function withoutPlaces(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutPlaces);
  if (typeof node !== "object" || node === null) return node;
  const kept = Object.entries(node).filter(([key]) => key !== "range" && key !== "comments");
  return Object.fromEntries(kept.map(([key, value_]) => [key, withoutPlaces(value_)]));
}
