import type { FactName, FactValue } from "../../model/facts.ts";
import type { RuleTest, TestExpectation, TestKernel } from "../../model/rule.ts";
import type { Nanoseconds } from "../../model/trace/units.ts";
import type { ExpectNode, KernelRowNode, RowNode, TestNode } from "../ast.ts";
import type { Remarks } from "../remarks.ts";
import { compileValue, factNamed } from "./compile-guard.ts";
import { wholeNs } from "./compile-state.ts";
import { type PlainTest, variedTest } from "./vary-test.ts";

/** A test longer than this no longer shows anything to a reader. */
const MOST_KERNELS = 10_000;

/** @param all tests of the rule: a test may vary another. */
export function compileTest(
  node: TestNode,
  all: readonly TestNode[],
  remarks: Remarks,
): RuleTest | null {
  const before = remarks.fatal;
  const written = variedTest(node, all, remarks);
  if (written === null) return null;
  const given = compileGiven(written, remarks);
  const kernels = new Timeline(remarks).run(written);
  const expect = compileExpect(node, remarks);
  if (expect === null || remarks.fatal > before) return null;
  return { title: node.title.text, given, kernels, expect };
}

function compileGiven(node: PlainTest, remarks: Remarks): RuleTest["given"] {
  const seen = new Set<FactName>();
  const given: { fact: FactName; value: FactValue }[] = [];
  for (const { fact: name, value: node_, range } of node.given) {
    const fact = factNamed(name, remarks);
    const value = fact === null ? null : compileValue(fact, node_, remarks);
    if (fact === null || value === null) continue;
    if (seen.has(fact)) remarks.error("duplicate-name", range, `\`${fact}\` is given twice`);
    seen.add(fact);
    given.push({ fact, value });
  }
  return given;
}

/** Lays the rows of a test out in time: each stream goes on where its last kernel ended. */
class Timeline {
  readonly #remarks: Remarks;
  readonly #kernels: TestKernel[] = [];
  readonly #ends = new Map<string, Nanoseconds>();
  #turns = 0;

  constructor(remarks: Remarks) {
    this.#remarks = remarks;
  }

  run({ rows, title }: PlainTest): TestKernel[] {
    if (countKernels(rows) > MOST_KERNELS)
      this.#remarks.error(
        "impossible-value",
        title.range,
        `a test has at most ${MOST_KERNELS} kernels`,
      );
    else this.#add(rows, 0, -1);
    return this.#kernels;
  }

  /** @param base what `at` counts from: the start of the turn. */
  #add(rows: readonly RowNode[], base: Nanoseconds, layer: number): void {
    for (const row of rows) {
      if (row.kind === "on") this.#addKernel(row, base, layer);
      else if (row.kind === "repeat")
        for (let turn = 0; turn < row.times.value; turn++)
          this.#add(row.rows, Math.max(0, ...this.#ends.values()), this.#turns++);
    }
  }

  #addKernel(row: KernelRowNode, base: Nanoseconds, layer: number): void {
    const { stream, after, at } = row;
    if (after !== null && at !== null)
      this.#remarks.error(
        "impossible-value",
        at.range,
        "`at` and `after` both say when the kernel starts",
      );
    const end = this.#ends.get(stream.text) ?? 0;
    const wait = after === null ? 0 : wholeNs(after, this.#remarks);
    const start = at === null ? end + wait : base + wholeNs(at, this.#remarks);
    const duration = wholeNs(row.duration, this.#remarks);
    this.#ends.set(stream.text, start + duration);
    this.#kernels.push({
      stream: stream.text,
      name: row.name.text,
      start,
      duration,
      op: row.op?.text ?? null,
      scope: row.scope?.text ?? null,
      frame: row.frame?.text ?? null,
      layer,
    });
  }
}

/** Empty turns count too: they take as long to run through. */
const countKernels = (rows: readonly RowNode[]): number =>
  rows.reduce(
    (sum, row) =>
      sum + (row.kind === "repeat" ? row.times.value * Math.max(1, countKernels(row.rows)) : 1),
    0,
  );

function compileExpect({ expect, title }: TestNode, remarks: Remarks): TestExpectation | null {
  if (expect === null) {
    remarks.error("syntax", title.range, "a test ends with what to `expect`");
    return null;
  }
  return compileOutcome(expect, remarks);
}

function compileOutcome({ outcome }: ExpectNode, remarks: Remarks): TestExpectation | null {
  if (outcome.match !== null) {
    const { match, times } = outcome;
    if (times?.value === 0)
      remarks.error("impossible-value", times.range, "write `expect no match` instead");
    return { match, times: times?.value ?? null };
  }
  const { because, guard } = outcome;
  const fact = guard === null ? null : factNamed(guard, remarks);
  return { match: null, because, guard: fact };
}
