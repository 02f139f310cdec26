import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import type { Report } from "../../src/model/contracts/report.ts";
import { FORMATS } from "../../src/report/formats.ts";
import { DEFAULT_RENDER_OPTIONS } from "../../src/report/renderer.ts";
import { kernel, realisticReport, report, stage, trace } from "./sample-reports.ts";
import { hostileReport, SAMPLES } from "./samples.ts";

const schema = JSON.parse(readFileSync("references/report.schema.json", "utf8"));
const validate = new Ajv2020({ strict: true, strictTypes: false, allErrors: true }).compile(schema);

function json(of: Report): string {
  return FORMATS.json(of, DEFAULT_RENDER_OPTIONS);
}

function problems(value: unknown): unknown {
  return validate(value) ? [] : validate.errors;
}

test.each(Object.entries(SAMPLES))("%s validates against the schema", (_, sample) => {
  expect(problems(JSON.parse(json(sample)))).toEqual([]);
});

test("the schema refuses a field it does not know and a field that is missing", () => {
  const { summary: _, ...short } = JSON.parse(json(realisticReport()));
  expect(problems({ ...short })).not.toEqual([]);
  expect(problems({ ...short, summary: "x", extra: 1 })).not.toEqual([]);
});

/** Fields that only reports with rules in layers or a file of settings have. */
const LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
  "#": ["settings"],
  "#/properties/rules": ["over", "off"],
};

test("every object of the schema is closed and asks for all its fields", () => {
  const open: string[] = [];
  const visit = (node: unknown, path: string): void => {
    if (typeof node !== "object" || node === null) return;
    const object = node as Record<string, unknown>;
    if (object.properties !== undefined) {
      const leftOut = LEFT_OUT[path] ?? [];
      const keys = Object.keys(object.properties as object).filter((it) => !leftOut.includes(it));
      if (object.additionalProperties !== false || String(object.required) !== String(keys))
        open.push(path);
    }
    for (const [key, inner] of Object.entries(object)) visit(inner, `${path}/${key}`);
  };
  visit(schema, "#");
  expect(open).toEqual([]);
});

test("keys come in contract order whatever order the report was built in", () => {
  const straight = realisticReport();
  const reversed = reverseKeys(straight) as Report;
  // Free-form arguments keep the order of their file.
  expect(json({ ...reversed, serverArgs: straight.serverArgs })).toBe(json(straight));
  const keys = Object.keys(schema.properties).filter((key) => !LEFT_OUT["#"]!.includes(key));
  expect(Object.keys(JSON.parse(json(straight)))).toEqual(keys);
});

function reverseKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reverseKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reverseKeys(inner)]),
  );
}

test("times keep whole nanoseconds, shares four decimals, and nothing reads -0", () => {
  const row = kernel({
    name: "k",
    totalUs: 0.1 + 0.2,
    sharePct: 100 / 3,
    avgUs: 1.00049,
    minUs: -0,
    maxUs: 123_456_789.123,
  });
  const [printed] = JSON.parse(json(report({ stages: [stage({ kernels: [row] })] }))).stages[0]
    .kernels;
  expect(printed).toMatchObject({
    totalUs: 0.3,
    sharePct: 33.3333,
    avgUs: 1,
    maxUs: 123_456_789.123,
  });
  expect(Object.is(printed.minUs, 0)).toBe(true);
});

test("fields nobody promised stay out", () => {
  const stray = { ...report(), secret: 1, traces: [{ ...trace(), inode: 7 }] } as unknown as Report;
  expect(json(stray)).toBe(json(report()));
});

describe("text", () => {
  test("two-space indent and one newline at the end", () => {
    const text = json(report());
    expect(text).toMatch(/^\{\n {2}"schemaVersion": 3,\n/);
    expect(text).toMatch(/[^\n]\n$/);
  });

  test("hostile names come back exactly, though the bytes hold no control or invisible character", () => {
    const text = json(hostileReport());
    expect(text).not.toMatch(/[^\P{Cc}\n]|[\p{Cf}\p{Cs}\u2028\u2029]/u);
    const names = JSON.parse(text).stages[0].kernels.map(({ name }: { name: string }) => name);
    expect(names).toEqual(hostileReport().stages[0]!.kernels.map(({ name }) => name));
  });
});
