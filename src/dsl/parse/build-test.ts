import type { CstNode } from "chevrotain";
import type {
  ExpectNode,
  GivenNode,
  KernelRowNode,
  RepeatRowNode,
  RowNode,
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
  const title = text(mustToken(from, "Quoted"), remarks);
  if (expects.length > 1)
    remarks.error("syntax", placeOf(expects[1]!), "`expect` appears twice in this test");
  return {
    kind: "test",
    range: placeOf(from),
    title,
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
  return [...all("on"), ...all("repeat")]
    .sort((a, b) => a.location!.startOffset - b.location!.startOffset)
    .map((row) => (row.name === "on" ? buildKernelRow(row, remarks) : buildRepeat(row, remarks)));
}

const buildRepeat = (from: CstNode, remarks: Remarks): RepeatRowNode => ({
  kind: "repeat",
  range: placeOf(from),
  times: int(mustToken(from, "Int"), remarks),
  rows: buildRows((rule) => nodes(from, rule), remarks),
});

function buildKernelRow(from: CstNode, remarks: Remarks): KernelRowNode {
  const options = nodes(from, "rowOption");
  const having = (keyword: string, value: string) => {
    const [first, second] = options.filter((option) => token(option, keyword) !== null);
    if (second !== undefined)
      remarks.error(
        "syntax",
        placeOf(second),
        `\`${keyword.toLowerCase()}\` appears twice in this line`,
      );
    return first === undefined ? null : mustToken(first, value);
  };
  const time = (keyword: string) => {
    const found = having(keyword, "Duration");
    return found === null ? null : duration(found);
  };
  const label = (keyword: string) => {
    const found = having(keyword, "Quoted");
    return found === null ? null : text(found, remarks);
  };
  return {
    kind: "on",
    range: placeOf(from),
    stream: word(mustToken(from, "Word")),
    name: text(mustToken(from, "Quoted"), remarks),
    duration: duration(mustToken(from, "Duration")),
    after: time("After"),
    at: time("At"),
    op: label("Op"),
    scope: label("Scope"),
    frame: label("Frame"),
  };
}

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
