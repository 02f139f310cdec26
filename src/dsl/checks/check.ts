import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Rule } from "../../model/rule.ts";
import type { FuseFile, RuleNode } from "../ast.ts";
import type { LoadedFile, LoadedRules } from "../load-texts.ts";
import { CODES, type Code } from "./codes.ts";
import { DictionaryClasses } from "./proofs/class-bits.ts";
import { ClassMeetings } from "./proofs/class-meeting.ts";
import type { KernelDictionary } from "./proofs/dictionary.ts";

/** What every check may look at. Checks never look at the clock, the network or other files. */
export interface CheckContext {
  readonly loaded: LoadedRules;
  /** Rules that compiled, in the order of their ids. */
  readonly rules: readonly RuleUnit[];
  /** `YYYY-MM-DD`; null leaves the checks that depend on the day out. */
  readonly today: string | null;
  /** Classes over the kernel dictionary; null without one, and the checks that need it find nothing. */
  readonly known: KnownKernels | null;
}

export interface KnownKernels {
  readonly classes: DictionaryClasses;
  readonly meetings: ClassMeetings;
}

/** A rule as written and as compiled. */
export interface RuleUnit {
  readonly file: LoadedFile;
  readonly node: RuleNode;
  readonly rule: Rule;
}

/** A remark before its check gives it code and severity. */
export type Remark = Omit<Diagnostic, "code" | "severity">;

export interface Check {
  readonly code: Code;
  run(context: CheckContext): Iterable<Remark>;
}

/** A check that looks at one rule at a time. */
export function ruleCheck(
  code: Code,
  run: (unit: RuleUnit, context: CheckContext) => Iterable<Omit<Remark, "file" | "rule">>,
): Check {
  return {
    code,
    *run(context) {
      for (const unit of context.rules)
        for (const remark of run(unit, context))
          yield { file: unit.file.file, rule: unit.rule.id, ...remark };
    },
  };
}

export function checkContext(
  loaded: LoadedRules,
  today: string | null,
  dictionary: KernelDictionary | null,
): CheckContext {
  const { ruleSet, files } = loaded;
  const byPath = new Map(
    files.map((file) => [(file.layer ?? 0) === 0 ? file.path : file.file, file]),
  );
  const rules = ruleSet.rules.map((rule) => {
    const file = byPath.get(rule.file)!;
    return { file, rule, node: ruleNodeOf(file.ast, rule) };
  });
  if (dictionary === null) return { loaded, rules, today, known: null };
  const classes = new DictionaryClasses(ruleSet, dictionary);
  return {
    loaded,
    rules,
    today,
    known: { classes, meetings: new ClassMeetings(ruleSet, classes) },
  };
}

function ruleNodeOf({ rules }: FuseFile, { id }: Rule): RuleNode {
  return rules.find((node) => node.id.text === id)!;
}

export function diagnosticOf(code: Code, remark: Remark): Diagnostic {
  return { code, severity: CODES[code].level, ...remark };
}
