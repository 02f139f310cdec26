import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import {
  loadPolicies,
  POLICY_PACK_NAME,
  writePolicyPack,
} from "../../../src/pipeline/inputs/policies.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const FUSE = readFileSync("rules/policy/fuse.yaml", "utf8");
const OVERLAP = readFileSync("rules/policy/overlap.yaml", "utf8");

let root: string;
beforeEach(() => {
  root = temporaryFolder({ "policy/fuse.yaml": FUSE, "policy/overlap.yaml": OVERLAP });
});

const packText = () => readFileSync(join(root, POLICY_PACK_NAME), "utf8");

describe("a pack of policies", () => {
  test("gives what the texts give", async () => {
    const fromTexts = await loadPolicies([root], root);
    await writePolicyPack(root, root);
    expect(await loadPolicies([root], root)).toEqual(fromTexts);
    expect(fromTexts.fuse).not.toBeNull();
    expect(fromTexts.similarity).toBeNull();
  });

  test("is what is read while its text is the same", async () => {
    await writePolicyPack(root, root);
    const marked = packText().replace(/"name":"[^"]*"/, '"name":"from the pack"');
    writeFileSync(join(root, POLICY_PACK_NAME), marked);
    expect(JSON.stringify(await loadPolicies([root], root))).toContain("from the pack");
  });

  test("is passed over for a text that has changed since", async () => {
    await writePolicyPack(root, root);
    writeFileSync(join(root, "policy/fuse.yaml"), "rules: 7\n");
    const { fuse, overlap, diagnostics } = await loadPolicies([root], root);
    expect(fuse).toBeNull();
    expect(diagnostics.length).toBeGreaterThan(0);
    expect(overlap).not.toBeNull();
  });

  test.each(["", "{", '{"schema":"of another version","policies":{}}'])(
    "that cannot be used is as if it were not there: %s",
    async (text) => {
      const fromTexts = await loadPolicies([root], root);
      writeFileSync(join(root, POLICY_PACK_NAME), text);
      expect(await loadPolicies([root], root)).toEqual(fromTexts);
    },
  );

  test("holds no policy that has remarks", async () => {
    writeFileSync(join(root, "policy/fuse.yaml"), "rules: 7\n");
    await writePolicyPack(root, root);
    expect(Object.keys(JSON.parse(packText()).policies)).toEqual(["overlap"]);
  });
});
