import { describe, expect, test } from "vitest";
import { readYaml } from "../../src/base/files/read-yaml.ts";
import { parseMatrixConfig } from "../../src/capture/matrix/matrix-config.ts";
import { parseSourceLock } from "../../src/dsl/source-lock.ts";
import { parsePolicy } from "../../src/engine/policy/parse-policy.ts";

const BOMB = Array.from({ length: 12 }, (_, i) =>
  i === 0
    ? "a0: &a0 [x]"
    : `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(", ")}]`,
).join("\n");

describe.each([
  ["aliases of aliases", BOMB],
  ["nested without end", "[".repeat(200_000)],
  ["of lists in lists in one line", "- ".repeat(50_000)],
  ["far too long", `x: ${"y".repeat(5 << 20)}`],
])("a YAML text %s", (_what, text) => {
  test("is a fault with a place in every file that is read", () => {
    const remarks = [
      parsePolicy(text, "policy.yaml"),
      parseSourceLock(text, "sources.lock.yaml"),
      parseMatrixConfig(text, "matrix.yaml"),
    ].map(({ diagnostics }) => diagnostics);
    for (const found of remarks) {
      expect(found.length).toBeGreaterThan(0);
      for (const { severity, message } of found) {
        expect(severity).toBe("error");
        expect(message).toMatch(/\w/);
      }
    }
  });
});

test("an alias or two are no fault", () => {
  expect(readYaml("a: &x [1]\nb: *x\n", {})).toMatchObject({ value: { a: [1], b: [1] } });
});
