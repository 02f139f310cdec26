import { compileGlob, matchesGlob } from "../../model/classes/glob.ts";
import type { AlterNode, KernelRowNode, RowNode, RowRefNode, TestNode } from "../ast.ts";
import { didYouMean } from "../parse/messages.ts";
import type { Remarks } from "../remarks.ts";

/** A test without `like`: its facts and rows as they stand. */
export type PlainTest = Pick<TestNode, "title" | "given" | "rows" | "expect">;

/**
 * The test written out: facts and rows of the one it varies, with its own changes. A near miss is a
 * match with one thing changed; said as a change, it cannot miss by anything else.
 *
 * @returns null where the changes do not fit, which is reported.
 */
export function variedTest(
  node: TestNode,
  all: readonly TestNode[],
  remarks: Remarks,
): PlainTest | null {
  const { like } = node;
  if (like === null) return isPlain(node, remarks) ? node : null;
  const base = baseOf(node, all, remarks);
  if (base === null) return null;
  const before = remarks.fatal;
  const own = new Set(node.given.map(({ fact }) => fact.text));
  const given = [...base.given.filter(({ fact }) => !own.has(fact.text)), ...node.given];
  const rows = new VariedRows(base.rows, remarks).changed(node.rows);
  return remarks.fatal > before ? null : { title: node.title, given, rows, expect: node.expect };
}

function baseOf(node: TestNode, all: readonly TestNode[], remarks: Remarks): TestNode | null {
  const { text, range } = node.like!;
  const named = all.filter((one) => one !== node && one.title.text === text);
  const [base] = named;
  const titles = all.filter((one) => one.like === null).map(({ title }) => title.text);
  if (base === undefined)
    remarks.error("broken-reference", range, `no other test is called "${text}"`, {
      ...didYouMean(text, titles),
    });
  else if (named.length > 1)
    remarks.error("duplicate-name", range, `${named.length} tests are called "${text}"`);
  else if (base.like !== null)
    remarks.error("broken-reference", range, `"${text}" itself varies another test`, {
      help: `vary that one: like "${base.like.text}"`,
    });
  else return base;
  return null;
}

/** Reports changes in a test that varies none. */
function isPlain({ rows }: TestNode, remarks: Remarks): boolean {
  const stray = changesIn(rows)[0];
  if (stray === undefined) return true;
  remarks.error("syntax", stray.range, "a change stands in a test that varies another", {
    help: 'name that test: test "…" like "title of a test that matches"',
  });
  return false;
}

function changesIn(rows: readonly RowNode[]): readonly RowNode[] {
  return rows.flatMap((row) => {
    if (row.kind === "repeat") return changesIn(row.rows);
    return row.kind === "on" && row.before === null ? [] : [row];
  });
}

/** A row of the varied test, what became of it, and what comes before it now. */
interface Slot {
  readonly was: KernelRowNode;
  row: KernelRowNode | null;
  readonly added: KernelRowNode[];
}

class VariedRows {
  readonly #base: readonly RowNode[];
  readonly #remarks: Remarks;
  readonly #slots: readonly Slot[];
  #turns: (RowNode & { readonly kind: "turns" }) | null = null;

  constructor(base: readonly RowNode[], remarks: Remarks) {
    this.#base = base;
    this.#remarks = remarks;
    this.#slots = kernelRowsOf(base).map((row) => ({ was: row, row, added: [] }));
  }

  changed(changes: readonly RowNode[]): readonly RowNode[] {
    const more = changes.filter((change) => !this.#apply(change));
    const bySlot = new Map(this.#slots.map((slot) => [slot.was as RowNode, slot]));
    const written = (rows: readonly RowNode[]): RowNode[] =>
      rows.flatMap((row): RowNode[] => {
        if (row.kind === "repeat")
          return [{ ...row, times: this.#turns?.times ?? row.times, rows: written(row.rows) }];
        const slot = bySlot.get(row)!;
        return slot.row === null ? slot.added : [...slot.added, slot.row];
      });
    if (this.#turns !== null && !this.#base.some(({ kind }) => kind === "repeat"))
      this.#remarks.error(
        "broken-reference",
        this.#turns.range,
        "the varied test has no `repeat` to turn otherwise",
      );
    return [...written(this.#base), ...more];
  }

  /** False for rows that come after all others. */
  #apply(change: RowNode): boolean {
    switch (change.kind) {
      case "drop":
        for (const slot of this.#named(change.row)) slot.row = null;
        return true;
      case "swap": {
        const [ones, others] = [this.#named(change.row), this.#named(change.other)];
        if (ones.length !== others.length)
          this.#remarks.error(
            "impossible-value",
            change.range,
            `${ones.length} rows cannot change places with ${others.length}`,
          );
        else
          for (const [at, one] of ones.entries())
            [one.row, others[at]!.row] = [others[at]!.row, one.row];
        return true;
      }
      case "change":
        for (const slot of this.#named(change.row)) slot.row &&= altered(slot.row, change);
        return true;
      case "turns":
        this.#turns = change;
        return true;
      case "on":
        if (change.before === null) return false;
        for (const slot of this.#named(change.before)) slot.added.push(change);
        return true;
      case "repeat":
        return false;
    }
  }

  #named({ glob, nth, range }: RowRefNode): readonly Slot[] {
    const compiled = compileGlob(glob.text);
    const fitting = this.#slots.filter(({ was }) => matchesGlob(compiled, was.name.text));
    const found = nth === null ? fitting : fitting.slice(nth.value - 1, nth.value);
    if (found.length === 0)
      this.#remarks.error(
        "broken-reference",
        range,
        fitting.length === 0
          ? "the varied test has no kernel of this name"
          : `the varied test has ${fitting.length} rows of this name`,
        { help: "a name may be shortened with `*`; a number behind it counts the rows that fit" },
      );
    return found;
  }
}

function altered(row: KernelRowNode, to: AlterNode): KernelRowNode {
  return {
    ...row,
    stream: to.stream ?? row.stream,
    name: to.name ?? row.name,
    // One says when it starts: a new `at` ends an `after`, and the other way round.
    after: to.at === null ? (to.after ?? row.after) : null,
    at: to.after === null ? (to.at ?? row.at) : null,
    op: to.op ?? row.op,
    scope: to.scope ?? row.scope,
    frame: to.frame ?? row.frame,
  };
}

/** Kernels of rows and of the rows below them, as written. */
export function kernelRowsOf(rows: readonly RowNode[]): readonly KernelRowNode[] {
  return rows.flatMap((row) =>
    row.kind === "on" ? [row] : row.kind === "repeat" ? kernelRowsOf(row.rows) : [],
  );
}
