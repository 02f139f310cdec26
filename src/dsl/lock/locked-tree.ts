import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { EXIT, TriageError } from "../../model/errors.ts";
import type { Checkout } from "./checkout.ts";
import { findSymbol, type SourceText, sourceText } from "./find-symbol.ts";

/** Files of git are longer than the buffer of a child process by default. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * The files of one commit, whatever is checked out: read from git, nothing is moved or written.
 *
 * @throws {TriageError} lock/no-commit when the folder is no git checkout or lacks the commit.
 */
export async function openLockedTree(root: string, commit: string): Promise<Checkout> {
  const git = (...args: string[]) =>
    promisify(execFile)("git", ["-C", root, ...args], { maxBuffer: MOST_BYTES }).then(
      ({ stdout }) => stdout,
      () => null,
    );
  if ((await git("cat-file", "-e", `${commit}^{commit}`)) === null) throw noCommit(root, commit);
  const date = (await git("log", "-1", "--format=%cs", commit))?.trim() ?? null;
  const known = new Map<string, Promise<SourceText | null>>();
  const open = (path: string): Promise<SourceText | null> => {
    let text = known.get(path);
    if (text === undefined) {
      text = git("show", `${commit}:${path}`).then((content) =>
        content === null ? null : sourceText(content, path),
      );
      known.set(path, text);
    }
    return text;
  };
  const filesWith = async (word: string): Promise<readonly string[]> => {
    const found = await git("grep", "-l", "-F", "-e", word, commit);
    return (found ?? "")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.slice(commit.length + 1));
  };
  return {
    root,
    commit,
    date,
    open,
    covers: () => true,
    async definers(symbols) {
      const found = new Map<string, readonly string[]>();
      for (const symbol of symbols) {
        const places: string[] = [];
        for (const path of await filesWith(symbol.split(/\.|::/).pop()!)) {
          const source = await open(path);
          if (source !== null && findSymbol(source, symbol) === "defined") places.push(path);
        }
        found.set(symbol, places.sort());
      }
      return found;
    },
    async mentioned(words) {
      const found = new Set<string>();
      for (const word of words) if ((await filesWith(word)).length > 0) found.add(word);
      return found;
    },
  };
}

const noCommit = (root: string, commit: string): TriageError =>
  new TriageError({
    code: "lock/no-commit",
    exit: EXIT.usage,
    message: `The folder has no commit ${commit.slice(0, 12)}, which the lock speaks of.`,
    place: root,
    hint: `give a git checkout that has it: git -C ${root} fetch origin ${commit}`,
  });
