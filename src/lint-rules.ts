import {
  type CheckContext,
  checkContext,
  diagnosticOf,
  type RuleUnit,
} from "./dsl/checks/check.ts";
import { type KernelDictionary, parseDictionary } from "./dsl/checks/dictionary.ts";
import { applyIgnores } from "./dsl/checks/ignore.ts";
import { CHECKS, runChecks } from "./dsl/checks/index.ts";
import { loadTexts } from "./dsl/load-rules.ts";
import { type RuleTexts, readBeside, readRuleTexts } from "./dsl/read-rule-texts.ts";
import { demangledName } from "./ingest/kernel-name.ts";
import type { Diagnostic } from "./model/diagnostic.ts";
import type { RuleSet } from "./model/rule.ts";
import { mutateRule } from "./mutate-rules.ts";
import { startTestThread, type TestResults } from "./rule-test-thread.ts";
import { type RuleTestResult, runTestsOf } from "./run-rule-tests.ts";

export interface LintOptions {
  /** `YYYY-MM-DD` for the checks that depend on the day; null leaves them out, so that the same rules give the same answer on every day. */
  readonly today: string | null;
  /** Rules whose tests are also scored by mutation (F046), which takes seconds each. */
  readonly mutants?: (rule: string, file: string) => boolean;
}

export interface LintResult {
  /** Every rule that is written, whether it can run or not. */
  readonly ids: readonly string[];
  /** By file, place and code. */
  readonly diagnostics: readonly Diagnostic[];
  /** Text of every file a diagnostic may speak of. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Codes that only the engine can decide. */
const BY_TESTS = ["F044", "F046"];

/**
 * Everything `rules lint` says about a directory of rules: what parser and compiler found, the
 * checks, and the embedded tests that fail, less what comments ignore.
 *
 * @throws {TriageError} `rules/unreadable`
 */
export async function lintRules(root: string, options: LintOptions): Promise<LintResult> {
  const thread = startTestThread();
  try {
    const texts = readRuleTexts(root);
    const dictionary = await readDictionary(root);
    const loaded = loadTexts(root, texts);
    const results = thread?.run(loaded.ruleSet);
    const context = checkContext(loaded, options.today, dictionary);
    const found = remarksBut(context, options);
    return conclude(texts, context, [...found, ...testRemarks(context, await results)]);
  } finally {
    await thread?.dispose();
  }
}

/** The same for texts that are at hand. */
export function lintTexts(
  root: string,
  texts: RuleTexts,
  dictionary: KernelDictionary | null,
  options: LintOptions,
): LintResult {
  const context = checkContext(loadTexts(root, texts), options.today, dictionary);
  const found = [...remarksBut(context, options), ...testRemarks(context)];
  return conclude(texts, context, found);
}

/** All remarks but those about failing tests. */
function remarksBut(context: CheckContext, { mutants }: LintOptions): Diagnostic[] {
  const { loaded, rules } = context;
  return [
    ...loaded.diagnostics,
    ...runChecks(context),
    ...rules
      .filter(({ rule, file }) => mutants?.(rule.id, file.file) === true)
      .flatMap((unit) => weakTests(unit, loaded.ruleSet)),
  ];
}

/** F044 of all rules, from results at hand or by running the tests now. */
function testRemarks({ rules, loaded }: CheckContext, results?: TestResults): Diagnostic[] {
  return rules.flatMap((unit, index) =>
    failedTests(unit, results?.[index] ?? runTestsOf(loaded.ruleSet, unit.rule)),
  );
}

function conclude(
  texts: RuleTexts,
  { loaded }: CheckContext,
  found: readonly Diagnostic[],
): LintResult {
  const mayIgnore = new Set<string>([...CHECKS.map(({ code }) => code), ...BY_TESTS]);
  const named = [...texts.files, ...(texts.lock === null ? [] : [texts.lock])];
  return {
    ids: loaded.files.flatMap(({ ast }) => ast.rules.map(({ id }) => id.text)),
    diagnostics: applyIgnores(found, loaded.files, mayIgnore).sort(byPlace),
    texts: new Map(named.map(({ file, text }) => [file, text])),
  };
}

/** Places of the kernel dictionary, from the rules directory. */
const DICTIONARY_PLACES = ["kernel-dictionary.tsv", "../references/kernel-dictionary.tsv"];

/** Null when there is none: rules of one's own may do without. */
export async function readDictionary(root: string): Promise<KernelDictionary | null> {
  const found = readBeside(root, DICTIONARY_PLACES);
  if (found === null) return null;
  return parseDictionary(found.text, (name) => {
    const demangled = demangledName(name);
    return name === demangled ? [name] : [name, demangled];
  });
}

/** F044. */
function failedTests(
  { file, node, rule }: RuleUnit,
  results: readonly RuleTestResult[],
): Diagnostic[] {
  return results.flatMap(({ passed, expected, saw }, index) => {
    if (passed) return [];
    const written = node.tests[index]!;
    return diagnosticOf("F044", {
      file: file.file,
      rule: rule.id,
      range: written.expect?.range ?? written.title.range,
      message: `the test fails: it expects ${expected}, the engine says ${saw}`,
      help: "`rules explain` on a trace tells which clause stopped a rule; here the test or the rule is wrong",
      related: [{ file: file.file, range: written.title.range, message: "this test" }],
    });
  });
}

/** Share of changes to a rule that must be noticed. */
const LEAST_NOTICED = 0.9;

/** F046. */
function weakTests({ file, node, rule }: RuleUnit, ruleSet: RuleSet): Diagnostic[] {
  const { mutants, survivors } = mutateRule(ruleSet, rule);
  if (mutants - survivors.length >= LEAST_NOTICED * mutants) return [];
  return [
    diagnosticOf("F046", {
      file: file.file,
      rule: rule.id,
      range: node.id.range,
      message: `its tests notice ${mutants - survivors.length} of ${mutants} changes to the rule`,
      help: `add near misses for what nobody notices, or remove it:\n${survivors.map((it) => `- ${it}`).join("\n")}`,
    }),
  ];
}

function byPlace(a: Diagnostic, b: Diagnostic): number {
  return (
    compareText(a.file, b.file) ||
    a.range.start - b.range.start ||
    compareText(a.code, b.code) ||
    compareText(a.message, b.message)
  );
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
