import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { readSideText } from "../../base/files/side-file.ts";
import { walkTree } from "../../base/files/walk-tree.ts";
import { groupBy } from "../../base/group-by.ts";
import { EXIT, TriageError } from "../../model/errors.ts";
import { languageOf } from "./code-text.ts";
import { findSymbol, type SourceText, sourceText } from "./find-symbol.ts";

/** Files of a repository on disk: a git checkout or any folder laid out like one. */
export interface Checkout {
  readonly root: string;
  /** Null for a folder that is no git checkout of its own. */
  readonly commit: string | null;
  /** Day of the commit. */
  readonly date: string | null;
  /** The file ready to be searched; null when there is none. */
  open(path: string): Promise<SourceText | null>;
  /** Files that define each of these symbols, sorted: where they may have moved to. */
  definers(symbols: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Whether the tree holds files of the kind and place of this one: a wheel leaves sources out. */
  covers(path: string): boolean;
  /** Which of these words stand in some file. */
  mentioned(words: readonly string[]): Promise<ReadonlySet<string>>;
}

/** @throws {TriageError} lock/no-checkout when the folder cannot be read. */
export async function openCheckout(root: string): Promise<Checkout> {
  const paths = await listSources(root);
  const { commit, date } = await commitOf(root);
  const placeOf = placesIn(paths);
  const known = new Map<string, Promise<SourceText | null>>();
  const open = (path: string): Promise<SourceText | null> => {
    let text = known.get(path);
    if (text === undefined) {
      text = Promise.resolve(sourceIn(root, placeOf(path)));
      known.set(path, text);
    }
    return text;
  };
  return {
    root,
    commit,
    date,
    open,
    covers: coverage(paths),
    async mentioned(words) {
      const left = new Set(words);
      for (const path of paths) {
        if (left.size === 0) break;
        const text = contentOf(root, path) ?? "";
        for (const word of left) if (text.includes(word)) left.delete(word);
      }
      return new Set(words.filter((word) => !left.has(word)));
    },
    async definers(symbols) {
      const found = new Map<string, string[]>(symbols.map((symbol) => [symbol, []]));
      if (symbols.length === 0) return found;
      for (const path of paths) {
        // Most files hold none of the names; reading them is enough to know.
        const text = contentOf(root, path);
        if (text === null) continue;
        const named = symbols.filter((symbol) => text.includes(lastPart(symbol)));
        if (named.length === 0) continue;
        const source = sourceText(text, path);
        for (const symbol of named)
          if (findSymbol(source, symbol) === "defined") found.get(symbol)!.push(path);
      }
      return found;
    },
  };
}

/** The sources of a checkout, one after the other by path, with their texts. */
export async function* sourcesOf(
  root: string,
): AsyncGenerator<{ readonly path: string; readonly text: string }> {
  for (const path of await listSources(root)) {
    const text = contentOf(root, path);
    if (text !== null) yield { path, text };
  }
}

/** Folders that a wheel leaves out in front of a file, at the most. */
const MOST_LEFT_OUT = 3;

/**
 * Where a path of the repository lies: there, or, in what a wheel unpacks to, where the only file
 * lies whose path ends alike (`python/sglang/x.py` in `sglang/x.py`, `csrc/y.cu` in
 * `flashinfer/data/csrc/y.cu`).
 */
function placesIn(paths: readonly string[]): (path: string) => string {
  const known = new Set(paths);
  const byName = groupBy(paths, (path) => path.slice(path.lastIndexOf("/") + 1));
  return (path) => {
    if (known.has(path)) return path;
    const parts = path.split("/");
    const alike = byName.get(parts.at(-1)!) ?? [];
    for (let from = 0; from <= Math.min(MOST_LEFT_OUT, parts.length - 2); from++) {
      const end = `/${parts.slice(from).join("/")}`;
      const found = alike.filter((one) => `/${one}`.endsWith(end));
      if (found.length > 0) return found.length === 1 ? found[0]! : path;
    }
    return path;
  };
}

/** Folders above a file of C++ or CUDA of which some is shipped where it would be, too. */
const NEAR = 2;

/**
 * Python is shipped whole, so its package tells; of C++ and CUDA some folders are shipped and others
 * only built, so a neighbour must be there.
 */
function coverage(paths: readonly string[]): (path: string) => boolean {
  const folders = { c: new Set<string>(), python: new Set<string>() };
  for (const path of paths) {
    const language = languageOf(path);
    if (language === "text") continue;
    const parts = path.split("/").slice(0, -1);
    for (let from = 0; from <= Math.min(MOST_LEFT_OUT, parts.length - 1); from++)
      for (let to = from + 1; to <= parts.length; to++)
        folders[language].add(parts.slice(from, to).join("/"));
  }
  return (path) => {
    const language = languageOf(path);
    if (language === "text") return false;
    const parts = path.split("/").slice(0, -1);
    const starts = Array.from({ length: MOST_LEFT_OUT + 1 }, (_, from) => parts.slice(from));
    return starts.some((rest) => {
      if (rest.length === 0) return false;
      if (language === "python") return isPackage(rest[0]!) && folders.python.has(rest[0]!);
      return rest.length > NEAR && folders.c.has(rest.slice(0, -NEAR + 1).join("/"));
    });
  };
}

/** Folders in front of packages, which any tree has. */
const isPackage = (folder: string): boolean => folder !== "python" && folder !== "src";

/** Null for what is no regular file, or larger than any source. */
function contentOf(root: string, path: string): string | null {
  try {
    return readSideText(join(root, path));
  } catch {
    return null;
  }
}

function sourceIn(root: string, path: string): SourceText | null {
  const content = contentOf(root, path);
  return content === null ? null : sourceText(content, path);
}

const lastPart = (symbol: string): string => symbol.split(/\.|::/).pop()!;

/** Endings of files that fused paths are written in. */
const SOURCES = /\.(?:py|pyi|c|cc|cpp|cxx|cu|cuh|h|hh|hpp|hip|inl|mm)$/;

/** Folders of a checkout that hold nothing of its own. */
const NOT_OURS = /^(?:\.git|node_modules|build)$/;
const DEEPEST = 40;

async function listSources(root: string): Promise<string[]> {
  try {
    const { files } = await walkTree(root, DEEPEST, (name) => !NOT_OURS.test(name));
    return files.map(({ relative }) => relative).filter((name) => SOURCES.test(name));
  } catch (cause) {
    throw new TriageError({
      code: "lock/no-checkout",
      exit: EXIT.usage,
      message: "The checkout cannot be read.",
      place: root,
      hint: "give a folder: --checkout sglang=DIR",
      cause,
    });
  }
}

/** Of the checkout itself: a folder inside another repository has no commit of its own. */
async function commitOf(root: string): Promise<Pick<Checkout, "commit" | "date">> {
  const git = (...args: string[]) =>
    promisify(execFile)("git", ["-C", root, ...args]).then(
      ({ stdout }) => stdout.trim(),
      () => "",
    );
  const inside = await git("rev-parse", "--show-cdup");
  const [commit = "", date = ""] = (await git("log", "-1", "--format=%H %cs")).split(" ");
  if (inside !== "" || !/^[0-9a-f]{40}$/.test(commit)) return { commit: null, date: null };
  return { commit, date };
}
