import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TraceBuilder } from "../../src/ingest/columns/trace-builder.ts";
import { newEventRow } from "../../src/ingest/events/event-row.ts";
import { readTrace } from "../../src/ingest/read-trace.ts";
import { rowFromObject } from "../../src/ingest/reader/row-from-object.ts";
import type { Trace } from "../../src/model/trace/trace.ts";
import { hasSharedTraces, sharedTraces } from "../support/shared-traces.ts";
import { randomDocument } from "./random-documents.ts";
import { documentOf, readDocument } from "./reading.ts";

const RUNS = Number(process.env.DIFFERENTIAL_RUNS ?? 300);
const cuts = fc.array(fc.nat(), { maxLength: 6 });

describe("the fast reader against stream-json", () => {
  test("any document in any chunks gives the same trace", () => {
    const documents = randomDocument({ nan: true });
    fc.assert(
      fc.property(documents, cuts, (document, places) => {
        const fast = readDocument(document, "fast", places);
        const reference = readDocument(document, "reference", places);
        expect(fast.trace).toEqual(reference.trace);
        expect(fast.reader.damage).toBeNull();
        expect(fast.reader.head).toEqual(reference.reader.head);
      }),
      { numRuns: RUNS },
    );
  });

  test("a document cut at any byte gives the same events up to there", () => {
    const documents = randomDocument({ nan: false });
    fc.assert(
      fc.property(documents, fc.nat(), cuts, (document, place, places) => {
        const bytes = Buffer.from(document);
        const half = bytes.subarray(0, place % (bytes.length + 1));
        const fast = readDocument(half, "fast", places);
        const reference = readDocument(half, "reference", places);
        expect(columnsOf(fast.trace)).toEqual(columnsOf(reference.trace));
        expect(fast.reader.sawEvents).toBe(reference.reader.sawEvents);
        // Before the list of events a cut document is no trace, whatever it is called.
        fc.pre(fast.reader.sawEvents);
        expect(fast.reader.damage === null).toBe(reference.reader.damage === null);
      }),
      { numRuns: RUNS },
    );
  });
});

test("more threads, arguments and orders than layouts are kept for", () => {
  const event = (i: number): object => {
    const keys = Object.entries({
      ph: "X",
      cat: i % 3 === 0 ? "kernel" : "cpu_op",
      name: `name ${i % 41}`,
      pid: i % 7,
      tid: i % 97,
      ts: i + 0.25,
      dur: 1,
      args: { "External id": i, [`only ${i}`]: i, stream: i % 53, device: i % 5, correlation: i },
    });
    const from = (i * 7) % keys.length;
    return Object.fromEntries([...keys.slice(from), ...keys.slice(0, from)]);
  };
  const document = documentOf(Array.from({ length: 6000 }, (_, i) => event(i)));
  const fast = readDocument(document, "fast", [100_000, 700_001]);
  const reference = readDocument(document, "reference");
  expect(sameValue(fast.trace, reference.trace)).toBe(true);
  expect(fast.trace.threads.length).toBe(7 * 97);
});

describe("both readers against JSON.parse", () => {
  test("any document that JSON.parse takes gives the same trace", () => {
    fc.assert(
      fc.property(randomDocument({ nan: false }), (document) => {
        // Numbers of more digits than a double has are what JSON.parse cannot tell.
        fc.pre(!/\d[\d.]{14}/.test(document));
        const parsed = byJsonParse(document.replace(/^\uFEFF/, ""));
        expect(columnsOf(readDocument(document).trace)).toEqual(columnsOf(parsed));
      }),
      { numRuns: RUNS },
    );
  });
});

describe.skipIf(!hasSharedTraces)("real traces (needs ../shared/traces)", () => {
  test.each(sharedTraces())("%s", { timeout: 120_000 }, async (path) => {
    const fast = await readTrace(path);
    const reference = await readTrace(path, { reader: "reference" });
    expect(fast.origin.complete).toBe(true);
    for (const key of Object.keys(reference) as (keyof Trace)[]) {
      // One comparison a column: a failing `toEqual` of all would print them all.
      expect([key, sameValue(fast[key], reference[key])]).toEqual([key, true]);
    }
  });
});

/** Everything but the words about the damage, which the readers choose themselves. */
function columnsOf(trace: Trace): unknown {
  return { ...trace, origin: { ...trace.origin, complete: null, bytes: null } };
}

function sameValue(a: unknown, b: unknown): boolean {
  if (a instanceof Float64Array && b instanceof Float64Array) return sameNumbers(a, b);
  if (typeof a !== "object" || a === null || typeof b !== "object" || b === null) return a === b;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) =>
    sameValue((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
  );
}

function sameNumbers(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((number, row) => Object.is(number, b[row]));
}

function byJsonParse(document: string): Trace {
  const builder = new TraceBuilder();
  const parsed = JSON.parse(document) as unknown;
  const head = Array.isArray(parsed) ? {} : (parsed as Record<string, unknown>);
  const { traceEvents, ...rest } = head;
  const row = newEventRow();
  for (const element of Array.isArray(parsed) ? parsed : (traceEvents as unknown[])) {
    if (rowFromObject(row, element, builder.texts)) builder.add(row);
    else builder.addUnreadable();
  }
  const origin = { path: "memory", role: "input", rank: null, rankFrom: null } as const;
  return builder.finish({ ...origin, bytes: 0, complete: true, damage: null, isCut: false }, rest);
}

test.each([
  // The last bracket closes a list within the element: it was cut there, not broken.
  '[{"args":{"correlation":[{}]',
  // What looks like an event stands in such a list.
  '[{"args":{"correlation":[{},{"ts": 0}',
])("a document cut behind %s has no event", (document) => {
  const { trace, reader } = readDocument(document, "fast", []);
  expect(trace.origin.events).toBe(0);
  expect(reader.damage).not.toBeNull();
});
