import { compareText } from "../../base/compare-text.ts";
import { checkContext, diagnosticOf, type RuleUnit } from "../../dsl/checks/check.ts";
import { loadTexts } from "../../dsl/load-rules.ts";
import { type Checkout, openCheckout } from "../../dsl/lock/checkout.ts";
import { openLockedTree } from "../../dsl/lock/locked-tree.ts";
import { namersOf, type SourceNamer } from "../../dsl/lock/named-sources.ts";
import { type NamedSwitch, spellingsOf, switchesOf } from "../../dsl/lock/switches.ts";
import { updateLock } from "../../dsl/lock/update-lock.ts";
import { type LockFinding, verifyRepo } from "../../dsl/lock/verify-lock.ts";
import { readRuleTexts } from "../../dsl/read-rule-texts.ts";
import type { SourceLock } from "../../dsl/source-lock.ts";
import type { Diagnostic, SourceRange } from "../../model/diagnostic.ts";
import { EXIT, TriageError } from "../../model/errors.ts";
import { type UnmatchedKernel, unmatchedKernels } from "./declared-by-source.ts";
import { unknownRule } from "./unknown-rule.ts";

export interface VerifiedRepo {
  readonly repo: string;
  readonly lockedCommit: string;
  readonly checkout: Pick<Checkout, "root" | "commit" | "date">;
  readonly findings: readonly LockFinding[];
  /** Switches that rules recommend and the checkout does not know. */
  readonly switches: readonly NamedSwitch[];
  /** Kernels that sources of rules declare and that the rules do not look for. */
  readonly unmatched: readonly UnmatchedKernel[];
}

/** What of the lock is looked at. */
interface LockScope {
  /** Only what this rule names, at the locked commit, whatever is checked out; null = everything, as checked out. */
  readonly rule: string | null;
}

export interface VerifiedSources {
  readonly repos: readonly VerifiedRepo[];
  readonly lockFile: string;
  /** The lock as it should be after what was found. */
  readonly updated: string;
  readonly isCurrent: boolean;
  /** source-moved for every source that is not where it should be, at the rules that name it, else in the lock. */
  readonly diagnostics: readonly Diagnostic[];
  readonly texts: ReadonlyMap<string, string>;
}

/**
 * Looks up the sources that rules and lock name in checkouts of their repositories.
 *
 * @param checkouts alias in the lock → folder.
 * @throws {TriageError} rules/unreadable, lock/missing, lock/unknown-repo, lock/no-checkout.
 */
export async function verifySources(
  root: string,
  checkouts: ReadonlyMap<string, string>,
  scope: LockScope = { rule: null },
): Promise<VerifiedSources> {
  const texts = readRuleTexts(root);
  const loaded = loadTexts(root, texts);
  const { lock } = loaded;
  if (texts.lock === null || lock === null) throw noLock(root);
  const every = checkContext(loaded, null, null).rules;
  const all = namersOf(every, loaded.works, loaded.ruleSet.works);
  const namers = scope.rule === null ? all : all.filter(({ id }) => id === scope.rule);
  if (scope.rule !== null && namers.length === 0)
    throw unknownRule(
      scope.rule,
      all.map(({ id }) => id),
    );
  const rules = scope.rule === null ? every : every.filter(({ rule }) => rule.id === scope.rule);
  const repos: VerifiedRepo[] = [];
  for (const [repo, folder] of [...checkouts].sort(([a], [b]) => compareText(a, b))) {
    const locked = Object.hasOwn(lock.repos, repo) ? lock.repos[repo]! : null;
    if (locked === null) throw unknownRepo(repo, Object.keys(lock.repos));
    const checkout =
      scope.rule === null
        ? await openCheckout(folder)
        : await openLockedTree(folder, locked.commit);
    const looked = scope.rule === null ? lock : onlyOf(lock, repo, namers);
    const findings = await verifyRepo(repo, looked, namers, checkout);
    const switches = await unknownSwitches(repo, rules, checkout);
    const unmatched = await unmatchedKernels(repo, loaded.ruleSet, rules, checkout);
    repos.push({ repo, lockedCommit: locked.commit, checkout, findings, switches, unmatched });
  }
  const updated = updateLock(texts.lock.text, repos);
  const found = [...texts.files, texts.lock];
  return {
    repos,
    lockFile: texts.lock.file,
    updated,
    isCurrent: updated === texts.lock.text,
    diagnostics: repos.flatMap((it) => [
      ...it.findings.flatMap((one) => remarks(one, texts.lock!)),
      ...it.switches.map((one) => switchRemark(it.repo, one)),
      ...it.unmatched.map((one) => unmatchedRemark(it.repo, one)),
    ]),
    texts: new Map(found.map(({ file, text }) => [file, text])),
  };
}

/** The lock as far as rules name its files: others are not looked up, and stay as they are. */
function onlyOf(lock: SourceLock, repo: string, namers: readonly SourceNamer[]): SourceLock {
  const named = new Set(
    namers.flatMap(({ sources }) =>
      sources.filter((it) => it.repo === repo).map(({ path }) => path),
    ),
  );
  const files = Object.entries(lock.files[repo] ?? {}).filter(([path]) => named.has(path));
  return { ...lock, files: { ...lock.files, [repo]: Object.fromEntries(files) } };
}

async function unknownSwitches(
  repo: string,
  rules: readonly RuleUnit[],
  checkout: Checkout,
): Promise<readonly NamedSwitch[]> {
  const named = switchesOf(repo, rules);
  const words = [...new Set(named.flatMap(({ word }) => spellingsOf(word)))].sort(compareText);
  const known = await checkout.mentioned(words);
  return named.filter(({ word }) => !spellingsOf(word).some((one) => known.has(one)));
}

const switchRemark = (repo: string, { word, rule, file, range }: NamedSwitch): Diagnostic =>
  diagnosticOf("unknown-switch", {
    ...{ rule, file, range },
    message: `${word} stands nowhere in ${repo}`,
    help: "look for a slip of the pen, or for what it is called now",
  });

const unmatchedRemark = (
  repo: string,
  { rule, file, range, symbol, printed }: UnmatchedKernel,
): Diagnostic =>
  diagnosticOf("unmatched-source", {
    ...{ rule, file, range },
    message: `${repo} declares \`${symbol}\` as a kernel, and the rule looks for none that is called ${printed}`,
    help: "name the kernel as a profiler prints it, or the code that decides as the source",
  });

function remarks(
  { repo, path, symbol, state, at, rules }: LockFinding,
  lock: { readonly file: string; readonly text: string },
): Diagnostic[] {
  if (state !== "moved" && state !== "vanished") return [];
  const what = symbol === null ? path : `\`${symbol}\``;
  const message =
    state === "moved"
      ? `${what} is no longer defined in ${path} of ${repo}`
      : `${what} is not in ${symbol === null ? repo : `${path} of ${repo}`}`;
  const help = at.length === 0 ? {} : { help: `now in ${at.join(", ")}` };
  if (rules.length === 0)
    return [
      diagnosticOf("source-moved", {
        file: lock.file,
        range: inLock(lock.text, path),
        message,
        ...help,
      }),
    ];
  return rules.map(({ rule, file, range }) =>
    diagnosticOf("source-moved", { rule, file, range, message, ...help }),
  );
}

function inLock(text: string, path: string): SourceRange {
  const start = Math.max(0, text.indexOf(`"${path}"`));
  const line = text.slice(0, start).split("\n").length;
  const column = start - (text.lastIndexOf("\n", start - 1) + 1) + 1;
  return { start, end: start + path.length + 2, line, column };
}

const noLock = (root: string): TriageError =>
  new TriageError({
    code: "lock/missing",
    exit: EXIT.rulesInvalid,
    message: "There is no source lock that can be read.",
    place: root,
    hint: "`rules lint` tells what is wrong with it",
  });

const unknownRepo = (repo: string, known: readonly string[]): TriageError =>
  new TriageError({
    code: "lock/unknown-repo",
    exit: EXIT.usage,
    message: `The source lock has no repository ${JSON.stringify(repo)}.`,
    hint: `it has ${known.join(", ")}; add the new one with its url and commit`,
  });
