import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { EXIT, TriageError } from "../model/errors.ts";

/** A text the rule set is made of. */
export interface RuleText {
  /** Path below the rules directory, always with `/`. */
  readonly path: string;
  /** The same with the directory in front, for messages. */
  readonly file: string;
  readonly text: string;
}

export interface RuleTexts {
  /** Sorted by path. */
  readonly files: readonly RuleText[];
  /** The source lock, null when there is none. */
  readonly lock: RuleText | null;
  /** Hex sha256 over all of them. */
  readonly digest: string;
}

/** Places of the source lock, tried in this order, from the rules directory. */
const LOCK_PLACES = ["sources.lock.yaml", "../references/sources.lock.yaml"];

/**
 * Reads every `.fuse` file below a directory, in the order of their paths, and the source lock.
 *
 * @throws {TriageError} `rules/unreadable` when the directory cannot be read or holds no rules.
 */
export async function readRuleTexts(root: string): Promise<RuleTexts> {
  const paths = await listRuleFiles(root);
  if (paths.length === 0) throw unreadable(root, "holds no .fuse file");
  const files = await Promise.all(
    paths.map(async (path) => ({
      path,
      file: `${root.replace(/\/+$/, "")}/${path}`,
      text: await readText(join(root, path)),
    })),
  );
  const lock = await readBeside(root, LOCK_PLACES);
  return { files, lock, digest: digestOf(lock === null ? files : [...files, lock]) };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw unreadable(file, "cannot be read", error);
  }
}

async function listRuleFiles(root: string): Promise<string[]> {
  try {
    const names = await readdir(root, { recursive: true });
    return names
      .map((name) => name.replaceAll("\\", "/"))
      .filter((name) => name.endsWith(".fuse"))
      .sort();
  } catch (error) {
    throw unreadable(root, "cannot be read", error);
  }
}

/** The first file of these places, which count from the rules directory; null when there is none. */
export async function readBeside(
  root: string,
  places: readonly string[],
): Promise<RuleText | null> {
  for (const path of places) {
    const file = join(root, path);
    if (existsSync(file)) return { path, file, text: await readText(file) };
  }
  return null;
}

/** Line ends do not count, so that every checkout of the same rules has the same digest. */
export function digestOf(texts: readonly Pick<RuleText, "path" | "text">[]): string {
  const hash = createHash("sha256");
  for (const { path, text } of texts) {
    const body = text.replaceAll("\r\n", "\n");
    hash.update(`${path}\n${Buffer.byteLength(body)}\n${body}\n`);
  }
  return hash.digest("hex");
}

const unreadable = (place: string, what: string, cause?: unknown): TriageError =>
  new TriageError({
    code: "rules/unreadable",
    exit: EXIT.rulesInvalid,
    message: `rules: ${place} ${what}`,
    place,
    hint: "give the directory that holds lib/, fuse/ and overlap/ with --rules",
    cause,
  });
