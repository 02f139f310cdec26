import { type Dirent, promises as fs, type Stats } from "node:fs";
import { join, sep } from "node:path";
import { compareText } from "../compare-text.ts";

/** Entries looked at; a run, a checkout or a rule base has a tenth of it at most. */
const MOST_ENTRIES = 200_000;

interface TreeFile {
  readonly path: string;
  /** Path below the folder walked, with `/`. */
  readonly relative: string;
  readonly stats: Stats;
}

/** What a walk did not look at, and why. */
export interface LeftOut {
  readonly path: string;
  readonly reason: string;
}

/**
 * Every file below a folder, by path in code-unit order. A walk ends: links to files are followed,
 * those to folders only within the tree, each folder is entered once, and what lies too deep or
 * comes after too many others is told instead. What may not be read is passed over: only the folder
 * itself must be readable.
 *
 * @param deepest folders below the root that are entered
 * @param isMeant names that are looked at
 * @throws the system's error where the folder itself cannot be read
 */
export async function walkTree(
  root: string,
  deepest: number,
  isMeant: (name: string) => boolean,
  most = MOST_ENTRIES,
): Promise<{ readonly files: TreeFile[]; readonly left: LeftOut[] }> {
  const files: TreeFile[] = [];
  const left: LeftOut[] = [];
  const entered = new Set<string>();
  const home = await fs.realpath(root);
  let seen = 0;
  const enter = async (folder: string, relative: string, depth: number): Promise<void> => {
    const real = await fs.realpath(folder);
    if (entered.has(real)) return;
    if (real !== home && !real.startsWith(home.endsWith(sep) ? home : home + sep)) {
      left.push({ path: folder, reason: "a link out of the folder; name it to have it read" });
      return;
    }
    entered.add(real);
    for (const { name } of await entriesOf(folder, depth)) {
      if (!isMeant(name)) continue;
      if (seen++ === most)
        left.push({
          path: root,
          reason: `holds more than ${most} entries; the others were not looked at`,
        });
      if (seen > most) return;
      const path = join(folder, name);
      const below = relative === "" ? name : `${relative}/${name}`;
      const stats = await fs.stat(path).catch(() => null);
      if (stats?.isFile()) files.push({ path, relative: below, stats });
      if (!stats?.isDirectory()) continue;
      if (depth < deepest) await enter(path, below, depth + 1);
      else left.push({ path, reason: `lies more than ${deepest} folders deep` });
    }
  };
  await enter(root, "", 0);
  return { files: files.sort((a, b) => compareText(a.relative, b.relative)), left };
}

async function entriesOf(folder: string, depth: number): Promise<Dirent[]> {
  try {
    const entries = await fs.readdir(folder, { withFileTypes: true });
    return entries.sort((a, b) => compareText(a.name, b.name));
  } catch (error) {
    if (depth === 0) throw error;
    return [];
  }
}
