import { readdirSync, readFileSync } from "node:fs";
import { sha256 } from "../base/sha256.ts";

/** What the build found: in a bundle the sources are no longer to be told apart. */
declare const BUILT_FINGERPRINT: string | undefined;

/**
 * Hash over the code that turns texts into rule sets. It changes with every change of the compiler,
 * so there is no version number to forget.
 */
export function compilerFingerprint(): string {
  return typeof BUILT_FINGERPRINT === "string" ? BUILT_FINGERPRINT : fingerprintOfSources();
}

/** The sources are this folder, the model, its tools, and what lies below them. */
export function fingerprintOfSources(): string {
  return sha256(
    ["./", "../model/", "../base/"].flatMap((folder) => {
      const url = new URL(folder, import.meta.url);
      const names = readdirSync(url, { recursive: true, encoding: "utf8" })
        .map((name) => name.replaceAll("\\", "/"))
        .filter((name) => name.endsWith(".ts"));
      return names.sort().map((name) => readFileSync(new URL(name, url), "utf8"));
    }),
  );
}
