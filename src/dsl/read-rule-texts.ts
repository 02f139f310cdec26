import { closeSync, existsSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { openRegular } from "../base/regular-file.ts";
import { sha256 } from "../base/sha256.ts";
import { EXIT, TriageError } from "../model/errors.ts";
import { type RulesAt, ruleFolders } from "../model/rule-folders.ts";

/** A text the rule set is made of. */
export interface RuleText {
  /** Path below the rules directory, always with `/`. */
  readonly path: string;
  /** The same with the directory in front, for messages. */
  readonly file: string;
  readonly text: string;
  /** Which folder it lies in: 0, or left out, for the base, 1 for the first one laid over it. */
  readonly layer?: number;
}

/** A folder laid over others. */
interface LaidOver {
  readonly root: string;
  /** Its own source lock, null when there is none. */
  readonly lock: RuleText | null;
  readonly releases: RuleText | null;
}

export interface RuleTexts {
  /** Sorted by path. */
  readonly files: readonly RuleText[];
  /** The source lock, null when there is none. */
  readonly lock: RuleText | null;
  /** Which releases have what the rules cite, null or missing when nobody looked. */
  readonly releases?: RuleText | null;
  /** Hex sha256 over all of them. */
  readonly digest: string;
  /** Folders laid over this one, weakest first. */
  readonly over?: readonly LaidOver[];
  /** Ids that are left out whoever has them. */
  readonly off?: readonly string[];
}

/** Bytes of one file, and files of one directory; what holds more is no rule base. */
const LARGEST = 1 << 20;
const MOST_FILES = 10_000;

/** Places of the source lock, tried in this order, from the rules directory. */
const LOCK_PLACES = ["sources.lock.yaml", "../references/sources.lock.yaml"];

/** What was looked up in releases lies beside the lock. */
const RELEASE_PLACES = ["releases.tsv", "../references/releases.tsv"];

/**
 * Reads every `.fuse` file below a directory, in the order of their paths, and the source lock; and
 * the same of the folders laid over it. One after the other and blocking: hundreds of small files take several times as long side by side.
 *
 * @throws {TriageError} `rules/unreadable` when the directory cannot be read or holds no rules.
 */
export function readRuleTexts(at: RulesAt): RuleTexts {
  const { base, over, off } = ruleFolders(at);
  const lower = readFolder(base);
  if (over.length === 0 && off.length === 0) return lower;
  const upper = over.map((root, at) => ({ root, ...readFolder(root, at + 1) }));
  return {
    files: [lower, ...upper].flatMap(({ files }) => files),
    lock: lower.lock,
    releases: lower.releases ?? null,
    digest: sha256([lower, ...upper].map(({ digest }) => digest).join("\n") + off.join("\n")),
    over: upper.map(({ root, lock, releases = null }) => ({ root, lock, releases })),
    off,
  };
}

function readFolder(root: string, layer = 0): RuleTexts {
  const paths = listRuleFiles(root);
  if (paths.length === 0) throw unreadable(root, "holds no .fuse file");
  if (paths.length > MOST_FILES)
    throw unreadable(root, `holds more than ${MOST_FILES} .fuse files`);
  const files = paths.map((path) => ({
    path,
    file: `${root.replace(/\/+$/, "")}/${path}`,
    text: readText(join(root, path)),
    ...(layer === 0 ? {} : { layer }),
  }));
  const lock = readBeside(root, LOCK_PLACES);
  const releases = readBeside(root, RELEASE_PLACES);
  const beside = [lock, releases].filter((text) => text !== null);
  return { files, lock, releases, digest: digestOf([...files, ...beside]) };
}

const room = Buffer.allocUnsafe(LARGEST + 1);

/** Never more than fits: a file is not asked for its size before, which takes half as long as reading. */
function readText(file: string): string {
  const length = attempt(file, () => {
    const { handle } = openRegular(file, "seen");
    try {
      return readInto(room, handle);
    } finally {
      closeSync(handle);
    }
  });
  if (length > LARGEST) throw unreadable(file, `is larger than ${LARGEST} bytes`);
  return room.toString("utf8", 0, length);
}

function readInto(bytes: Uint8Array, handle: number): number {
  let length = 0;
  for (let read = -1; read !== 0 && length < bytes.length; length += read)
    read = readSync(handle, bytes, length, bytes.length - length, null);
  return length;
}

/**
 * Paths below the directory, in order. By hand, because Node's own recursion asks the system about
 * every entry once more, which takes ten times as long.
 */
function listRuleFiles(root: string): string[] {
  const paths: string[] = [];
  const list = (below: string): void => {
    for (const entry of readdirSync(join(root, below), { withFileTypes: true })) {
      const path = below + entry.name;
      const kind = entry.isSymbolicLink() ? linked(join(root, path)) : entry;
      if (path.endsWith(".fuse")) {
        // Opening a pipe waits for its other end. A link to nowhere is listed: reading it tells.
        if (kind?.isFile() === false) throw unreadable(join(root, path), "is no file");
        paths.push(path);
      } else if (kind?.isDirectory()) list(`${path}/`);
    }
  };
  attempt(root, () => list(""));
  return paths.sort();
}

const linked = (path: string) => statSync(path, { throwIfNoEntry: false });

function attempt<T>(place: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof TriageError) throw error;
    throw unreadable(place, "cannot be read", error);
  }
}

/** The first file of these places, which count from the rules directory; null when there is none. */
export function readBeside(root: string, places: readonly string[]): RuleText | null {
  for (const path of places) {
    const file = join(root, path);
    if (!existsSync(file)) continue;
    if (!statSync(file).isFile()) throw unreadable(file, "is no file");
    return { path, file, text: readText(file) };
  }
  return null;
}

/** Line ends do not count, so that every checkout of the same rules has the same digest. */
function digestOf(texts: readonly Pick<RuleText, "path" | "text">[]): string {
  return sha256(
    texts.flatMap(({ path, text }) => {
      const body = text.includes("\r") ? text.replaceAll("\r\n", "\n") : text;
      return [`${path}\n${Buffer.byteLength(body)}\n`, body, "\n"];
    }),
  );
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
