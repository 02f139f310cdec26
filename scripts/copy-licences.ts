import { copyFileSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import type { Metafile } from "esbuild";

/** Ships in one file that holds what it depends on, too. */
const ONE_FILE = "chevrotain";

/** Puts the licence of every package that went into a bundle beside it, as all of them ask for. */
export function copyLicences({ inputs }: Metafile, folder: string): void {
  const packages = Object.keys(inputs).flatMap(
    (path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [],
  );
  const within = packages.includes(ONE_FILE) ? dependenciesOf(ONE_FILE) : [];
  for (const name of new Set([...packages, ...within])) copyLicence(name, folder);
}

/** @throws {Error} for a package without a licence file: what has none may not be passed on */
export function copyLicence(name: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const file = readdirSync(`node_modules/${name}`).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`${name} comes without its licence`);
  copyFileSync(`node_modules/${name}/${file}`, `${folder}/${name.replace("/", "-")}.txt`);
}

function dependenciesOf(name: string): string[] {
  const { dependencies } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8"));
  return Object.keys(dependencies);
}
