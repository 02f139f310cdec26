import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

const DECLARED =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|const enum|const|let|class|interface|type|enum) ([\w$]+)/gm;
const LISTED = /^export (?:type )?\{([^}]*)\}/gm;
const IMPORTED =
  /(?:import|export)\s+(?:type\s+)?(?:\{([^}]*)\}|\*(?: as [\w$]+)?)\s+from\s+"(\.[^"]+)"/g;
const LOADED = /import\("(\.[^"]+)"\)/g;

/** Paths of the TypeScript files below a folder, from the repository's root. */
export function typescriptBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(folder, name))
    .sort();
}

/** What a module exports, by name. */
export function exportsOf(text: string): readonly string[] {
  const declared = [...text.matchAll(DECLARED)].map(([, name = ""]) => name);
  const listed = [...text.matchAll(LISTED)].flatMap(([, names = ""]) => namesIn(names, "exported"));
  return [...declared, ...listed];
}

/** What a module takes from others of ours: path and name; "*" for all of them. */
export function importsOf(
  path: string,
  text: string,
): readonly (readonly [path: string, name: string])[] {
  const target = (to: string): string => normalize(join(dirname(path), to));
  const named = [...text.matchAll(IMPORTED)].flatMap(([, names, to = ""]) =>
    (names === undefined ? ["*"] : namesIn(names, "imported")).map(
      (name) => [target(to), name] as const,
    ),
  );
  // Of a module that is loaded later any name that is written somewhere may be meant.
  const words = new Set(text.match(/[\w$]+/g));
  const loaded = [...text.matchAll(LOADED)].flatMap(([, to = ""]) =>
    [...words].map((name) => [target(to), name] as const),
  );
  return [...named, ...loaded];
}

/** `a, type B, c as d` → a, B and c (imported) or d (exported). */
function namesIn(list: string, side: "imported" | "exported"): readonly string[] {
  return list
    .split(",")
    .map((one) =>
      one
        .trim()
        .replace(/^type /, "")
        .split(" as "),
    )
    .map((names) => (side === "imported" ? names[0]! : names.at(-1)!))
    .filter((name) => name !== "");
}

export const readText = (path: string): string => readFileSync(path, "utf8");
