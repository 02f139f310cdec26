import type { FieldName, KernelFields } from "../facts.ts";
import type { ClassExpr, ClassId, RuleSet } from "../rule.ts";
import type { GlobIndex } from "./glob-index.ts";

/** A text test that a class needs: its field and the number of its glob. */
interface Need {
  readonly field: FieldName;
  readonly glob: number;
}

/**
 * Which classes can hold for a kernel at all. Most classes are alternatives of names, and a kernel's
 * name matches a handful of all the names there are: a class none of whose names matches need not
 * be looked at. Of parts that must hold together, the one with the fewest alternatives stands for
 * all; what only excludes can always hold.
 */
export class ClassIndex {
  readonly #globs: GlobIndex;
  readonly #byNeed = new Map<FieldName, Map<number, ClassId[]>>();
  readonly #always: ClassId[] = [];

  constructor(classes: RuleSet["classes"], globs: GlobIndex) {
    this.#globs = globs;
    const needs = new NeedsOfClasses(classes, globs);
    for (let id = 0; id < classes.length; id++) {
      const mine = needs.of(id);
      if (mine === null) this.#always.push(id);
      else for (const need of mine) this.#file(need, id);
    }
  }

  /** Calls `visit` with every class that may hold for these fields, some more than once. */
  candidates(fields: KernelFields, visit: (id: ClassId) => void): void {
    this.#always.forEach(visit);
    for (const [field, classesOf] of this.#byNeed)
      for (const text of fields[field])
        for (const glob of this.#globs.matching(text)) classesOf.get(glob)?.forEach(visit);
  }

  #file({ field, glob }: Need, id: ClassId): void {
    let byGlob = this.#byNeed.get(field);
    if (byGlob === undefined) {
      byGlob = new Map();
      this.#byNeed.set(field, byGlob);
    }
    const ids = byGlob.get(glob);
    if (ids === undefined) byGlob.set(glob, [id]);
    else if (ids.at(-1) !== id) ids.push(id);
  }
}

/** At least one of the needs must be met for the class to hold; null: it may hold without any. */
type Needs = readonly Need[] | null;

class NeedsOfClasses {
  readonly #classes: RuleSet["classes"];
  readonly #globs: GlobIndex;
  readonly #known: (Needs | undefined)[] = [];
  readonly #needs = new Map<string, Need>();

  constructor(classes: RuleSet["classes"], globs: GlobIndex) {
    this.#classes = classes;
    this.#globs = globs;
  }

  of(id: ClassId): Needs {
    let needs = this.#known[id];
    if (needs === undefined) {
      needs = this.#ofExpr(this.#classes[id]!.expr);
      this.#known[id] = needs;
    }
    return needs;
  }

  #ofExpr(expr: ClassExpr): Needs {
    switch (expr.kind) {
      case "any": {
        const parts = expr.of.map((part) => this.#ofExpr(part));
        if (parts.includes(null)) return null;
        // Each once: classes that refer to one another twice would double them with every step.
        return [...new Set(parts.flatMap((part) => part ?? []))];
      }
      case "all":
        return expr.of
          .map((part) => this.#ofExpr(part))
          .reduce((best, part) => (isFewer(part, best) ? part : best), null);
      case "class":
        return this.of(expr.class);
      case "glob":
        return [this.#need(expr.field, this.#globs.add(expr.glob))];
      default:
        return null;
    }
  }

  /** One object for each, so that they can be told apart by identity. */
  #need(field: FieldName, glob: number): Need {
    const key = `${glob} ${field}`;
    let need = this.#needs.get(key);
    if (need === undefined) {
      need = { field, glob };
      this.#needs.set(key, need);
    }
    return need;
  }
}

const isFewer = (a: Needs, b: Needs): boolean => a !== null && (b === null || a.length < b.length);
