import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";

/** What the build found: in a bundle the sources are no longer to be told apart. */
declare const BUILT_FINGERPRINT: string | undefined;

/**
 * Hash over the code that turns texts into rule sets. It changes with every change of the compiler,
 * so there is no version number to forget.
 */
export function compilerFingerprint(): string {
  return typeof BUILT_FINGERPRINT === "string" ? BUILT_FINGERPRINT : fingerprintOfSources();
}

/** The sources are this folder and the model. */
export function fingerprintOfSources(): string {
  const hash = createHash("sha256");
  for (const folder of ["./", "../model/"]) {
    const url = new URL(folder, import.meta.url);
    for (const name of readdirSync(url).sort())
      if (name.endsWith(".ts")) hash.update(readFileSync(new URL(name, url)));
  }
  return hash.digest("hex");
}
