import { largestOf } from "../../base/extremes.ts";
import type { SourceRange } from "../../model/diagnostic.ts";
import { FIELDS, type FieldName } from "../../model/facts.ts";
import {
  CATEGORY_GROUNDS,
  type ClassExpr,
  type ClassId,
  type KernelClass,
} from "../../model/rule.ts";
import type { AtomNode, ClassNode, LetNode, RefNode } from "../ast.ts";
import { didYouMean } from "../parse/messages.ts";
import type { Remarks } from "../remarks.ts";
import { looksAt } from "./vocabulary.ts";

/** The names a class expression may use: those of its file, and those of the files it imports. */
export interface Scope {
  /** First part of the full class name: "norm" for lib/norm.fuse, the rule's id in a rule file. */
  readonly prefix: string;
  readonly remarks: Remarks;
  readonly lets: ReadonlyMap<string, LetNode>;
  /** By alias; null for an import that was itself wrong and is reported already. */
  readonly imports: ReadonlyMap<string, Scope | null>;
  /** False when part of the file did not parse, so that a missing name may be a consequence. */
  readonly complete: boolean;
}

/** Ids the vocabulary defines, per field that quotes them. */
export type Vocabulary = Readonly<Record<"category" | "role" | "library", readonly string[]>>;

/** Fields with values of their own; kinds are those of model/trace.ts. */
const CLOSED: Partial<Record<FieldName, readonly string[]>> = {
  kind: ["kernel", "copy", "fill"],
  "category-from": ["class", ...CATEGORY_GROUNDS],
};

/** Deeper chains of references than this are a mistake, and would cost the matcher stack. */
const DEEPEST = 100;

interface Target {
  readonly scope: Scope;
  readonly let: LetNode;
}

/**
 * Numbers kernel classes on demand, each once, referenced classes before those that refer to them.
 * `check` says what is wrong with an expression; `emit` compiles what was checked.
 */
export class ClassTable {
  readonly classes: KernelClass[] = [];
  readonly #ids = new Map<LetNode, ClassId>();
  readonly #sound = new Map<LetNode, boolean>();
  readonly #depths = new Map<LetNode, number>();
  /** Lets being checked, outermost first. */
  readonly #path: Target[] = [];
  readonly #vocabulary: Vocabulary;

  constructor(vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
  }

  /** Class id of a reference, null (and reported) when it leads nowhere. */
  classOf(ref: RefNode, scope: Scope, remarks: Remarks): ClassId | null {
    const target = this.#resolve(ref, scope, remarks);
    if (target === null) return null;
    if (this.#checkLet(target)) {
      if (!looksAt(target.let.expr, "word", target.scope, new Set())) return this.#emitLet(target);
      remarks.error("broken-reference", ref.range, "no rule rests on `word`: name the kernels");
      return null;
    }
    // A file's own broken classes are reported where they stand.
    if (target.scope === scope) return null;
    remarks.error(
      "broken-reference",
      ref.range,
      `class \`${nameOf(ref)}\` has an error of its own`,
      relatedTo(target, "defined here"),
    );
    return null;
  }

  /** Reports what is wrong with every class of a scope. */
  checkScope(scope: Scope): void {
    for (const one of scope.lets.values()) this.#checkLet({ scope, let: one });
  }

  /** Compiles a vocabulary definition as a class of its own; null when it is wrong. */
  define(name: string, expr: ClassNode, scope: Scope): ClassId | null {
    if (!this.#checkExpr(expr, scope)) return null;
    return this.#add(name, this.#emit(expr, scope));
  }

  /** Forgets the classes from `count` on: those of a rule that turned out to be broken. */
  shrinkTo(count: number): void {
    this.classes.length = count;
    for (const [one, id] of this.#ids) if (id >= count) this.#ids.delete(one);
  }

  #resolve(ref: RefNode, scope: Scope, remarks: Remarks): Target | null {
    const from = ref.module === null ? scope : scope.imports.get(ref.module.text);
    if (from === null) return null;
    if (from === undefined) {
      const { range, text } = ref.module!;
      remarks.error(
        "broken-reference",
        range,
        `nothing is imported as \`${text}\``,
        didYouMean(text, scope.imports.keys()),
      );
      return null;
    }
    const found = from.lets.get(ref.name.text);
    if (found !== undefined) return { scope: from, let: found };
    const missing = from.complete ? "" : "; part of that file did not parse";
    remarks.error(
      "broken-reference",
      ref.range,
      `no class is called \`${nameOf(ref)}\`${missing}`,
      didYouMean(nameOf(ref), ref.module === null ? knownNames(scope) : importedNames(scope)),
    );
    return null;
  }

  #checkLet(target: Target): boolean {
    const known = this.#sound.get(target.let);
    if (known !== undefined) return known;
    if (this.#path.some((open) => open.let === target.let)) return this.#reportCycle(target);
    if (this.#path.length >= DEEPEST) return this.#reportDepth(target);
    this.#path.push(target);
    const sound = this.#checkExpr(target.let.expr, target.scope);
    this.#path.pop();
    // A cycle may have been noted meanwhile, from inside.
    let verdict = sound && this.#sound.get(target.let) !== false;
    const depth = 1 + this.#depthBelow(target.let.expr, target.scope);
    // Those below were checked before, each by itself.
    if (verdict && depth > DEEPEST) verdict = this.#reportDepth(target);
    this.#depths.set(target.let, depth);
    this.#sound.set(target.let, verdict);
    return verdict;
  }

  #reportDepth({ let: one, scope }: Target): false {
    const message = `classes refer to classes more than ${DEEPEST} deep`;
    scope.remarks.error("broken-reference", one.range, message);
    return false;
  }

  /** How many classes deep the deepest reference of an expression goes, all of them checked. */
  #depthBelow(expr: ClassNode, scope: Scope): number {
    switch (expr.kind) {
      case "any":
      case "all":
        return largestOf(expr.of.map((part) => this.#depthBelow(part, scope)));
      case "not":
        return this.#depthBelow(expr.of, scope);
      case "atom":
        return 0;
      case "ref": {
        const from = expr.module === null ? scope : scope.imports.get(expr.module.text);
        const one = from?.lets.get(expr.name.text);
        return one === undefined ? 0 : (this.#depths.get(one) ?? 0);
      }
    }
  }

  #reportCycle(target: Target): false {
    const from = this.#path.findIndex((open) => open.let === target.let);
    const names = [...this.#path.slice(from), target].map((open) => open.let.name.text);
    const { remarks } = target.scope;
    const { range } = target.let.name;
    remarks.error("broken-reference", range, `class refers to itself: ${names.join(" -> ")}`);
    for (const open of this.#path.slice(from)) this.#sound.set(open.let, false);
    return false;
  }

  #checkExpr(expr: ClassNode, scope: Scope): boolean {
    switch (expr.kind) {
      case "any":
      case "all":
        // No short cut: every operand's errors are wanted.
        return expr.of.map((part) => this.#checkExpr(part, scope)).every((sound) => sound);
      case "not":
        return this.#checkExpr(expr.of, scope);
      case "atom":
        return this.#checkAtom(expr, scope.remarks);
      case "ref": {
        const target = this.#resolve(expr, scope, scope.remarks);
        return target !== null && this.#checkLet(target);
      }
    }
  }

  #checkAtom({ field, patterns }: AtomNode, remarks: Remarks): boolean {
    if (!Object.hasOwn(FIELDS, field.text)) {
      const hint = didYouMean(field.text, Object.keys(FIELDS));
      remarks.error("unknown-word", field.range, `kernels have no field \`${field.text}\``, hint);
      return false;
    }
    let sound = true;
    for (const pattern of patterns) {
      if (!this.#exists(field.text as FieldName, pattern, remarks)) sound = false;
    }
    return sound;
  }

  /** Fields with a closed set of values are compared with it, unless the pattern has a star. */
  #exists(
    field: FieldName,
    pattern: { readonly text: string; readonly range: SourceRange },
    remarks: Remarks,
  ): boolean {
    const known = CLOSED[field] ?? this.#definedIds(field);
    const { text, range } = pattern;
    if (known === null || text.includes("*") || known.includes(text)) return true;
    remarks.error(
      "impossible-value",
      range,
      `no ${field} is called \`${text}\``,
      didYouMean(text, known),
    );
    return false;
  }

  #definedIds(field: FieldName): readonly string[] | null {
    if (field !== "category" && field !== "role" && field !== "library") return null;
    const ids = this.#vocabulary[field];
    // Without any vocabulary the rules stand on their own.
    return ids.length === 0 ? null : ids;
  }

  #emitLet({ scope, let: one }: Target): ClassId {
    const known = this.#ids.get(one);
    if (known !== undefined) return known;
    const expr = this.#emit(one.expr, scope);
    const id = this.#add(`${scope.prefix}.${one.name.text}`, expr);
    this.#ids.set(one, id);
    return id;
  }

  #add(name: string, expr: ClassExpr): ClassId {
    return this.classes.push({ name, expr }) - 1;
  }

  #emit(expr: ClassNode, scope: Scope): ClassExpr {
    switch (expr.kind) {
      case "any":
      case "all":
        return { kind: expr.kind, of: expr.of.map((part) => this.#emit(part, scope)) };
      case "not":
        return { kind: "not", of: this.#emit(expr.of, scope) };
      case "atom":
        return emitAtom(expr);
      case "ref": {
        const target = this.#resolve(expr, scope, scope.remarks);
        return { kind: "class", class: this.#emitLet(target!) };
      }
    }
  }
}

function emitAtom({ field, patterns }: AtomNode): ClassExpr {
  const name = field.text as FieldName;
  const of = patterns.map(({ text }): ClassExpr => ({ kind: "glob", field: name, glob: text }));
  return of.length === 1 ? of[0]! : { kind: "any", of };
}

const nameOf = ({ module, name }: RefNode): string =>
  module === null ? name.text : `${module.text}.${name.text}`;

const knownNames = (scope: Scope): string[] => [...scope.lets.keys(), ...importedNames(scope)];

const importedNames = (scope: Scope): string[] =>
  [...scope.imports].flatMap(([alias, from]) =>
    [...(from?.lets.keys() ?? [])].map((name) => `${alias}.${name}`),
  );

const relatedTo = ({ scope, let: one }: Target, message: string) => ({
  related: [{ file: scope.remarks.file, range: one.name.range, message }],
});
