import { compareReleases, isRelease } from "../../../base/release-order.ts";
import type { Facts } from "../../../model/facts.ts";
import type { Rule, RuleSource } from "../../../model/rule.ts";
import { ENGINES } from "./owners.ts";

/** Which releases of an engine have the path that a rule is about. */
interface EnginePath {
  /** As the source lock calls it. */
  readonly engine: string;
  /** Of the trace; null where nothing tells it. */
  readonly version: string | null;
  /** Whether that version has the path; null where the version or its order is not known. */
  readonly state: "has" | "gone" | "not-yet" | null;
  /** The release it came with, as far as known. */
  readonly since: string | null;
  /** The first release known to be without it. */
  readonly until: string | null;
}

/**
 * What the rule's sources say of the engine's releases. A path is gone where each of its places in
 * the engine is, and not there yet where none is. Null where the rule cites no engine, or nothing
 * bounds it. A trace that tells no framework is judged by the only engine that the rule cites.
 */
export function enginePath({ sources }: Pick<Rule, "sources">, facts: Facts): EnginePath | null {
  const engine = engineOf(sources, facts);
  const mine = sources.filter(({ repo, pr }) => repo === engine && pr === null);
  if (engine === null || mine.length === 0) return null;
  const since = outermost(
    mine.map((source) => source.versions?.since ?? null),
    -1,
  );
  const until = outermost(
    mine.map((source) => source.versions?.until ?? null),
    1,
  );
  if (since === null && until === null) return null;
  const version = versionOf(engine, facts);
  return { engine, version, state: stateAt(version, since, until), since, until };
}

/** The bound of all of them: null where one has none. */
function outermost(bounds: readonly (string | null)[], direction: 1 | -1): string | null {
  let found: string | null = null;
  for (const bound of bounds) {
    if (bound === null || !isRelease(bound)) return null;
    if (found === null || direction * compareReleases(bound, found)! > 0) found = bound;
  }
  return found;
}

function stateAt(
  version: string | null,
  since: string | null,
  until: string | null,
): EnginePath["state"] {
  if (version === null || !isRelease(version)) return null;
  if (until !== null && compareReleases(version, until)! >= 0) return "gone";
  if (since !== null && compareReleases(version, since)! < 0) return "not-yet";
  return "has";
}

function engineOf(sources: readonly RuleSource[], { framework }: Facts): string | null {
  const told = framework === undefined ? "unknown" : String(framework.value);
  if (told !== "unknown") return told;
  const engines = [
    ...new Set(sources.map(({ repo }) => repo).filter((it) => ENGINES.includes(it))),
  ];
  return engines.length === 1 ? engines[0]! : null;
}

/** The version is the engine's own: it says nothing of another one. */
function versionOf(engine: string, { framework, engine_version: version }: Facts): string | null {
  return framework?.value === engine && version !== undefined ? String(version.value) : null;
}

/** What a reader of a row has to know of it; null where there is nothing. */
export function pathRemark(path: EnginePath | null): string | null {
  if (path === null) return null;
  const { engine, version, state, since, until } = path;
  switch (state) {
    case "gone":
      return `${engine} is without this path since ${until}, and this trace is of ${version}.`;
    case "not-yet":
      return `The path is known from ${engine} ${since} on; this trace is of ${version}.`;
    case "has":
      return until === null ? null : `${engine} ${version} has it; ${until} does no longer.`;
    case null:
      return until === null
        ? null
        : `${engine} is without this path since ${until}; which version this trace is of, nothing tells.`;
  }
}

/**
 * The places to cite: where the trace tells its engine's version, those that this version has, each
 * as the nearest release before it has it; else as the lock's commit has them. Where none fits, all.
 */
export function citedSources(sources: readonly RuleSource[], facts: Facts): readonly RuleSource[] {
  const engine = engineOf(sources, facts);
  const version = engine === null ? null : versionOf(engine, facts);
  const repos = [...new Set(sources.map(({ repo }) => repo))];
  const kept = new Map(
    repos.map((repo) => {
      const all = sources.filter((source) => source.repo === repo);
      const fit = all.filter((source) =>
        repo === engine && version !== null ? isIn(source, version) : !isRelease(source.commit),
      );
      return [repo, fit.length === 0 ? all : fit];
    }),
  );
  return sources
    .filter((source) => kept.get(source.repo)!.includes(source))
    .map((source) =>
      source.repo === engine && version !== null ? nearest(source, version) : source,
    );
}

function isIn({ commit, versions }: RuleSource, version: string): boolean {
  const order = (bound: string): number => compareReleases(version, bound) ?? 0;
  if (isRelease(commit) && order(commit) < 0) return false;
  const { since = null, until = null } = versions ?? {};
  if (since !== null && isRelease(since) && order(since) < 0) return false;
  return until === null || !isRelease(until) || order(until) < 0;
}

function nearest(source: RuleSource, version: string): RuleSource {
  const before = source.versions?.found.filter(
    (one) => (compareReleases(one.version, version) ?? 1) <= 0,
  );
  const found = before?.at(-1);
  if (found === undefined) return source;
  return { ...source, commit: found.version, path: found.path, url: found.url };
}
