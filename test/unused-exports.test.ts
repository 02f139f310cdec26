import { expect, test } from "vitest";
import { exportsOf, importsOf, readText, typescriptBelow } from "./support/module-exports.ts";

/** What these export is for others than our own modules: users of the library, WebAssembly. */
const ENTRIES: readonly string[] = ["src/index.ts", "src/ingest/scan/index.ts"];

test("what src exports is imported somewhere else", () => {
  const texts = new Map(
    ["src", "test", "scripts"].flatMap(typescriptBelow).map((path) => [path, readText(path)]),
  );
  const used = new Set(
    [...texts].flatMap(([path, text]) =>
      importsOf(path, text).map(([to, name]) => `${to} ${name}`),
    ),
  );
  const unused = [...texts]
    .filter(([path]) => path.startsWith("src/") && !ENTRIES.includes(path))
    .flatMap(([path, text]) => exportsOf(text).map((name) => `${path} ${name}`))
    .filter((one) => !used.has(one) && !used.has(`${one.split(" ")[0]} *`));
  expect(unused).toEqual([]);
});

test("exports and imports are told in every spelling of ours", () => {
  const text = `export async function* walk() {}
export type { Kept, a as b } from "./other.ts";
export const ONE = 1;
function own() {}`;
  expect(exportsOf(text)).toEqual(["walk", "ONE", "Kept", "b"]);
  const importing = `import one, { type A, b as c } from "../x/y.ts";
import * as all from "./all.ts";
export { d } from "./d.ts";
const { later } = await import("./later.ts");`;
  const found = importsOf("src/x/z.ts", importing).map(([to, name]) => `${to} ${name}`);
  expect(found).toEqual(
    expect.arrayContaining(["src/x/all.ts *", "src/x/d.ts d", "src/x/later.ts later"]),
  );
  expect(importsOf("src/x/z.ts", 'import { type A, b as c } from "../x/y.ts";')).toEqual([
    ["src/x/y.ts", "A"],
    ["src/x/y.ts", "b"],
  ]);
});
