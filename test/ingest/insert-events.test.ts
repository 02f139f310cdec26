import { expect, test } from "vitest";
import { insertEvents } from "../../src/ingest/files/insert-events.ts";

async function inserted(text: string, pieceSize: number): Promise<string> {
  const bytes = Buffer.from(text);
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += pieceSize) yield bytes.subarray(at, at + pieceSize);
  }
  const parts: Buffer[] = [];
  for await (const piece of insertEvents(chunks(), ['{"n":1}', ',\n{"n":2}']))
    parts.push(Buffer.from(piece));
  return Buffer.concat(parts).toString();
}

const NEW = [{ n: 1 }, { n: 2 }];

test.each([
  ["as recorders write it", '{"schemaVersion": 1, "traceEvents": [ {"o": 1}, {"o": 2} ], "x": 2}'],
  ["list last, brackets before", '{"a": [1, {"traceEvents": [3]}], "traceEvents": [{"o": "]"}]}'],
  ["a key within a text", '{"a": "\\"traceEvents\\": [", "traceEvents": [{"o": 1}]}'],
  ["an escaped key", '{"trace\\u0045vents": [{"o": 1}]}'],
  ["an empty list", '{"traceEvents": [ \n ], "x": 1}'],
])("events go in front of the file's own: %s", async (_, text) => {
  const before = JSON.parse(text) as { traceEvents: unknown[] };
  for (const size of [1, 2, 7, 1000]) {
    const after = JSON.parse(await inserted(text, size)) as { traceEvents: unknown[] };
    expect(after).toEqual({ ...before, traceEvents: [...NEW, ...before.traceEvents] });
  }
});

test("a bare list of events", async () => {
  for (const size of [1, 1000])
    expect(JSON.parse(await inserted(' [{"o": 1}]', size))).toEqual([...NEW, { o: 1 }]);
});
