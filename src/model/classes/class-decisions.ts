import { BoundedMemory } from "../../base/bounded-memory.ts";
import type { KernelFields } from "../facts.ts";
import type { ClassExpr, ClassId, RuleSet } from "../rule.ts";
import { ClassIndex } from "./class-index.ts";
import { GlobIndex } from "./glob-index.ts";

/** Decides classes of one rule set for one kernel at a time. */
export interface ClassMatcher {
  matches(id: ClassId, fields: KernelFields): boolean;
  matchesExpr(expr: ClassExpr, fields: KernelFields): boolean;
}

/** The list of classes is what all copies of a rule set share, whatever rules they are narrowed to. */
type Classes = RuleSet["classes"];

/** Goes with the classes; nothing else in the program remembers what a class holds. */
const decided = new WeakMap<Classes, ClassDecisions>();

/**
 * All that is decided about kernels by the classes of a rule set: one object for all its copies,
 * because the same kernels are asked about in test after test and in every stage of a trace.
 */
export function decisionsOf({ classes }: Pick<RuleSet, "classes">): ClassDecisions {
  let decisions = decided.get(classes);
  if (decisions === undefined) {
    decisions = new ClassDecisions(classes);
    decided.set(classes, decisions);
  }
  return decisions;
}

/**
 * A list of classes that begins as another does: it shares that list's globs, which are nearly all
 * of its own, so that thousands of mutants need not look at every text again.
 */
export function extendDecisions(of: Pick<RuleSet, "classes">, classes: Classes): void {
  decided.set(classes, new ClassDecisions(classes, decisionsOf(of).globs));
}

/** Kernels remembered, each with two bits per class. */
const MOST_KERNELS = 8192;

/**
 * The meaning of class expressions, shared by the checker (over the kernel dictionary) and the
 * engine (over a trace's symbols). Class references must be acyclic; the compiler guarantees it.
 */
class ClassDecisions implements ClassMatcher {
  readonly globs: GlobIndex;
  readonly #classes: Classes;
  /** Made when the first kernel is asked about: most mutants die before. */
  #index: ClassIndex | null = null;
  /** Per kernel, two bits per class: traces with a hundred thousand kernels have them all in use. */
  readonly #answers = new BoundedMemory<string, Uint8Array>(MOST_KERNELS);
  readonly #known = new WeakMap<KernelFields, Uint8Array>();
  #asked: KernelFields | null = null;
  #current: Uint8Array = new Uint8Array(0);
  readonly #kept = new Map<() => unknown, unknown>();

  constructor(classes: Classes, globs = new GlobIndex()) {
    this.#classes = classes;
    this.globs = globs;
  }

  matches(id: ClassId, fields: KernelFields): boolean {
    if (fields !== this.#asked) {
      this.#asked = fields;
      this.#current = this.#answersAbout(fields);
    }
    const mine = this.#current;
    const [at, shift] = [id >> 2, (id & 3) << 1];
    const before = (mine[at]! >> shift) & BITS;
    if (before !== UNASKED) return before === YES;
    const answer = this.matchesExpr(this.#classes[id]!.expr, fields);
    mine[at]! |= (answer ? YES : NO) << shift;
    return answer;
  }

  matchesExpr(expr: ClassExpr, fields: KernelFields): boolean {
    switch (expr.kind) {
      case "any":
        for (const part of expr.of) if (this.matchesExpr(part, fields)) return true;
        return false;
      case "all":
        for (const part of expr.of) if (!this.matchesExpr(part, fields)) return false;
        return true;
      case "not":
        return !this.matchesExpr(expr.of, fields);
      case "class":
        return this.matches(expr.class, fields);
      case "glob": {
        const number = this.globs.add(expr.glob);
        for (const text of fields[expr.field])
          if (this.globs.matching(text).has(number)) return true;
        return false;
      }
    }
  }

  /** What `make` gave the first time: what a stage works out of the decisions lives as long as they do. */
  kept<T>(make: () => T): T {
    if (!this.#kept.has(make)) this.#kept.set(make, make());
    return this.#kept.get(make) as T;
  }

  #answersAbout(fields: KernelFields): Uint8Array {
    let mine = this.#known.get(fields);
    if (mine !== undefined) return mine;
    const key = JSON.stringify(fields);
    mine = this.#answers.get(key) ?? this.#unasked(fields);
    this.#answers.set(key, mine);
    this.#known.set(fields, mine);
    return mine;
  }

  #unasked(fields: KernelFields): Uint8Array {
    const fresh = new Uint8Array((this.#classes.length + 3) >> 2).fill(ALL_NO);
    this.#index ??= new ClassIndex(this.#classes, this.globs);
    this.#index.candidates(fields, (id) => {
      fresh[id >> 2]! &= ~(BITS << ((id & 3) << 1));
    });
    return fresh;
  }
}

const UNASKED = 0;
const YES = 1;
const NO = 2;
const BITS = 3;
const ALL_NO = 0b10101010;
