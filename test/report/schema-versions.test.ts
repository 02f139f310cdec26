import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** Paths of a schema's required fields, as far as definitions nest. */
function requiredFields(schema: unknown, path = ""): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const own = (schema as { required?: unknown }).required;
  const fields = Array.isArray(own) ? own.map((field) => `${path}.${field}`) : [];
  const inside = Object.entries(schema).flatMap(([key, value]) =>
    requiredFields(value, `${path}/${key}`),
  );
  return [...fields, ...inside];
}

/**
 * Version of the last release, and what is required today. A document of the release must be told by
 * its version, not called damaged: who makes a field required raises the version once after a
 * release, and writes the new digest here.
 */
test.each([
  ["report", 1, "04f1ff81842a"],
  ["diff", 1, "20c5a64d2823"],
  ["ranks", 1, "aa99347d803a"],
  ["explanation", 1, "caa8e2ecce3d"],
  ["rule-explanation", 1, "5ce7cf5c6902"],
] as const)("%s: what is required has a version of its own", (name, released, digest) => {
  const schema = JSON.parse(readFileSync(`references/${name}.schema.json`, "utf8"));
  expect(schema.properties.schemaVersion.const).toBeGreaterThan(released);
  const fields = requiredFields(schema).sort().join("\n");
  const found = createHash("sha256").update(fields).digest("hex").slice(0, 12);
  expect(found, "required fields changed: see the comment above").toBe(digest);
});
