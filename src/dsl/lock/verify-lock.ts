import { compareText } from "../../base/compare-text.ts";
import type { SourceRange } from "../../model/diagnostic.ts";
import type { SourceLock } from "../source-lock.ts";
import type { Checkout } from "./checkout.ts";
import { findSymbol } from "./find-symbol.ts";
import type { SourceNamer } from "./named-sources.ts";

/**
 * What a checkout says about one file or symbol:
 * - ok: defined there, as locked;
 * - new: defined there, and not in the lock yet;
 * - used: the code mentions it, but defines it elsewhere;
 * - moved: defined in other files (`at`), not in this one;
 * - vanished: defined nowhere, or the file is gone and nothing tells where to.
 */
export type LockState = "ok" | "new" | "used" | "moved" | "vanished";

export interface LockFinding {
  readonly repo: string;
  readonly path: string;
  /** Null for the file itself. */
  readonly symbol: string | null;
  readonly state: LockState;
  /** Files that define the symbol now; at most a few. */
  readonly at: readonly string[];
  /** Rules that name it, with the place where they do. */
  readonly rules: readonly RulePlace[];
}

interface RulePlace {
  readonly rule: string;
  readonly file: string;
  readonly range: SourceRange;
}

/** A file of a repository that the lock, a rule or a work model speaks of. */
interface WantedFile {
  readonly path: string;
  readonly inLock: boolean;
  /** Symbol → whether the lock has it already. */
  readonly symbols: ReadonlyMap<string, boolean>;
}

/** Looks up every path and symbol that the lock and the rules name in one repository. */
export async function verifyRepo(
  repo: string,
  lock: SourceLock,
  rules: readonly SourceNamer[],
  checkout: Checkout,
): Promise<LockFinding[]> {
  const findings: LockFinding[] = [];
  for (const { path, symbols, inLock } of wantedFiles(repo, lock, rules)) {
    const source = await checkout.open(path);
    const add = (symbol: string | null, state: LockState) =>
      findings.push({
        ...{ repo, path, symbol, state, at: [] },
        rules: placesOf(rules, repo, path, symbol),
      });
    if (source !== null) add(null, inLock ? "ok" : "new");
    else if (symbols.size === 0) add(null, "vanished");
    for (const [symbol, isLocked] of symbols) {
      const found = source === null ? null : findSymbol(source, symbol);
      if (found === "defined") add(symbol, isLocked ? "ok" : "new");
      else add(symbol, found ?? "vanished");
    }
  }
  return whereabouts(findings, checkout);
}

const MOST_PLACES = 3;

/** Tells the moved from the vanished: one pass over the checkout for all that is missing. */
async function whereabouts(
  findings: readonly LockFinding[],
  checkout: Checkout,
): Promise<LockFinding[]> {
  const missing = findings.flatMap(({ symbol, state }) =>
    symbol !== null && (state === "vanished" || state === "used") ? [symbol] : [],
  );
  const definers = await checkout.definers([...new Set(missing)].sort());
  return findings.map((finding) => {
    if (finding.symbol === null || !missing.includes(finding.symbol)) return finding;
    if (finding.state !== "vanished" && finding.state !== "used") return finding;
    const at = (definers.get(finding.symbol) ?? []).filter((path) => path !== finding.path);
    const state = finding.state === "vanished" && at.length > 0 ? "moved" : finding.state;
    return { ...finding, state, at: at.slice(0, MOST_PLACES) };
  });
}

function wantedFiles(repo: string, lock: SourceLock, rules: readonly SourceNamer[]): WantedFile[] {
  const locked = lock.files[repo] ?? {};
  const files = new Map<string, { inLock: boolean; symbols: Map<string, boolean> }>();
  for (const [path, { symbols }] of Object.entries(locked))
    if (!isPullRequest(path))
      files.set(path, { inLock: true, symbols: new Map(symbols.map((it) => [it, true])) });
  for (const { sources } of rules)
    for (const source of sources) {
      // A file with a commit of its own, or of a pull request, is not in this checkout.
      if (source.repo !== repo || source.pr !== null || source.hasOwnCommit) continue;
      const file = files.get(source.path) ?? { inLock: false, symbols: new Map() };
      files.set(source.path, file);
      if (source.symbol !== null && !file.symbols.has(source.symbol))
        file.symbols.set(source.symbol, false);
    }
  return [...files]
    .sort(([a], [b]) => compareText(a, b))
    .map(([path, { inLock, symbols }]) => ({
      path,
      inLock,
      symbols: new Map([...symbols].sort(([a], [b]) => compareText(a, b))),
    }));
}

const isPullRequest = (path: string): boolean => /^pr:\d+:|^pull\/\d+$/.test(path);

function placesOf(
  rules: readonly SourceNamer[],
  repo: string,
  path: string,
  symbol: string | null,
): RulePlace[] {
  return rules.flatMap(({ id, file, sources }) =>
    sources.flatMap((source) => {
      const isMeant =
        source.repo === repo &&
        source.path === path &&
        source.pr === null &&
        (symbol === null || source.symbol === symbol);
      return isMeant ? [{ rule: id, file, range: source.range }] : [];
    }),
  );
}
