import type { Diagnostic } from "../../model/diagnostic.ts";
import type { WorkModel } from "../../model/work.ts";
import { diagnosticOf, type Remark } from "../checks/check.ts";
import type { Code } from "../checks/codes.ts";
import { todoIn } from "../checks/form/missing-parts.ts";
import type { LoadedWork } from "../load-texts.ts";
import type { ExprNode, WorkNode } from "./ast.ts";
import { formatWork } from "./format.ts";

interface WorkUnit {
  readonly file: LoadedWork;
  readonly node: WorkNode;
}

type Find = (unit: WorkUnit, models: readonly WorkModel[]) => Omit<Remark, "file" | "rule">[];

/** What is asked of a work model besides that it compiles and its tests pass. */
const CHECKS: readonly (readonly [Code, Find])[] = [
  ["unformatted", formatDrift],
  ["unused-class", unusedLets],
  ["untested-state", untested],
  ["index-outside", indexesOutside],
  ["never-applies", neverApplies],
  ["todo-left", todosLeft],
];

export function checkWorks(
  files: readonly LoadedWork[],
  models: readonly WorkModel[],
): Diagnostic[] {
  return files.flatMap((file) => {
    const node = file.ast.work;
    if (node === null || !file.ast.complete) return [];
    return CHECKS.flatMap(([code, find]) =>
      find({ file, node }, models).map((remark) =>
        diagnosticOf(code, { file: file.file, rule: node.id.text, ...remark }),
      ),
    );
  });
}

function todosLeft({ file }: WorkUnit) {
  const remark = todoIn(file.text);
  return remark === null ? [] : [remark];
}

function formatDrift({ file, node }: WorkUnit) {
  if (formatWork(file.text) === file.text) return [];
  return [{ range: node.id.range, message: "the file is not formatted", help: "run `rules fmt`" }];
}

function unusedLets({ node }: WorkUnit) {
  const used = new Set(
    expressionsOf(node).flatMap((each) =>
      [...walk(each)].flatMap((it) => (it.kind === "name" ? [it.name] : [])),
    ),
  );
  return node.lets
    .filter(({ name }) => !used.has(name.text))
    .map(({ name }) => ({ range: name.range, message: `\`${name.text}\` is never used` }));
}

function untested({ node }: WorkUnit) {
  if (node.tests.some(({ expect }) => expect !== null && !expect.none)) return [];
  return [
    {
      range: node.id.range,
      message: "no test shows the figures of a call",
      help: "add a test with the dims of a real trace and the numbers worked out by hand",
    },
  ];
}

/** A place no test's call has: it would be unknown on every trace. */
function indexesOutside({ node }: WorkUnit) {
  const calls = node.tests.map(({ inputs }) => inputs);
  const most = Math.max(0, ...calls.map((inputs) => inputs.length));
  return expressionsOf(node).flatMap((each) =>
    [...walk(each)].flatMap((it) => {
      const input = inputIndex(it);
      if (input !== null && input >= most && node.tests.length > 0)
        return [{ range: it.range, message: `no test's call has an input ${input}` }];
      const dim = dimIndex(it);
      if (dim === null) return [];
      const ranks = calls.map((inputs) => inputs[dim.input]?.dims?.length ?? 0);
      const rank = Math.max(0, ...ranks);
      const isOutside = dim.at >= rank || -dim.at > rank;
      return isOutside && node.tests.length > 0
        ? [{ range: it.range, message: `input ${dim.input} has no dim ${dim.at} in any test` }]
        : [];
    }),
  );
}

function inputIndex(node: ExprNode): number | null {
  if (node.kind !== "at" || node.of.kind !== "name" || node.of.name !== "input") return null;
  return node.index.kind === "number" ? node.index.value : null;
}

function dimIndex(node: ExprNode): { input: number; at: number } | null {
  if (node.kind !== "at" || node.index.kind !== "number") return null;
  if (node.of.kind !== "field" || node.of.field.text !== "dims") return null;
  const input = inputIndex(node.of.of);
  // Places from the end depend on the call.
  return input === null || input < 0 ? null : { input, at: node.index.value };
}

/** A condition that is never true, or an op that an unconditional model of an earlier id takes whole. */
function neverApplies({ node }: WorkUnit, models: readonly WorkModel[]) {
  const never = node.where.filter((each) => each.kind === "number" && each.value === 0);
  const taken = models.find(
    ({ id, ops, kernels, where }) =>
      id < node.id.text &&
      kernels.length === 0 &&
      where.length === 0 &&
      node.kernels.length === 0 &&
      node.ops.length > 0 &&
      node.ops.every(({ text }) => ops.includes(text)),
  );
  return [
    ...never.map(({ range }) => ({ range, message: "the model never applies" })),
    ...(taken === undefined
      ? []
      : [
          {
            range: node.id.range,
            message: `the model never applies: \`${taken.id}\` takes its ops`,
          },
        ]),
  ];
}

function expressionsOf(node: WorkNode): ExprNode[] {
  const { where, lets, flops, rate, reads, writes, links } = node;
  const single = [flops, rate?.type ?? null, reads, writes, links];
  return [
    ...where,
    ...lets.map(({ value }) => value),
    ...single.filter((each): each is ExprNode => each !== null),
  ];
}

function* walk(node: ExprNode): Generator<ExprNode> {
  yield node;
  for (const part of partsOf(node)) yield* walk(part);
}

function partsOf(node: ExprNode): readonly ExprNode[] {
  switch (node.kind) {
    case "field":
    case "not":
      return [node.of];
    case "at":
      return [node.of, node.index];
    case "call":
      return node.args;
    case "binary":
      return [node.left, node.right];
    case "if":
      return [node.test, node.then, node.otherwise];
    default:
      return [];
  }
}
