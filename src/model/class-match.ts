import type { FieldName } from "./facts.ts";
import type { ClassExpr, ClassId, RuleSet } from "./rule.ts";

/**
 * Every spelling of every field of one kernel. A class atom holds when any spelling matches; a
 * field without spellings (no Python stack, no op in a graph replay) matches nothing, so `not`
 * of it holds.
 */
export type KernelFields = Readonly<Record<FieldName, readonly string[]>>;

/** A glob split once at its stars, so that matching only walks the text. */
export interface CompiledGlob {
  readonly parts: readonly string[];
}

export function compileGlob(glob: string): CompiledGlob {
  // "**" says no more than "*".
  return { parts: glob.replace(/\*{2,}/g, "*").split("*") };
}

/**
 * Whole-string, case-sensitive match where `*` stands for any run of characters, newlines
 * included. Leftmost placement of each part is enough when `*` is the only wildcard, so there is
 * no backtracking whatever the pattern.
 */
export function matchesGlob(glob: CompiledGlob, text: string): boolean {
  const { parts } = glob;
  const first = parts[0]!;
  if (parts.length === 1) return text === first;
  const last = parts[parts.length - 1]!;
  if (text.length < first.length + last.length) return false;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  let from = first.length;
  const limit = text.length - last.length;
  for (let i = 1; i < parts.length - 1; i++) {
    const part = parts[i]!;
    const at = text.indexOf(part, from);
    if (at < 0 || at + part.length > limit) return false;
    from = at + part.length;
  }
  return true;
}

/** Decides classes of one rule set for one kernel at a time. */
export interface ClassMatcher {
  matches(id: ClassId, fields: KernelFields): boolean;
  matchesExpr(expr: ClassExpr, fields: KernelFields): boolean;
}

/**
 * The meaning of class expressions, shared by the checker (over the kernel dictionary) and the
 * engine (over a trace's symbols). Class references must be acyclic; the compiler guarantees it.
 * Answers are remembered for as long as the list of classes: the same kernels are asked about in
 * test after test, and in every stage of a trace.
 */
export function createClassMatcher({ classes }: Pick<RuleSet, "classes">): ClassMatcher {
  const known = answersFor(classes);
  let asked: KernelFields | null = null;
  let answers: Uint8Array = NOTHING;
  const matches = (id: ClassId, fields: KernelFields): boolean => {
    if (fields !== asked) {
      asked = fields;
      answers = answersAbout(fields, known, classes.length);
    }
    const mine = answers;
    if (mine[id] !== UNASKED) return mine[id] === YES;
    const answer = matchesExpr(classes[id]!.expr, fields);
    mine[id] = answer ? YES : NO;
    return answer;
  };
  const matchesExpr = (expr: ClassExpr, fields: KernelFields): boolean => {
    switch (expr.kind) {
      case "any":
        return expr.of.some((part) => matchesExpr(part, fields));
      case "all":
        return expr.of.every((part) => matchesExpr(part, fields));
      case "not":
        return !matchesExpr(expr.of, fields);
      case "class":
        return matches(expr.class, fields);
      default:
        return fields[expr.field].some(textTest(expr));
    }
  };
  return { matchesExpr, matches };
}

/** Per kernel, one byte per class. */
type Answers = Map<string, Uint8Array>;

const answersByClasses = new WeakMap<RuleSet["classes"], Answers>();

function answersFor(classes: RuleSet["classes"]): Answers {
  let answers = answersByClasses.get(classes);
  if (answers === undefined) {
    answers = new Map();
    answersByClasses.set(classes, answers);
  }
  return answers;
}

function answersAbout(fields: KernelFields, known: Answers, classes: number): Uint8Array {
  const key = JSON.stringify(fields);
  let answers = known.get(key);
  // Lists of classes that still grow are only met in tests.
  if (answers === undefined || answers.length < classes) {
    answers = new Uint8Array(classes);
    known.set(key, answers);
  }
  return answers;
}

const NOTHING = new Uint8Array(0);
const UNASKED = 0;
const YES = 1;
const NO = 2;

type TextExpr = Extract<ClassExpr, { readonly field: FieldName }>;

/** Compiled globs and expressions, for as long as the rule set they stand in. */
const tests = new WeakMap<TextExpr, (text: string) => boolean>();

function textTest(expr: TextExpr): (text: string) => boolean {
  let test = tests.get(expr);
  if (test === undefined) {
    test = expr.kind === "glob" ? globTest(expr.glob) : regexTest(expr.source);
    tests.set(expr, test);
  }
  return test;
}

function globTest(text: string): (text: string) => boolean {
  const glob = compileGlob(text);
  return (name) => matchesGlob(glob, name);
}

function regexTest(source: string): (text: string) => boolean {
  const regex = new RegExp(source);
  return (name) => regex.test(name);
}
