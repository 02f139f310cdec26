import type { ClassExpr, ClassId, RuleSet } from "../../../model/rule.ts";
import { type Bits, intersection, meet, membersOf } from "./bits.ts";
import type { DictionaryClasses } from "./class-bits.ts";

const NONE = -1;

/** Fields that a kernel's name says nothing about. */
const UNTOLD: readonly string[] = ["op", "scope", "frame"];

/** More atoms than this are not tried in all their combinations. */
const MOST_ATOMS = 6;

/**
 * Which kernels two classes may share. A class that wants `scope "*q_norm*"` and one that wants
 * `not scope "*q_norm*"` share none, whatever their names: each atom that a name does not decide
 * is tried both ways, the same way in both classes.
 */
export class ClassMeetings {
  readonly #ruleSet: RuleSet;
  readonly #classes: DictionaryClasses;
  /** First shared kernel per pair of classes plus two; one where there is none, zero where not yet asked. */
  readonly #known: Uint16Array;
  readonly #atoms = new Map<ClassId, readonly string[]>();

  constructor(ruleSet: RuleSet, classes: DictionaryClasses) {
    this.#ruleSet = ruleSet;
    this.#classes = classes;
    this.#known = new Uint16Array(ruleSet.classes.length ** 2);
  }

  /** A kernel that both may hold, as an example; null when there is none. */
  example(a: ClassId, b: ClassId): string | null {
    const key = a < b ? b * this.#ruleSet.classes.length + a : a * this.#ruleSet.classes.length + b;
    if (this.#known[key] === 0) this.#known[key] = this.#firstShared(a, b) + 2;
    const found = this.#known[key]! - 2;
    return found < 0 ? null : this.#classes.dictionary.kernels[found]!.spellings[0]!;
  }

  #firstShared(a: ClassId, b: ClassId): number {
    const [x, y] = [this.#classes.of(a).may, this.#classes.of(b).may];
    if (!meet(x, y)) return NONE;
    const rough = intersection(x, y);
    const tried = a === b ? null : this.#tried(a, b);
    const [first] = membersOf(tried === null ? rough : intersection(rough, tried));
    return first ?? NONE;
  }

  /** Null when there is nothing to try, or too much. */
  #tried(a: ClassId, b: ClassId): Bits | null {
    const atoms = this.#atomsOf(a).filter((atom) => this.#atomsOf(b).includes(atom));
    if (atoms.length === 0 || atoms.length > MOST_ATOMS) return null;
    let sum: Bits | null = null;
    for (let mask = 0; mask < 2 ** atoms.length; mask++) {
      const held = new Map(atoms.map((atom, i) => [atom, (mask & (1 << i)) !== 0]));
      const [x, y] = [a, b].map((id) => this.#classes.ofExpr(this.#fixed(id, held)).may);
      const both = intersection(x!, y!);
      sum = sum === null ? both : sum.map((word, i) => word | both[i]!);
    }
    return sum;
  }

  #atomsOf(id: ClassId): readonly string[] {
    let list = this.#atoms.get(id);
    if (list === undefined) {
      const found = new Set<string>();
      this.#collect(this.#ruleSet.classes[id]!.expr, found);
      list = [...found].sort();
      this.#atoms.set(id, list);
    }
    return list;
  }

  #collect(expr: ClassExpr, into: Set<string>): void {
    switch (expr.kind) {
      case "any":
      case "all":
        for (const part of expr.of) this.#collect(part, into);
        return;
      case "not":
        this.#collect(expr.of, into);
        return;
      case "class":
        for (const atom of this.#atomsOf(expr.class)) into.add(atom);
        return;
      default:
        if (UNTOLD.includes(expr.field)) into.add(keyOf(expr));
    }
  }

  /** The class with these atoms decided. */
  #fixed(id: ClassId, held: ReadonlyMap<string, boolean>): ClassExpr {
    const fix = (expr: ClassExpr): ClassExpr => {
      switch (expr.kind) {
        case "any":
        case "all":
          return { kind: expr.kind, of: expr.of.map(fix) };
        case "not":
          return { kind: "not", of: fix(expr.of) };
        case "class":
          return this.#atomsOf(expr.class).some((atom) => held.has(atom))
            ? fix(this.#ruleSet.classes[expr.class]!.expr)
            : expr;
        default: {
          const truth = held.get(keyOf(expr));
          if (truth === undefined) return expr;
          return truth ? EVERYTHING : { kind: "not", of: EVERYTHING };
        }
      }
    };
    return fix(this.#ruleSet.classes[id]!.expr);
  }
}

const EVERYTHING: ClassExpr = { kind: "glob", field: "name", glob: "*" };

const keyOf = (expr: Extract<ClassExpr, { field: unknown }>): string =>
  `${expr.field} ${expr.glob}`;
