import type { CstNode } from "chevrotain";
import type { ExpectNode, GivenNode, KernelRowNode, RowNode, TestNode, ValueNode } from "./ast.ts";
import { stateName } from "./build-state.ts";
import {
  duration,
  int,
  mustNode,
  mustToken,
  node,
  nodes,
  oneOf,
  placeOf,
  text,
  token,
  word,
} from "./cst.ts";
import type { Remarks } from "./remarks.ts";

export function buildTest(from: CstNode, remarks: Remarks): TestNode {
  const lines = nodes(from, "testLine");
  const pick = (rule: string) => lines.flatMap((line) => nodes(line, rule));
  const expects = pick("expect");
  const title = text(mustToken(from, "Quoted"), remarks);
  if (expects.length > 1)
    remarks.error("F002", placeOf(expects[1]!), "`expect` appears twice in this test");
  return {
    kind: "test",
    range: placeOf(from),
    title,
    given: pick("given").flatMap((given) =>
      nodes(given, "fact").map((fact) => buildGiven(fact, remarks)),
    ),
    rows: pick("row").map((row) => buildRow(row, remarks)),
    expect: expects[0] === undefined ? null : buildExpect(expects[0], remarks),
  };
}

export function buildValue(from: CstNode, remarks: Remarks): ValueNode {
  const quoted = token(from, "Quoted");
  if (quoted !== null) return text(quoted, remarks);
  const number = token(from, "Int");
  return number === null ? word(mustToken(from, "Word")) : int(number, remarks);
}

function buildGiven(from: CstNode, remarks: Remarks): GivenNode {
  return {
    kind: "given",
    range: placeOf(from),
    fact: word(mustToken(from, "Word")),
    value: buildValue(mustNode(from, "value"), remarks),
  };
}

function buildRow(from: CstNode, remarks: Remarks): RowNode {
  const repeat = node(from, "repeat");
  if (repeat === null) return buildKernelRow(mustNode(from, "on"), remarks);
  return {
    kind: "repeat",
    range: placeOf(repeat),
    times: int(mustToken(repeat, "Int"), remarks),
    rows: nodes(repeat, "row").map((row) => buildRow(row, remarks)),
  };
}

function buildKernelRow(from: CstNode, remarks: Remarks): KernelRowNode {
  const options = nodes(from, "rowOption");
  const having = (keyword: string, value: string) => {
    const [first, second] = options.filter((option) => token(option, keyword) !== null);
    if (second !== undefined)
      remarks.error(
        "F002",
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
