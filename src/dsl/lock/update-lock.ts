import { type Document, isMap, isScalar, parseDocument, Scalar, YAMLMap, YAMLSeq } from "yaml";
import { compareText } from "../../base/compare-text.ts";
import type { Checkout } from "./checkout.ts";
import type { LockFinding } from "./verify-lock.ts";

/** What was found in one repository's checkout. */
interface RepoUpdate {
  readonly repo: string;
  readonly checkout: Pick<Checkout, "commit" | "date">;
  readonly findings: readonly LockFinding[];
}

/**
 * The lock's text with what the checkouts hold: commit and day, files and symbols that are new,
 * without symbols that are gone; a file that is gone stays, as not verified. Comments stay, paths
 * and symbols are sorted, and the same findings give the same bytes. Repositories that were not
 * looked at are not touched.
 */
export function updateLock(text: string, updates: readonly RepoUpdate[]): string {
  const document = parseDocument(text);
  for (const update of updates) updateRepo(document, update);
  return document.toString({ lineWidth: 100, flowCollectionPadding: false });
}

function updateRepo(document: Document, { repo, checkout, findings }: RepoUpdate): void {
  const { commit, date } = checkout;
  if (commit !== null) document.setIn(["repos", repo, "commit"], quoted(commit));
  if (commit !== null && date !== null) document.setIn(["repos", repo, "date"], quoted(date));
  const files = mapIn(mapIn(document.contents as YAMLMap, "files"), repo);
  for (const path of [...new Set(findings.map((finding) => finding.path))])
    updateFile(
      files,
      path,
      findings.filter((finding) => finding.path === path),
      commit,
    );
  files.items.sort((a, b) => compareText(keyOf(a.key), keyOf(b.key)));
}

function updateFile(
  files: YAMLMap,
  path: string,
  findings: readonly LockFinding[],
  commit: string | null,
): void {
  const isThere = findings.some(({ symbol, state }) => symbol === null && state !== "vanished");
  const isKnown = [...files.items].some(({ key }) => keyOf(key) === path);
  // A file that a rule names by mistake does not enter the lock.
  if (!isThere && !isKnown) return;
  const entry = mapIn(files, path);
  if (!isThere) {
    entry.set("verified", false);
    entry.set(
      "note",
      quoted(commit === null ? "not found" : `not found at ${commit.slice(0, 12)}`),
    );
    return;
  }
  const symbols = findings.flatMap(({ symbol, state }) =>
    symbol !== null && (state === "ok" || state === "new" || isLockedUse(entry, symbol, state))
      ? [symbol]
      : [],
  );
  // It was read at the repository's commit, like the others.
  if (commit !== null) entry.delete("commit");
  const before = entry.toJSON() as { symbols?: string[]; verified?: boolean };
  if (before.verified !== true) entry.delete("note");
  if (JSON.stringify(before.symbols) !== JSON.stringify(symbols))
    entry.set("symbols", symbolList(symbols));
  entry.set("verified", true);
}

/** A use that the lock has already was looked at by someone; new ones must be definitions. */
function isLockedUse(entry: YAMLMap, symbol: string, state: LockFinding["state"]): boolean {
  const { symbols = [] } = entry.toJSON() as { symbols?: string[] };
  return state === "used" && symbols.includes(symbol);
}

/** On one line where it fits, else one symbol a line. */
function symbolList(symbols: readonly string[]): YAMLSeq {
  const list = new YAMLSeq();
  list.items = symbols.map(quoted);
  const oneLine = `      symbols: [${symbols.map((it) => `"${it}"`).join(", ")}]`;
  list.flow = oneLine.length <= 100;
  return list;
}

function mapIn(map: YAMLMap, key: string): YAMLMap {
  const known = map.get(key, true);
  if (isMap(known)) return known as YAMLMap;
  const made = new YAMLMap();
  map.set(quoted(key), made);
  return made;
}

function quoted(text: string): Scalar {
  const scalar = new Scalar(text);
  if (!/^[a-z]+$/.test(text)) scalar.type = Scalar.QUOTE_DOUBLE;
  return scalar;
}

const keyOf = (key: unknown): string => String(isScalar(key) ? key.value : key);
