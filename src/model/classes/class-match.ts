import type { KernelFields } from "../facts.ts";
import type { ClassExpr, ClassId, RuleSet } from "../rule.ts";
import { ClassIndex } from "./class-index.ts";
import { GlobIndex } from "./glob-index.ts";

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
  const memory = memoryOf(classes);
  const known = new WeakMap<KernelFields, Uint8Array>();
  let asked: KernelFields | null = null;
  let answers: Uint8Array = NOTHING;
  const matches = (id: ClassId, fields: KernelFields): boolean => {
    if (fields !== asked) {
      asked = fields;
      answers = known.get(fields) ?? answersAbout(fields, memory);
      known.set(fields, answers);
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
        for (const part of expr.of) if (matchesExpr(part, fields)) return true;
        return false;
      case "all":
        for (const part of expr.of) if (!matchesExpr(part, fields)) return false;
        return true;
      case "not":
        return !matchesExpr(expr.of, fields);
      case "class":
        return matches(expr.class, fields);
      case "glob": {
        const number = GLOBS.add(expr.glob);
        for (const text of fields[expr.field]) if (GLOBS.matching(text).has(number)) return true;
        return false;
      }
    }
  };
  return { matchesExpr, matches };
}

/**
 * Whether a text matches a glob never changes, so the answers serve every rule set: those that
 * tests and mutants make have nearly all their globs in common.
 */
const GLOBS = new GlobIndex();

/** What is remembered about a list of classes: per kernel, one byte per class. */
interface Memory {
  readonly index: ClassIndex;
  readonly answers: Map<string, Uint8Array>;
}

const memories = new WeakMap<RuleSet["classes"], Memory>();

function memoryOf(classes: RuleSet["classes"]): Memory {
  let memory = memories.get(classes);
  // Lists of classes that still grow are only met in tests.
  if (memory === undefined || memory.index.count < classes.length) {
    memory = { index: new ClassIndex(classes, GLOBS), answers: new Map() };
    memories.set(classes, memory);
  }
  return memory;
}

function answersAbout(fields: KernelFields, { index, answers }: Memory): Uint8Array {
  const key = JSON.stringify(fields);
  let mine = answers.get(key);
  if (mine === undefined) {
    mine = new Uint8Array(index.count).fill(NO);
    const fresh = mine;
    index.candidates(fields, (id) => {
      fresh[id] = UNASKED;
    });
    answers.set(key, mine);
  }
  return mine;
}

const NOTHING = new Uint8Array(0);
const UNASKED = 0;
const YES = 1;
const NO = 2;
