import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { loadRules } from "../../../src/dsl/load-rules.ts";
import { writePack } from "../../../src/dsl/pack.ts";
import { makePackFolder, packFolder } from "../../../src/pipeline/inputs/pack-place.ts";
import { loadRuleBase, PACK_NAME } from "../../../src/pipeline/inputs/rule-base.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const RULES = { "lib/a.fuse": 'fuse 1\n\nlet a = name "*a*"\n\ncategory a "A" = a\n' };

test("packs of our own rules lie beside them, all others in the user's cache", () => {
  const cache = temporaryFolder({});
  const env = { XDG_CACHE_HOME: cache };
  expect(packFolder("rules", env)).toBe("rules");
  const foreign = temporaryFolder(RULES);
  expect(packFolder(foreign, env)).toBeNull();
  const made = makePackFolder(foreign, env)!;
  expect(made.startsWith(cache)).toBe(true);
  expect(packFolder(foreign, env)).toBe(made);
  expect(packFolder(temporaryFolder(RULES), env)).toBeNull();
});

test("a cache that others may write to is not believed", () => {
  const foreign = temporaryFolder(RULES);
  const env = { XDG_CACHE_HOME: temporaryFolder({}) };
  chmodSync(makePackFolder(foreign, env)!, 0o777);
  expect(packFolder(foreign, env)).toBeNull();
});

test("a pack beside rules from elsewhere never replaces them, however it fits", async () => {
  const root = temporaryFolder(RULES);
  const { ruleSet } = await loadRules(root);
  const forged = { ...ruleSet, categories: [{ id: "forged", title: "Forged", class: 0 }] };
  await writePack({ ruleSet: forged, diagnostics: [] }, join(root, PACK_NAME));
  vi.stubEnv("XDG_CACHE_HOME", temporaryFolder({}));
  const loaded = await loadRuleBase({ rulesPath: root });
  vi.unstubAllEnvs();
  expect(loaded.ruleSet.categories.map(({ id }) => id)).toEqual(
    ruleSet.categories.map(({ id }) => id),
  );
});

test("what a pack says is taken only in the shape of a rule set", async () => {
  const root = temporaryFolder(RULES);
  const { ruleSet } = await loadRules(root);
  const env = { XDG_CACHE_HOME: temporaryFolder({}) };
  const folder = makePackFolder(root, env)!;
  const { readPack } = await import("../../../src/dsl/pack.ts");
  const file = join(folder, PACK_NAME);
  for (const wrong of [
    { classes: [{ name: "a", expr: { kind: "class", class: 99 } }] },
    { categories: [{ id: 7, title: "x", class: 0 }] },
    { repos: [] },
  ]) {
    await writePack({ ruleSet: { ...ruleSet, ...wrong } as never, diagnostics: [] }, file);
    expect(readPack(file, ruleSet.digest)).toBeNull();
  }
  await writePack({ ruleSet, diagnostics: [] }, file);
  expect(readPack(file, ruleSet.digest)).not.toBeNull();
  writeFileSync(file, "");
  expect(readPack(file, ruleSet.digest)).toBeNull();
});
