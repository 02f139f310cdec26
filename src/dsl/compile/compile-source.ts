import { compareReleases, isRelease } from "../../base/release-order.ts";
import type { RuleSource, SourceVersions } from "../../model/rule.ts";
import type { SourceNode } from "../ast.ts";
import { didYouMean } from "../parse/messages.ts";
import type { Remarks } from "../remarks.ts";
import type { LockedFile, SourceLock } from "../source-lock.ts";

/**
 * `source REPO "path#symbol"` or `"pr:123:path#symbol"` with the commit and the addresses the lock
 * has for it. Without a lock the addresses stay empty: the rule still runs, unproven.
 */
export function compileSource(
  node: SourceNode,
  lock: SourceLock | null,
  remarks: Remarks,
): RuleSource | null {
  const target = splitTarget(node.target.text);
  if (target === null) {
    remarks.error(
      "impossible-value",
      node.target.range,
      'a source is a "path#symbol" or a "pr:123:path"',
    );
    return null;
  }
  const { path, symbol, number } = target;
  const repo = node.repo.text;
  const locked = lock !== null && Object.hasOwn(lock.repos, repo) ? lock.repos[repo]! : null;
  if (lock !== null && locked === null)
    remarks.blemish(
      "broken-reference",
      node.repo.range,
      `the source lock has no repository \`${repo}\``,
      didYouMean(repo, Object.keys(lock.repos)),
    );
  const commit =
    node.commit?.text ?? fileOf(lock, repo, target.key)?.commit ?? locked?.commit ?? "";
  const isOfRelease = node.commit !== null && isRelease(node.commit.text);
  const tag = isOfRelease ? tagOf(commit) : commit;
  const place = number === null ? `blob/${tag}/${path}` : `pull/${number}`;
  const versions = number === null ? versionsOf(node, lock, target, locked?.url ?? "") : null;
  const name = locked?.url.replace(/^https:\/\/[^/]+\//, "") ?? repo;
  return {
    repo,
    url: locked === null ? "" : `${locked.url}/${place}`,
    commit,
    path,
    symbol,
    pr: number === null ? null : `${name}#${number}`,
    verified: isOfRelease
      ? versions?.found.some(({ version }) => version === commit) === true
      : node.commit === null && isVerified(lock, repo, target),
    ...(versions === null ? {} : { versions }),
  };
}

/** Projects tag a release with a `v` before its number. */
const tagOf = (version: string): string => `v${version.replace(/^v/, "")}`;

/** What the rule says of releases, and what was looked up in them where it says nothing. */
function versionsOf(
  { repo, since, until }: SourceNode,
  lock: SourceLock | null,
  { path, symbol }: { readonly path: string; readonly symbol: string | null },
  url: string,
): SourceVersions | null {
  const looked = (lock?.releases?.get(repo.text) ?? []).flatMap(({ version, places }) => {
    const place = places.get(symbol === null ? path : `${path}#${symbol}`);
    return place === undefined || place.state === "unseen" ? [] : [{ version, ...place }];
  });
  const found = looked
    .filter(({ state }) => state !== "gone")
    .map(({ version, at }) => {
      const now = at ?? path;
      return { version, path: now, url: `${url}/blob/${tagOf(version)}/${now}` };
    });
  const newest = found.at(-1)?.version ?? null;
  // A release that nobody unpacked whole may lack what the next one has again.
  const gone = looked.find(
    ({ state, version }) =>
      state === "gone" && (newest === null || compareReleases(version, newest)! > 0),
  );
  const end = until?.text ?? gone?.version ?? null;
  if (since === null && end === null && found.length === 0) return null;
  return { since: since?.text ?? null, until: end, found };
}

function splitTarget(text: string) {
  const [, number = null, path = "", symbol = null] =
    /^(?:pr:([1-9]\d*):)?([^#\s]+)(?:#([^#\s]+))?$/.exec(text) ?? [];
  if (path === "" || (number === null && path.startsWith("pr:"))) return null;
  return { number, path, symbol, key: number === null ? path : `pr:${number}:${path}` };
}

/** The lock lists a file under its path as written in the rule, symbol apart. */
function fileOf(lock: SourceLock | null, repo: string, key: string): LockedFile | null {
  const files = lock !== null && Object.hasOwn(lock.files, repo) ? lock.files[repo]! : {};
  return Object.hasOwn(files, key) ? files[key]! : null;
}

function isVerified(
  lock: SourceLock | null,
  repo: string,
  { key, symbol }: { readonly key: string; readonly symbol: string | null },
): boolean {
  const file = fileOf(lock, repo, key);
  return file?.verified === true && (symbol === null || file.symbols.includes(symbol));
}
