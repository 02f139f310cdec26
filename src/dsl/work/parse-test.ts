import type { TextNode } from "../ast.ts";
import { type InputNode, spanOf, type WorkTestNode } from "./ast.ts";
import type { Cursor } from "./cursor.ts";
import type { Token } from "./lex.ts";

type Draft = { -readonly [Key in keyof WorkTestNode]: WorkTestNode[Key] };

/** `test "…" { given … expect … }`: arguments as a recorder would write them, and the figures. */
export function parseTest(at: Cursor, head: Token): WorkTestNode {
  const title = textAt(at);
  at.expectMark("{");
  const draft: Draft = {
    title,
    inputs: [],
    inner: [],
    outer: [],
    step: [],
    kernel: null,
    expect: null,
    range: head.range,
  };
  while (!at.isMark("}")) {
    if (at.isWord("given")) parseGiven(at, draft);
    else if (at.isWord("expect")) draft.expect = parseExpect(at);
    else throw at.problem("`given`, `expect` or `}`");
  }
  draft.range = spanOf(head.range, at.next().range);
  return draft;
}

function parseGiven(at: Cursor, draft: Draft): void {
  at.next();
  const what = at.expect("word", "`inputs`, `inner`, `outer`, `step` or `kernel`");
  switch (what.text) {
    case "inputs":
      draft.inputs = [...draft.inputs, ...inputsAt(at)];
      return;
    case "inner":
    case "outer": {
      const op = textAt(at);
      draft[what.text] = [...draft[what.text], { op, inputs: inputsAt(at) }];
      return;
    }
    case "kernel":
      draft.kernel = textAt(at);
      return;
    case "step": {
      const { text, range } = at.expect("word", "what the step's annotation tells");
      const value = numberAt(at);
      draft.step = [...draft.step, { field: { kind: "word", text, range }, value }];
      return;
    }
    default:
      throw at.problem("`inputs`, `inner`, `outer`, `step` or `kernel` after `given`");
  }
}

function parseExpect(at: Cursor): NonNullable<WorkTestNode["expect"]> {
  const from = at.next().range;
  if (at.isWord("none")) return { none: true, range: spanOf(from, at.next().range) };
  let flops: number | null = null;
  let bytes: number | null = null;
  do {
    if (flops !== null || bytes !== null) at.expectMark(",");
    const what = at.expect("word", "`flops`, `bytes` or `none`");
    if (what.text === "flops") flops = numberAt(at);
    else if (what.text === "bytes") bytes = numberAt(at);
    else throw at.problem("`flops`, `bytes` or `none` after `expect`");
  } while (at.isMark(","));
  return { none: false, flops, bytes, range: spanOf(from, at.before.range) };
}

function inputsAt(at: Cursor): InputNode[] {
  const inputs = [inputAt(at)];
  while (at.isMark(",")) {
    at.next();
    inputs.push(inputAt(at));
  }
  return inputs;
}

const NOTHING = { type: "", dims: null, list: null, strides: null, value: null };

/** `bf16[32, 4096]`, `bf16[1, 8] strides [0, 1]`, `(bf16[2], bf16[3])`, `1`, `[2, 2]`, `"mean"`, `true`, `none`. */
function inputAt(at: Cursor): InputNode {
  const { kind, text, range } = at.token;
  if (kind === "number" || at.isMark("-")) {
    const value = numberAt(at);
    return { ...NOTHING, value, range: spanOf(range, at.before.range) };
  }
  if (kind === "text") {
    at.next();
    return { ...NOTHING, value: text, range };
  }
  if (at.isMark("[")) {
    const value = numbersAt(at);
    return { ...NOTHING, value, range: spanOf(range, at.before.range) };
  }
  if (at.isMark("(")) return listAt(at);
  const type = at.expect("word", "an argument: bf16[2, 3], a number, [2, 2], true, none").text;
  if (type === "none") return { ...NOTHING, range };
  if (type === "true" || type === "false")
    return { ...NOTHING, value: Number(type === "true"), range };
  const dims = numbersAt(at);
  const hasStrides = at.isWord("strides");
  if (hasStrides) at.next();
  const strides = hasStrides ? numbersAt(at) : null;
  return { ...NOTHING, type, dims, strides, range: spanOf(range, at.before.range) };
}

function listAt(at: Cursor): InputNode {
  const from = at.next().range;
  const tensors = inputsAt(at);
  const { range } = at.expectMark(")");
  const list = tensors.map(({ dims }) => dims ?? []);
  return { ...NOTHING, type: tensors[0]?.type ?? "", list, range: spanOf(from, range) };
}

function numbersAt(at: Cursor): number[] {
  at.expectMark("[");
  const numbers: number[] = [];
  while (!at.isMark("]")) {
    if (numbers.length > 0) at.expectMark(",");
    numbers.push(numberAt(at));
  }
  at.next();
  return numbers;
}

function numberAt(at: Cursor): number {
  const isBelowZero = at.isMark("-");
  if (isBelowZero) at.next();
  const value = Number(at.expect("number", "a number").text);
  return isBelowZero ? -value : value;
}

function textAt(at: Cursor): TextNode {
  const { text, range } = at.expect("text", "a quoted text");
  return { kind: "text", text, range };
}
