import { copyFileSync, mkdirSync, readdirSync } from "node:fs";
import type { Metafile } from "esbuild";

/** Puts the licence of every package that went into a bundle beside it, as all of them ask for. */
export function copyLicences({ inputs }: Metafile, folder: string): void {
  const packages = Object.keys(inputs).flatMap(
    (path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [],
  );
  mkdirSync(folder, { recursive: true });
  for (const name of new Set(packages)) {
    const file = readdirSync(`node_modules/${name}`).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${name} comes without its licence`);
    copyFileSync(`node_modules/${name}/${file}`, `${folder}/${name.replace("/", "-")}.txt`);
  }
}
