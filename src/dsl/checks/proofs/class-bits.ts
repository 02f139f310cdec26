import { compileGlob, matchesGlob } from "../../../model/classes/glob.ts";
import type { FieldName } from "../../../model/facts.ts";
import type { ClassExpr, ClassId, Definition, RuleSet } from "../../../model/rule.ts";
import {
  addBit,
  allBits,
  type Bits,
  difference,
  intersection,
  membersOf,
  noBits,
  union,
} from "./bits.ts";
import type { DictionaryKernel, KernelDictionary } from "./dictionary.ts";
import { NameIndex } from "./name-index.ts";

/**
 * A class over the dictionary. A name does not tell op, scope or frame, so a class that asks for
 * them has kernels it may hold and kernels it must hold; for all other classes the two are equal.
 */
interface ClassBits {
  readonly may: Bits;
  readonly must: Bits;
}

/** Decides classes of a rule set over a kernel dictionary, each once. */
export class DictionaryClasses {
  readonly dictionary: KernelDictionary;
  readonly size: number;
  readonly #ruleSet: RuleSet;
  readonly #names: NameIndex;
  readonly #all: Bits;
  readonly #none: Bits;
  readonly #byId = new Map<ClassId, ClassBits>();
  #ids: Uint8Array | null = null;
  #roles: readonly (ClassBits & { readonly id: string })[] | null = null;

  constructor(ruleSet: RuleSet, dictionary: KernelDictionary) {
    this.#ruleSet = ruleSet;
    this.dictionary = dictionary;
    this.size = dictionary.kernels.length;
    this.#names = new NameIndex(dictionary.kernels.map(({ spellings }) => spellings));
    this.#all = allBits(this.size);
    this.#none = noBits(this.size);
  }

  of(id: ClassId): ClassBits {
    let bits = this.#byId.get(id);
    if (bits === undefined) {
      bits = this.ofExpr(this.#ruleSet.classes[id]!.expr);
      this.#byId.set(id, bits);
    }
    return bits;
  }

  ofExpr(expr: ClassExpr): ClassBits {
    switch (expr.kind) {
      case "any":
        return this.#fold(expr.of, union);
      case "all":
        return this.#fold(expr.of, intersection);
      case "not": {
        const { may, must } = this.ofExpr(expr.of);
        return { may: difference(this.#all, must), must: difference(this.#all, may) };
      }
      case "class":
        return this.of(expr.class);
      case "glob":
        return this.#ofGlob(expr.field, expr.glob);
    }
  }

  /** Kernels whose name a glob fits. */
  namesLike(glob: string): Bits {
    return this.#names.glob(glob);
  }

  /** Categories of these kernels, one bit each; those beyond the thirty-first share theirs. */
  categoriesOf(kernels: Bits): number {
    const ids = this.#categoryIds();
    let bits = 0;
    for (const member of membersOf(kernels)) bits |= 1 << (ids[member]! & 31);
    return bits;
  }

  #categoryIds(): Uint8Array {
    if (this.#ids !== null) return this.#ids;
    const names = [...new Set(this.dictionary.kernels.map(({ category }) => category))];
    this.#ids = Uint8Array.from(this.dictionary.kernels, ({ category }) => names.indexOf(category));
    return this.#ids;
  }

  #fold(parts: readonly ClassExpr[], join: (a: Bits, b: Bits) => Bits): ClassBits {
    return parts
      .map((part) => this.ofExpr(part))
      .reduce((a, b) => ({ may: join(a.may, b.may), must: join(a.must, b.must) }));
  }

  #ofGlob(field: FieldName, glob: string): ClassBits {
    if (field === "name") return exact(this.#names.glob(glob));
    const compiled = compileGlob(glob);
    return this.#ofValues(field, (text) => matchesGlob(compiled, text));
  }

  #ofValues(field: FieldName, fits: (text: string) => boolean): ClassBits {
    switch (field) {
      case "category":
        return exact(this.#where(({ category }) => fits(category)));
      case "kind":
        return exact(this.#where(({ kind }) => fits(kind)));
      case "library": {
        const must = this.#where(({ library }) => library !== "" && fits(library));
        return {
          must,
          may: union(
            must,
            this.#where(({ library }) => library === ""),
          ),
        };
      }
      case "role": {
        const fitting = this.#roleBits().filter(({ id }) => fits(id));
        const join = (of: "may" | "must") =>
          fitting.reduce((sum, role) => union(sum, role[of]), this.#none);
        return { may: join("may"), must: join("must") };
      }
      default:
        return { may: this.#all, must: this.#none };
    }
  }

  #where(holds: (kernel: DictionaryKernel) => boolean): Bits {
    const bits = noBits(this.size);
    for (const [index, kernel] of this.dictionary.kernels.entries())
      if (holds(kernel)) addBit(bits, index);
    return bits;
  }

  /** The first definition that fits gives the role, so a role loses what earlier ones hold. */
  #roleBits(): readonly (ClassBits & { readonly id: string })[] {
    if (this.#roles !== null) return this.#roles;
    let maybeTaken = this.#none;
    let taken = this.#none;
    this.#roles = this.#ruleSet.roles.map(({ id, class: classId }: Definition) => {
      const { may, must } = this.of(classId);
      const role = { id, may: difference(may, taken), must: difference(must, maybeTaken) };
      maybeTaken = union(maybeTaken, may);
      taken = union(taken, must);
      return role;
    });
    return this.#roles;
  }
}

const exact = (bits: Bits): ClassBits => ({ may: bits, must: bits });
