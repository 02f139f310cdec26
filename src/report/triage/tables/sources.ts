import type { ReportSource } from "../../../model/contracts/report.ts";
import { type Line, span } from "../../table.ts";

/** Hex digits of a commit that people read; the link and the JSON have them all. */
const SHORT_COMMIT = 10;

/** "sglang@e0c0c0a1b2 path#symbol", linked to the file at that commit. */
export function sourceLine(source: ReportSource): Line {
  const symbol = source.symbol === null ? "" : `#${source.symbol}`;
  const commit = source.commit === "" ? "" : `@${source.commit.slice(0, SHORT_COMMIT)}`;
  const href = source.url.startsWith("https://") ? source.url : null;
  return [span(`${source.repo}${commit} `, "dim"), span(`${source.path}${symbol}`, "code", href)];
}

/** "owner/repo#123" as an address, null for any other spelling. */
export function pullRequest(pr: string): string | null {
  const [, repo, number] = /^([\w.-]+\/[\w.-]+)#(\d+)$/.exec(pr) ?? [];
  return repo === undefined ? null : `https://github.com/${repo}/pull/${number}`;
}
