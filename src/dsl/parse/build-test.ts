import type { CstNode, IToken } from "chevrotain";
import type {
  AlterNode,
  ExpectNode,
  GivenNode,
  KernelRowNode,
  RowNode,
  RowRefNode,
  TestNode,
  ValueNode,
} from "../ast.ts";
import type { Remarks } from "../remarks.ts";
import { stateName } from "./build-state.ts";
import {
  type Children,
  childrenOf,
  duration,
  int,
  mustToken,
  node,
  nodes,
  oneOf,
  placeOf,
  text,
  token,
  tokens,
  word,
} from "./cst.ts";

export function buildTest(from: CstNode, remarks: Remarks): TestNode {
  const all = childrenOf(nodes(from, "testLine"));
  const expects = all("expect");
  const [title, like] = tokens(from, "Quoted").map((quoted) => text(quoted, remarks));
  if (expects.length > 1)
    remarks.error("syntax", placeOf(expects[1]!), "`expect` appears twice in this test");
  return {
    kind: "test",
    range: placeOf(from),
    title: title!,
    like: like ?? null,
    given: all("given").flatMap((given) =>
      nodes(given, "fact").map((fact) => buildGiven(fact, remarks)),
    ),
    rows: buildRows(all, remarks),
    expect: expects[0] === undefined ? null : buildExpect(expects[0], remarks),
  };
}

/** The value that is all of a node, or stands at its end. */
export function buildValue(from: CstNode, remarks: Remarks): ValueNode {
  const quoted = token(from, "Quoted");
  if (quoted !== null) return text(quoted, remarks);
  const number = token(from, "Int");
  return number === null ? word(tokens(from, "Word").at(-1)!) : int(number, remarks);
}

function buildGiven(from: CstNode, remarks: Remarks): GivenNode {
  return {
    kind: "given",
    range: placeOf(from),
    fact: word(mustToken(from, "Word")),
    value: buildValue(from, remarks),
  };
}

/** Rows of a block, in the order they are written; the tree holds them by their kind. */
function buildRows(all: Children, remarks: Remarks): RowNode[] {
  return ROWS.flatMap((rule) => all(rule))
    .sort((a, b) => a.location!.startOffset - b.location!.startOffset)
    .map((row) => buildRow(row, remarks));
}

const ROWS = ["on", "repeat", "drop", "swap", "change"] as const;

function buildRow(from: CstNode, remarks: Remarks): RowNode {
  const range = placeOf(from);
  switch (from.name as (typeof ROWS)[number]) {
    case "on":
      return buildKernelRow(from, remarks);
    case "repeat": {
      const times = int(mustToken(from, "Int"), remarks);
      const turn = node(from, "turn");
      if (turn === null) return { kind: "turns", range, times };
      return {
        kind: "repeat",
        range,
        times,
        rows: buildRows((rule) => nodes(turn, rule), remarks),
      };
    }
    case "drop":
      return { kind: "drop", range, row: rowRefs(from, remarks)[0]! };
    case "swap": {
      const [row, other] = rowRefs(from, remarks);
      return { kind: "swap", range, row: row!, other: other! };
    }
    case "change":
      return buildChange(from, remarks);
  }
}

function rowRefs(from: CstNode, remarks: Remarks): readonly RowRefNode[] {
  return nodes(from, "rowRef").map((ref) => {
    const nth = token(ref, "Int");
    return {
      kind: "row-ref",
      range: placeOf(ref),
      glob: text(mustToken(ref, "Quoted"), remarks),
      nth: nth === null ? null : int(nth, remarks),
    };
  });
}

function buildChange(from: CstNode, remarks: Remarks): AlterNode {
  const differences = nodes(from, "difference");
  const options = differences.flatMap((one) => nodes(one, "rowOption"));
  const having = (keyword: string, value: string) => once(differences, keyword, value, remarks);
  const stream = having("Stream", "Word");
  const name = having("As", "Quoted");
  return {
    kind: "change",
    range: placeOf(from),
    row: rowRefs(from, remarks)[0]!,
    stream: stream === null ? null : word(stream),
    name: name === null ? null : text(name, remarks),
    ...optionsOf(options, remarks),
  };
}

/** The value behind a keyword that may stand once. */
function once(
  options: readonly CstNode[],
  keyword: string,
  value: string,
  remarks: Remarks,
): IToken | null {
  const [first, second] = options.filter((option) => token(option, keyword) !== null);
  if (second !== undefined)
    remarks.error(
      "syntax",
      placeOf(second),
      `\`${keyword.toLowerCase()}\` appears twice in this line`,
    );
  return first === undefined ? null : mustToken(first, value);
}

type RowOptions = Pick<KernelRowNode, "after" | "at" | "op" | "scope" | "frame">;

function optionsOf(options: readonly CstNode[], remarks: Remarks): RowOptions {
  const having = (keyword: string, value: string) => once(options, keyword, value, remarks);
  const time = (keyword: string) => {
    const found = having(keyword, "Duration");
    return found === null ? null : duration(found);
  };
  const label = (keyword: string) => {
    const found = having(keyword, "Quoted");
    return found === null ? null : text(found, remarks);
  };
  return {
    after: time("After"),
    at: time("At"),
    op: label("Op"),
    scope: label("Scope"),
    frame: label("Frame"),
  };
}

const buildKernelRow = (from: CstNode, remarks: Remarks): KernelRowNode => ({
  kind: "on",
  range: placeOf(from),
  stream: word(mustToken(from, "Word")),
  name: text(mustToken(from, "Quoted"), remarks),
  duration: duration(mustToken(from, "Duration")),
  ...optionsOf(nodes(from, "rowOption"), remarks),
  before: rowRefs(from, remarks)[0] ?? null,
});

const REASONS = { Guard: "guard", Pattern: "pattern", Share: "share" } as const;

function buildExpect(from: CstNode, remarks: Remarks): ExpectNode {
  const range = placeOf(from);
  if (token(from, "No") === null) {
    const times = token(from, "Int");
    const outcome = { match: stateName(from), times: times === null ? null : int(times, remarks) };
    return { kind: "expect", range, outcome };
  }
  const because = node(from, "because");
  const guard = because === null ? null : token(because, "Word");
  return {
    kind: "expect",
    range,
    outcome: {
      match: null,
      because: because === null ? null : REASONS[oneOf(because, ["Guard", "Pattern", "Share"])],
      guard: guard === null ? null : word(guard),
    },
  };
}
