import { existsSync, readdirSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { packageFile } from "../base/files/package-files.ts";
import { nearestWord } from "../base/nearest.ts";
import { liesIn, wallIn } from "../base/reading-wall.ts";
import { EXIT, TriageError } from "../model/errors.ts";

/** Where paths count from and what may be read. */
export interface Paths {
  /** @throws {TriageError} mcp/outside-roots, mcp/no-such-path, mcp/no-such-example */
  resolve(path: string): string;
  readonly roots: readonly string[];
}

const EXAMPLE = "example:";

/** What of this package is read while it works. */
const OURS = ["dist", "examples", "references", "rules"];

/**
 * Paths of traces and reports within these folders, links resolved; `example:NAME` is one that comes
 * with the package. Raises the wall around everything this process reads from now on.
 *
 * @param roots folders that may be read
 * @param besides folders that the server itself needs, which no caller may name: rules, settings
 * @throws {TriageError} mcp/no-such-root
 */
export function openPaths(roots: readonly string[], besides: readonly string[]): Paths {
  const real = roots.map(realRoot);
  const ours = OURS.map((path) => fileURLToPath(packageFile(path)));
  const needed = [...ours, ...besides]
    .filter((path) => existsSync(path))
    .map((it) => realpathSync(it));
  wallIn([...real, ...needed]);
  return {
    roots: real,
    resolve: (path) =>
      path.startsWith(EXAMPLE) ? examplePath(path.slice(EXAMPLE.length)) : within(path, real),
  };
}

function realRoot(root: string): string {
  try {
    return realpathSync(root);
  } catch (cause) {
    throw new TriageError({
      code: "mcp/no-such-root",
      exit: EXIT.usage,
      message: `The root ${root} does not exist.`,
      place: root,
      hint: "Name folders that are there with --root.",
      cause,
    });
  }
}

/** From the first root in which there is such a path; absolute ones count as they are. */
function within(path: string, roots: readonly string[]): string {
  const spelled = path.startsWith("~/") ? join(homedir(), path.slice(2)) : path;
  const tried = roots.map((root) => resolve(root, spelled));
  const found = tried.find((one) => existsSync(one));
  if (found === undefined) {
    // What lies outside is not told apart from what is not there.
    if (!tried.some((one) => liesIn(one, roots))) throw outside(path, roots);
    throw new TriageError({
      code: "mcp/no-such-path",
      exit: EXIT.unreadable,
      message: `There is no ${path} in ${roots.join(", ")}.`,
      place: path,
      hint: `Paths count from there. ${neighbours(tried[0]!, roots)}`,
    });
  }
  const real = realpathSync(found);
  if (!liesIn(real, roots)) throw outside(path, roots);
  const near = relative(process.cwd(), real);
  return near !== "" && !near.startsWith("..") ? near : real;
}

/** What lies beside it: the usual fault is a letter. */
function neighbours(path: string, roots: readonly string[]): string {
  const folder = resolve(path, "..");
  if (!existsSync(folder) || !liesIn(realpathSync(folder), roots)) return "";
  const names = readdirSync(folder).filter((name) => !name.startsWith("."));
  const near = nearestWord(path.slice(folder.length + 1), names);
  if (near !== null) return `Did you mean ${near}?`;
  const MOST = 12;
  const more = names.length > MOST ? ` and ${names.length - MOST} more` : "";
  return names.length === 0 ? "" : `Beside it: ${names.slice(0, MOST).join(", ")}${more}.`;
}

const outside = (path: string, roots: readonly string[]): TriageError =>
  new TriageError({
    code: "mcp/outside-roots",
    exit: EXIT.usage,
    message: `${path} lies outside the folders this server may read.`,
    place: path,
    hint: `They are ${roots.join(", ")}; whoever starts the server adds one with --root.`,
  });

function examplePath(name: string): string {
  const root = fileURLToPath(packageFile("examples"));
  const path = join(root, name);
  const names = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  if (names.includes(name.split("/")[0] ?? "") && existsSync(path) && liesIn(path, [root]))
    return path;
  throw new TriageError({
    code: "mcp/no-such-example",
    exit: EXIT.usage,
    message: `No example is called ${name}.`,
    hint: `There are ${names.map((one) => EXAMPLE + one).join(", ")}.`,
  });
}
