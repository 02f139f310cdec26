import { compareText } from "../../base/compare-text.ts";
import {
  type CheckContext,
  checkContext,
  diagnosticOf,
  type RuleUnit,
} from "../../dsl/checks/check.ts";
import { applyIgnores } from "../../dsl/checks/ignore.ts";
import { CHECKS, runChecks } from "../../dsl/checks/index.ts";
import { type KernelDictionary, parseDictionary } from "../../dsl/checks/proofs/dictionary.ts";
import { compileTexts, type LoadedRules, parseTexts, withoutLock } from "../../dsl/load-texts.ts";
import { type RuleTexts, readBeside, readRuleTexts } from "../../dsl/read-rule-texts.ts";
import type { ReadLock } from "../../dsl/source-lock.ts";
import { checkWorks } from "../../dsl/work/checks.ts";
import type { Diagnostic, SourceRange } from "../../model/diagnostic.ts";
import { type RulesAt, ruleFolders } from "../../model/rule-folders.ts";
import {
  firstRule,
  type RuleTestResult,
  runTestsLeft,
  runTestsOf,
  type TestResults,
} from "../../pipeline/rule-tests.ts";
import { runWorkTests } from "../../pipeline/work-tests.ts";
import { type LintThread, startLintThread } from "../../threads/lint-thread.ts";
import { mutateRule, mutateWork } from "./mutants.ts";
import { isWeak, type MutationScore } from "./mutation-score.ts";

interface LintOptions {
  /** `YYYY-MM-DD` for the checks that depend on the day; null leaves them out, so that the same rules give the same answer on every day. */
  readonly today: string | null;
  /** Rules and work models whose tests are also scored by mutation (weak-tests), which takes seconds each. */
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
const BY_TESTS = ["failing-test", "weak-tests"];

/** Codes that the compiler gives too: such a rule does not run, whatever a comment says. */
const NEVER: readonly string[] = ["duplicate-name", "impossible-value"];

const mayIgnore = (): ReadonlySet<string> =>
  new Set<string>([
    ...CHECKS.map(({ code }) => code).filter((code) => !NEVER.includes(code)),
    ...BY_TESTS,
  ]);

/**
 * Everything `rules lint` says about a directory of rules and what is laid over it: what parser and compiler found, the
 * checks, and the embedded tests that fail, less what comments ignore.
 *
 * @throws {TriageError} `rules/unreadable`
 */
export async function lintRules(at: RulesAt, options: LintOptions): Promise<LintResult> {
  const thread = startLintThread();
  try {
    const { base } = ruleFolders(at);
    return await lint(base, readRuleTexts(at), await readDictionary(at), options, thread);
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
): Promise<LintResult> {
  return lint(root, texts, dictionary, options, null);
}

/** With a second thread it reads the lock while this one parses, and they share the tests. */
async function lint(
  root: string,
  texts: RuleTexts,
  dictionary: KernelDictionary | null,
  options: LintOptions,
  thread: LintThread | null,
): Promise<LintResult> {
  const lock = readLock(root, texts, thread);
  const parsed = parseTexts(texts);
  const loaded = compileTexts(root, texts, parsed, await lock, await readLocksOver(texts));
  const next = firstRule();
  const others = thread?.runTestsLeft(loaded.ruleSet, next);
  const context = checkContext(loaded, options.today, dictionary);
  const found = await remarksBut(context, options);
  const mine = runTestsLeft(loaded.ruleSet, next);
  const results = new Map([...mine, ...((await others) ?? [])]);
  return conclude(texts, context, [...found, ...testRemarks(context, results)]);
}

/**
 * The same for rules that are loaded: what an editor asks again and again.
 *
 * @param isMeant files whose remarks are wanted; only their tests run.
 */
export function lintLoaded(
  context: CheckContext,
  isMeant: (file: string) => boolean,
): readonly Diagnostic[] {
  const { loaded, rules } = context;
  const found = [
    ...remarksOfChecks(context),
    ...rules
      .filter(({ file }) => isMeant(file.file))
      .flatMap((unit) => failedTests(unit, runTestsOf(loaded.ruleSet, unit.rule))),
  ];
  return applyIgnores(found, loaded.files, mayIgnore())
    .filter(({ file }) => isMeant(file))
    .sort(byPlace);
}

async function readLock(
  root: string,
  { lock }: RuleTexts,
  thread: LintThread | null,
): Promise<ReadLock> {
  if (lock === null) return withoutLock(root);
  if (thread !== null) return thread.readLock(lock);
  const { parseSourceLock } = await import("../../dsl/source-lock.ts");
  return parseSourceLock(lock.text, lock.file);
}

async function readLocksOver(texts: RuleTexts): Promise<readonly ReadLock[]> {
  if ((texts.over ?? []).length === 0) return [];
  const { locksOver } = await import("../../dsl/load-rules.ts");
  return locksOver(texts);
}

/** What reading, the checks and the tests of work models say. */
function remarksOfChecks(context: CheckContext): Diagnostic[] {
  const { loaded } = context;
  return [
    ...loaded.diagnostics,
    ...runChecks(context),
    ...checkWorks(loaded.works, loaded.ruleSet.works),
    ...failedWorkTests(loaded),
  ];
}

/** All remarks but those about failing tests. */
async function remarksBut(context: CheckContext, { mutants }: LintOptions): Promise<Diagnostic[]> {
  const { loaded, rules } = context;
  const found = remarksOfChecks(context);
  if (mutants === undefined) return found;
  const meant = rules.filter(({ rule, file }) => mutants(rule.id, file.file));
  const works = loaded.works.filter(({ ast, file }) => mutants(ast.work?.id.text ?? "", file));
  return [
    ...found,
    ...meant.flatMap((unit) => weakTests(unit, mutateRule(loaded.ruleSet, unit.rule))),
    ...works.flatMap(({ ast, file, path }) => {
      const model = loaded.ruleSet.works.find((one) => one.file === path);
      if (ast.work === null || model === undefined) return [];
      return weakTests({ file: { file }, node: ast.work, rule: model }, mutateWork(model));
    }),
  ];
}

/** failing-test of all rules. */
const testRemarks = ({ rules }: CheckContext, results: TestResults): Diagnostic[] =>
  rules.flatMap((unit, index) => failedTests(unit, results.get(index)!));

function conclude(
  texts: RuleTexts,
  { loaded }: CheckContext,
  found: readonly Diagnostic[],
): LintResult {
  const locks = [texts.lock, ...(texts.over ?? []).map(({ lock }) => lock)];
  const named = [...texts.files, ...locks.filter((lock) => lock !== null)];
  return {
    ids: [
      ...loaded.files.flatMap(({ ast }) => ast.rules.map(({ id }) => id.text)),
      ...loaded.works.flatMap(({ ast }) => ast.work?.id.text ?? []),
    ],
    diagnostics: applyIgnores(found, loaded.files, mayIgnore()).sort(byPlace),
    texts: new Map(named.map(({ file, text }) => [file, text])),
  };
}

/** Places of the kernel dictionary, from the rules directory. */
export const DICTIONARY_PLACES = ["kernel-dictionary.tsv", "../references/kernel-dictionary.tsv"];

/** Those of all folders together; null when there is none: rules of one's own may do without. */
export async function readDictionary(at: RulesAt): Promise<KernelDictionary | null> {
  const { base, over } = ruleFolders(at);
  const found = [base, ...over].flatMap((root) => readBeside(root, DICTIONARY_PLACES) ?? []);
  if (found.length === 0) return null;
  return { kernels: found.flatMap(({ text }) => parseDictionary(text).kernels) };
}

/** failing-test. */
function failedTests(
  { file, node, rule }: RuleUnit,
  results: readonly RuleTestResult[],
): Diagnostic[] {
  return results.flatMap(({ passed, expected, saw }, index) => {
    if (passed) return [];
    const written = node.tests[index]!;
    return diagnosticOf("failing-test", {
      file: file.file,
      rule: rule.id,
      range: written.expect?.range ?? written.title.range,
      message: `the test fails: it expects ${expected}, the engine says ${saw}`,
      help: "`rules explain` on a trace tells which clause stopped a rule; here the test or the rule is wrong",
      related: [{ file: file.file, range: written.title.range, message: "this test" }],
    });
  });
}

/** failing-test of work models. */
function failedWorkTests({ ruleSet, works }: LoadedRules): Diagnostic[] {
  const failed = runWorkTests(ruleSet.works).filter(({ passed }) => !passed);
  return failed.flatMap(({ rule, file: path, test, expected, saw }) => {
    const file = works.find((one) => one.path === path || one.file === path);
    const written = file?.ast.work?.tests.find(({ title }) => title.text === test);
    if (file === undefined || written === undefined) return [];
    return diagnosticOf("failing-test", {
      file: file.file,
      rule,
      range: written.expect?.range ?? written.title.range,
      message: `the test fails: it expects ${expected}, the model says ${saw}`,
    });
  });
}

/** A rule, or a work model. */
interface Scored {
  readonly file: { readonly file: string };
  readonly node: { readonly id: { readonly range: SourceRange } };
  readonly rule: { readonly id: string };
}

/** weak-tests. */
function weakTests({ file, node, rule }: Scored, score: MutationScore): Diagnostic[] {
  if (!isWeak(score)) return [];
  const { killed, mutants, survivors } = score;
  return [
    diagnosticOf("weak-tests", {
      file: file.file,
      rule: rule.id,
      range: node.id.range,
      message: `its tests notice ${killed} of ${mutants} changes to the rule`,
      help: `\`rules test ${rule.id} --suggest\` writes the tests that are missing; nobody notices:\n${survivors.map((it) => `- ${it}`).join("\n")}`,
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
