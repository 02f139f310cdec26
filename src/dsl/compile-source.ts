import type { RuleSource } from "../model/rule.ts";
import type { SourceNode } from "./ast.ts";
import { didYouMean } from "./messages.ts";
import type { Remarks } from "./remarks.ts";
import type { SourceLock } from "./source-lock.ts";

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
    remarks.error("F007", node.target.range, 'a source is a "path#symbol" or a "pr:123:path"');
    return null;
  }
  const { path, symbol, number } = target;
  const repo = node.repo.text;
  const locked = lock !== null && Object.hasOwn(lock.repos, repo) ? lock.repos[repo]! : null;
  if (lock !== null && locked === null)
    remarks.blemish(
      "F021",
      node.repo.range,
      `the source lock has no repository \`${repo}\``,
      didYouMean(repo, Object.keys(lock.repos)),
    );
  const commit = node.commit?.text ?? locked?.commit ?? "";
  const place = number === null ? `blob/${commit}/${path}` : `pull/${number}`;
  const name = locked?.url.replace(/^https:\/\/[^/]+\//, "") ?? repo;
  return {
    repo,
    url: locked === null ? "" : `${locked.url}/${place}`,
    commit,
    path,
    symbol,
    pr: number === null ? null : `${name}#${number}`,
    verified: node.commit === null && isVerified(lock, repo, node.target.text),
  };
}

function splitTarget(text: string) {
  const [, number = null, path = "", symbol = null] =
    /^(?:pr:([1-9]\d*):)?([^#\s]+)(?:#([^#\s]+))?$/.exec(text) ?? [];
  if (path === "" || (number === null && path.startsWith("pr:"))) return null;
  return { number, path, symbol };
}

/** The lock lists a file under its path as written in the rule, symbol apart. */
function isVerified(lock: SourceLock | null, repo: string, target: string): boolean {
  const [path = "", symbol] = target.split("#");
  const files = lock !== null && Object.hasOwn(lock.files, repo) ? lock.files[repo]! : {};
  const file = Object.hasOwn(files, path) ? files[path]! : null;
  return file?.verified === true && (symbol === undefined || file.symbols.includes(symbol));
}
