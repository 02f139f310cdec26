import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileScan } from "../../scripts/compile-scan.ts";
import { TextTable } from "../../src/ingest/columns/text-table.ts";
import { Scanner } from "../../src/ingest/reader/scanner.ts";
import { documentOf, readDocument } from "./reading.ts";

const CODE = new URL("../../src/ingest/scan.wasm", import.meta.url);

test("the code that is run is what the sources compile to (npm run scan)", async () => {
  expect(Buffer.from(await compileScan()).equals(readFileSync(CODE))).toBe(true);
});

/** Frames of one thread with these names and times, read as whole documents are. */
function framesOf(rows: readonly { name?: string; ts?: string; dur?: string }[]) {
  const events = rows.map(
    ({ name = "f", ts = "1", dur = "1" }) =>
      `{"ph": "X", "cat": "python_function", "name": ${JSON.stringify(name)}, "pid": 1, ` +
      `"tid": 2, "ts": ${ts}, "dur": ${dur}, "args": {"Python id": 7}}`,
  );
  const document = `{"traceEvents": [\n${events.join(",\n")}\n]}`;
  return {
    fast: readDocument(document, "fast").trace,
    slow: readDocument(document, "reference").trace,
  };
}

describe("what the scanner reads is what the reference reader reads", () => {
  test("names of any length, one the beginning of another", () => {
    const name = fc.string({ unit: fc.constantFrom("a", "b", "\\", "ü"), maxLength: 70 });
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 40 }), (names) => {
        const { fast, slow } = framesOf(names.map((text) => ({ name: text })));
        expect([...fast.frames.name].map((id) => fast.strings[id])).toEqual(names);
        expect(fast.frames).toEqual(slow.frames);
      }),
      { numRuns: 60 },
    );
  });

  test("numbers of any length and fraction", () => {
    const digits = fc.string({ unit: fc.constantFrom(..."0123456789"), maxLength: 22 });
    const number = fc
      .tuple(fc.constantFrom("", "-"), fc.bigInt({ min: 0n, max: 10n ** 20n }), digits)
      .map(([sign, whole, rest]) => `${sign}${whole}${rest === "" ? "" : `.${rest}`}`);
    const small = fc
      .tuple(fc.nat(99_999_999), digits)
      .map(([whole, rest]) => `${whole}${rest === "" ? "" : `.${rest}`}`);
    const row = fc.record({ ts: fc.oneof(small, number), dur: fc.oneof(small, number) });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 20 }), (rows) => {
        const { fast, slow } = framesOf(rows);
        expect(fast.frames).toEqual(slow.frames);
        expect(fast.baseUs).toBe(slow.baseUs);
        expect(fast.origin).toEqual(slow.origin);
      }),
      { numRuns: 200 },
    );
  });

  test("more process ids than layouts are kept for, and negative ones", () => {
    const events = Array.from({ length: 400 }, (_, i) => ({
      ph: "X",
      cat: "python_function",
      name: "f",
      pid: (i * 7919) % 97,
      tid: -1 - ((i * 31) % 130),
      ts: i,
      dur: 1,
    }));
    const document = documentOf(events);
    const fast = readDocument(document, "fast").trace;
    expect(fast.threads).toEqual(readDocument(document, "reference").trace.threads);
    expect(fast.threads.length).toBeGreaterThan(100);
  });
});

test("thousands of names keep their ids and are decoded once each, while memory grows", () => {
  const table = new TextTable();
  const idOf = table.idOf.bind(table);
  let decoded = 0;
  table.idOf = (text) => {
    decoded++;
    return idOf(text);
  };
  const scanner = new Scanner(table);
  const names = Array.from({ length: 30_000 }, (_, i) => `module_${i % 1700}.py(${i}): f`);
  const text = [...names, ...names].map((name) => `{"ph":"X","name":"${name}"},\n`).join("");
  const bytes = Buffer.from(`${text}\0`);
  const address = scanner.resizeWindow(0, bytes.length + 32);
  new Uint8Array(scanner.memory).set(bytes, address);

  const ids: number[] = [];
  const row = { name: 0 } as Parameters<Scanner["takeRow"]>[1];
  let at = address;
  do {
    at = scanner.scan(at, address + bytes.length - 1);
    for (let i = 0; i < scanner.rowCount; i++) {
      scanner.takeRow(i, row);
      ids.push(row.name);
    }
  } while (scanner.isBatchFull);

  expect(at).toBe(address + bytes.length - 1);
  expect(ids.map((id) => table.text(id))).toEqual([...names, ...names]);
  expect(decoded).toBe(names.length);
});
