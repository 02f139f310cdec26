import { statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { readTrace } from "../../src/ingest/read-trace.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { documentOf, READERS, readDocument } from "./reading.ts";

const EVENTS = 2000;
const KERNELS = Array.from({ length: EVENTS }, (_, i) => ({
  ph: "X",
  cat: "kernel",
  // Numbers that do not repeat, so that the packed text is longer than a few blocks.
  name: `kernel_${(i * 2654435761) % 4294967296}`,
  pid: 0,
  tid: 7,
  ts: 1000 + i * 3.25,
  dur: 1 + (i % 7),
  args: { device: 0, stream: 7, correlation: i },
}));
const DOCUMENT = documentOf(KERNELS);
const PACKED = gzipSync(DOCUMENT);

function fileOf(content: string | Uint8Array, name = "trace.json.gz"): string {
  return join(temporaryFolder({ [name]: content }), name);
}

describe.each(READERS)("a gzip file cut short (%s reader)", (reader) => {
  test.each([10, 50, 99])("at %i percent: everything before the cut is kept", async (percent) => {
    const length = Math.floor((PACKED.length * percent) / 100);
    const path = fileOf(PACKED.subarray(0, length));
    const { gpu, origin } = await readTrace(path, { reader });
    const expected = (EVENTS * percent) / 100;
    expect(gpu.count).toBeGreaterThan(expected * 0.6);
    expect(gpu.count).toBeLessThan(EVENTS);
    expect([...gpu.correlation]).toEqual(Array.from({ length: gpu.count }, (_, i) => i));
    expect(origin.complete).toBe(false);
    expect(origin.damage).toBe(`gzip ended early at byte ${length}`);
    expect(origin.bytes).toBe(length);
  });

  test("within its last eight bytes: nothing is missing, but that cannot be checked", async () => {
    const path = fileOf(PACKED.subarray(0, PACKED.length - 8));
    const { gpu, origin } = await readTrace(path, { reader });
    expect([gpu.count, origin.complete]).toEqual([EVENTS, false]);
  });
});

describe("gzip", () => {
  test("broken bytes in the middle end the trace there", async () => {
    const broken = Uint8Array.from(PACKED);
    broken.fill(0xff, PACKED.length / 2, PACKED.length / 2 + 64);
    const { gpu, origin } = await readTrace(fileOf(broken));
    expect(gpu.count).toBeGreaterThan(0);
    expect(gpu.count).toBeLessThan(EVENTS);
    expect(origin.damage).toMatch(/^gzip data broken near byte \d+ \(/);
  });

  test("several members one after the other are one file", async () => {
    const half = DOCUMENT.length / 2;
    const members = [DOCUMENT.slice(0, half), DOCUMENT.slice(half)].map((part) => gzipSync(part));
    const { gpu, origin } = await readTrace(fileOf(Buffer.concat(members)));
    expect([gpu.count, origin.complete]).toEqual([EVENTS, true]);
  });

  test("content tells, not the name", async () => {
    for (const name of ["trace.json", "trace", "trace.json-rank-0.gz"]) {
      expect((await readTrace(fileOf(PACKED, name))).gpu.count).toBe(EVENTS);
    }
    expect((await readTrace(fileOf(DOCUMENT, "trace.json.gz"))).gpu.count).toBe(EVENTS);
  });
});

describe("JSON cut short", () => {
  const cutAt = (marker: string, offset: number): string =>
    DOCUMENT.slice(0, DOCUMENT.indexOf(marker) + offset);
  const name900 = KERNELS[900]!.name;

  test.each([
    ["inside a string", cutAt(name900, 3), "inside a string"],
    ["inside a number", cutAt(`"ts": ${KERNELS[900]!.ts}`, 8), "inside a number"],
    ["behind a key", cutAt(name900, name900.length + 1), "inside a value"],
    ["between events", cutAt(name900, 0).replace(/\{[^{]*$/, ""), "between events"],
  ])("%s: everything before it is kept, and the place is said", async (_where, document, words) => {
    const { gpu, origin } = await readTrace(fileOf(document, "trace.json"));
    expect(gpu.count).toBe(900);
    expect(origin.damage).toBe(`JSON cut ${words} at byte ${document.length}`);
    expect(origin.complete).toBe(false);
  });

  test("behind the events", async () => {
    const document = '{"traceEvents": [], "traceName": "/tmp/x';
    const { origin } = await readTrace(fileOf(document, "trace.json"));
    expect(origin.damage).toBe(
      `JSON cut inside a string at byte ${document.length}, in the value of "traceName"`,
    );
  });
});

describe("broken elements", () => {
  const [first, second, third] = KERNELS.slice(0, 3).map((event) => JSON.stringify(event));
  const around = (broken: string): string =>
    `{"traceEvents": [${first}, ${broken}, ${second}, ${third}]}`;

  test.each([
    ["no name and no category", '{"ph": "X", "args": {"stream": 7'],
    ["no phase", '{"name": "k", "cat": "kernel", "ts": nothing}'],
    ["no object", "[1, }]"],
  ])("%s costs that element only", (_what, broken) => {
    const { trace, reader } = readDocument(around(broken));
    expect([...trace.gpu.correlation]).toEqual([0, 1, 2]);
    expect(trace.origin.unreadable).toBe(1);
    const place = `{"traceEvents": [${first}, `.length;
    expect(reader.damage).toBe(`element at byte ${place} is not valid JSON`);
  });

  const kernel = (name: string, more: string, duration = "2.5"): string =>
    `{"ph": "X", "cat": "kernel", "name": "${name}", "pid": 0, "tid": 7, "ts": 900, "dur": ${duration}, "args": {"stream": 7, "correlation": 77${more}}}`;

  test.each([
    ["a number of C++", kernel("k", ', "occupancy %": 1.#IND'), "k"],
    ["a number of glibc", kernel("k", ', "occupancy %": -nan(ind)'), "k"],
    ["a missing value", kernel("k", ', "occupancy %": , "x": 1'), "k"],
    ["a key in single quotes", kernel("k", ", 'occupancy %': 12"), "k"],
    ["a key without its first quote", kernel("k", ', occupancy": 12'), "k"],
    ["dots in a list", kernel("k", ', "Process Group Ranks": [0, 1, ..., ...]'), "k"],
    ["a path of Windows", kernel("k\\src\\model.py", ""), "k\\src\\model.py"],
    ["an escape of C", kernel("k\\x2c1", ""), "k,1"],
    ["a quote inside", kernel('k<"a">', ""), 'k<"a">'],
    ["a control character", kernel("k\nl", ""), "k\nl"],
    ["a zero byte", kernel("k\0l", ""), "k\0l"],
    ["two commas", kernel("k", ', , "x": 1'), "k"],
    ["a wrong bracket", kernel("k", ', "list": [1}'), "k"],
    ["a leading zero", kernel("k", "", "02.5"), "k"],
    ["a decimal comma", kernel("k", "", "2,5"), "k"],
  ])("%s loses nothing that is used", (_what, broken, name) => {
    for (const text of [
      around(broken),
      `{"traceEvents": [${first}, ${second}, ${third}, ${broken}]}`,
    ]) {
      const { trace, reader } = readDocument(text);
      expect([...trace.gpu.correlation].sort()).toEqual([0, 1, 2, 77]);
      const row = trace.gpu.correlation.indexOf(77);
      expect([trace.kernelNames[trace.gpu.name[row]!]!.raw, trace.gpu.duration[row]]).toEqual([
        name,
        2500,
      ]);
      expect([trace.origin.unreadable, reader.damage]).toEqual([0, null]);
    }
  });

  test("what was lost is told by kind", () => {
    const { trace, reader } = readDocument(around(kernel("k", "", "oops")));
    expect(trace.origin.losses).toEqual([{ category: "kernel", what: "duration", count: 1 }]);
    expect([reader.isCut, reader.damage]).toEqual([false, expect.stringMatching(/not valid JSON/)]);
  });

  test("broken metadata costs no event", () => {
    const events = `"traceEvents": [${first}, ${second}]`;
    for (const text of [
      `{"deviceProperties": [{"id": 0, "name": "a"b"}], ${events}}`,
      `{"a" 1, ${events}}`,
      `{"note": "never closed, ${events}}`,
      `{${events}, "note": {"x" 1}, "traceName": "y"}`,
    ]) {
      const { trace, reader } = readDocument(text);
      expect([trace.gpu.count, reader.isCut]).toEqual([2, false]);
    }
  });

  test("NaN and Infinity are no damage", () => {
    const event = JSON.stringify({ ...KERNELS[0], args: { stream: 7, correlation: 3, x: 0 } });
    const { trace, reader } = readDocument(
      around(event.replace('"x":0', '"occupancy": NaN, "bandwidth": -Infinity')),
    );
    expect([...trace.gpu.correlation]).toEqual([0, 3, 1, 2]);
    expect(reader.damage).toBeNull();
  });

  test("text behind the document is damage, for two ranks may have written one file", () => {
    const { trace, reader } = readDocument(`${around(first!)} {"traceEvents": []}`);
    expect(trace.gpu.count).toBe(4);
    expect(reader.damage).toMatch(/^data behind the end of the JSON at byte \d+$/);
  });
});

test.each(["\0".repeat(600), "\nroot@host:~# exit\n"])(
  "what a full disk or a shell left behind the document costs no event: %j",
  async (behind) => {
    for (const content of [DOCUMENT + behind, gzipSync(DOCUMENT + behind)]) {
      const { gpu, origin } = await readTrace(fileOf(content, "trace.json"));
      expect([gpu.count, origin.complete, origin.isCut]).toEqual([EVENTS, false, false]);
    }
  },
);

test("bytes behind the last gzip member cost no event", async () => {
  const { gpu, origin } = await readTrace(fileOf(Buffer.concat([PACKED, Buffer.from("garbage")])));
  expect([gpu.count, origin.isCut]).toEqual([EVENTS, false]);
  expect(origin.damage).toMatch(/gzip/);
});

test.each([
  ["times in quotes, with blanks", (ts: number) => `" ${ts}"`],
  ["times in quotes, with a decimal comma", (ts: number) => `"${String(ts).replace(".", ",")}"`],
])("%s are read by both readers", (_, spell) => {
  const text = documentOf(KERNELS.slice(0, 9)).toString();
  const quoted = text.replace(/"ts": ([\d.]+)/g, (__, ts: string) => `"ts":${spell(Number(ts))}`);
  expect(quoted).not.toBe(text);
  for (const reader of READERS) {
    const [sound, read] = [text, quoted].map((it) => readDocument(it, reader).trace);
    expect([...read!.gpu.start]).toEqual([...sound!.gpu.start]);
  }
});

test("hexadecimal ids in quotes are ids", () => {
  const text = documentOf(KERNELS.slice(0, 20)).toString();
  const hex = text.replace(
    /"correlation": (\d+)/g,
    (_, id) => `"correlation":"0x${(+id).toString(16)}"`,
  );
  expect(hex).not.toBe(text);
  expect([...readDocument(hex).trace.gpu.correlation]).toEqual([...Array(20).keys()]);
});

describe("what both readers once disagreed on", () => {
  const kernel = JSON.stringify(KERNELS[0]);

  test("a phase that is no whole character", () => {
    const text = `{"traceEvents": [{"ph": "?", "ts": 1}, ${kernel}]}`;
    const bytes = Buffer.from(text);
    bytes[text.indexOf("?")] = 0xd4;
    const [fast, reference] = READERS.map((name) => readDocument(bytes, name).trace);
    expect(fast).toEqual(reference);
  });

  test("a long number where a key belongs", () => {
    const broken = '{"ph": "X", "ts": 1, "args": {1234567890123456789 : 1}}';
    const { trace } = readDocument(`{"traceEvents": [${broken}, ${kernel}]}`);
    expect([trace.gpu.count, trace.origin.unreadable]).toEqual([1, 1]);
  });

  test.each(READERS)("an empty object is JSON (%s reader)", async (reader) => {
    await expect(readTrace(fileOf("{}", "t.json"), { reader })).rejects.toMatchObject({
      code: "trace/no-events",
    });
  });
});

describe("unusual but whole documents", () => {
  test.each([
    ["a byte order mark", `\uFEFF${DOCUMENT}`],
    ["CRLF line ends", DOCUMENT.replaceAll("\n", "\r\n")],
    ["a bare list of events", JSON.stringify(KERNELS)],
    [
      "events last and first",
      `{"a": [{"traceEvents": 1}], "traceEvents": ${JSON.stringify(KERNELS)}}`,
    ],
    ["an escaped key", DOCUMENT.replace('"traceEvents"', '"trace\\u0045vents"')],
    ["the key also as a text", DOCUMENT.replace("{", '{"note": "\\"traceEvents\\": [",')],
    ["keys in another order", documentOf(KERNELS.map((event) => reversed(event)))],
  ])("%s", (_what, document) => {
    for (const reader of READERS) {
      const reading = readDocument(document, reader);
      expect([reading.trace.gpu.count, reading.reader.damage]).toEqual([EVENTS, null]);
    }
  });

  test("escapes and surrogates spell the same text", () => {
    const event = (name: string): string =>
      `{"ph":"X","cat":"cpu_op","name":"${name}","pid":1,"tid":1,"ts":1,"dur":1}`;
    const names = ["é", "\\u00e9", "\\uD83D\\uDE00", "😀", "a\\/b", "a/b", "\\ud800"];
    const { trace } = readDocument(`{"traceEvents":[${names.map(event)}]}`);
    const texts = [...trace.ops.name].map((name) => trace.strings[name]);
    expect(texts).toEqual(["é", "é", "😀", "😀", "a/b", "a/b", "\ud800"]);
    expect(trace.ops.name[0]).toBe(trace.ops.name[1]);
  });

  test("an event longer than the reader's window", () => {
    const long = { ...KERNELS[0], args: { stream: 7, correlation: 5, x: "y".repeat(6 << 20) } };
    const document = documentOf([KERNELS[0], long, KERNELS[1]]);
    const cuts = Array.from({ length: 7 }, (_, i) => i << 20);
    const { trace, reader } = readDocument(document, "fast", cuts);
    expect([...trace.gpu.correlation].sort()).toEqual([0, 1, 5]);
    expect(reader.damage).toBeNull();
  });
});

describe("files that are something else", () => {
  test.each([
    ["PK\x03\x04....", "zip"],
    ["BZh91AY&SY", "bzip2"],
    ["\xfd7zXZ\x00\x00", "xz"],
    [`${"x".repeat(257)}ustar  `, "tar"],
    ["version https://git-lfs.github.com/spec/v1", "Git LFS"],
    ["\xff\xfe{\0", "UTF-16"],
    ["\xff\xfe\0\0{\0\0\0", "UTF-32"],
    ['{\0\0\0"\0\0\0', "UTF-32"],
    ["{'traceEvents': [{'ph': 'X'}]}", "Python object"],
    ['{"ph": "X", "ts": 1}\n{"ph": "X", "ts": 2}\n', "JSON Lines"],
    [gzipSync("x".repeat(99)).toString("base64").padEnd(99, "A"), "base64"],
    ['{\0"\0', "UTF-16"],
    ["\x0a\x12\x08\x01\x1a\x02\x00\x01", "protobuf"],
    ["<!DOCTYPE html><html>", "web page"],
    ["\x80\x04\x95", "pickle"],
  ])("%j is named", async (content, word) => {
    const bytes = Buffer.from(content, "latin1");
    for (const stored of [bytes, gzipSync(bytes)])
      await expect(readTrace(fileOf(stored))).rejects.toMatchObject({
        code: "trace/foreign-file",
        exit: 3,
        message: expect.stringContaining(word),
      });
  });

  test("packed twice", async () => {
    await expect(readTrace(fileOf(gzipSync(PACKED)))).rejects.toMatchObject({
      message: expect.stringContaining("twice"),
    });
  });
});

describe("files that are no traces", () => {
  test.each([
    ["empty", "", "trace/empty"],
    ["white space", " \n\t ", "trace/not-json"],
    ["prose", "Traceback (most recent call last):", "trace/not-json"],
    ["a JSON text", '"traceEvents"', "trace/not-json"],
    ["another document", '{"stages": [], "tool": {"name": "x"}}', "trace/no-events"],
    ["events that are no list", '{"traceEvents": {"a": 1}}', "trace/no-events"],
    ["a document cut before its events", '{"deviceProperties": [{"id"', "trace/damaged"],
    ["a list of something else", "[1, 2, 3]", "trace/no-events"],
  ])("%s", async (_what, content, code) => {
    const path = fileOf(content, "trace.json");
    await expect(readTrace(path)).rejects.toMatchObject({
      code,
      exit: 3,
      place: expect.stringContaining(path),
      hint: expect.stringMatching(/\w/),
    });
  });

  test("what is no JSON is shown by its first words", async () => {
    const path = fileOf("WARNING: stopped late\n{}", "trace.json");
    await expect(readTrace(path)).rejects.toMatchObject({
      message: `${path} is not JSON (byte 0): it begins with "WARNING: stopped late".`,
    });
  });

  test("a packed file cut within its header", async () => {
    await expect(readTrace(fileOf(PACKED.subarray(0, 12)))).rejects.toMatchObject({
      code: "trace/damaged",
      message: expect.stringContaining("gzip ended early at byte 12, before any event"),
    });
  });

  test("white space without end is given up early", async () => {
    const path = fileOf(gzipSync(Buffer.alloc(40 << 20, 0x20)));
    expect(statSync(path).size).toBeLessThan(1 << 20);
    const start = performance.now();
    await expect(readTrace(path)).rejects.toMatchObject({ code: "trace/not-json" });
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  test("a missing file and a folder", async () => {
    await expect(readTrace("no/such/file")).rejects.toMatchObject({ code: "trace/no-such-path" });
    await expect(readTrace(temporaryFolder({}))).rejects.toMatchObject({ exit: 3 });
  });
});

describe("options", () => {
  test("a limit on decoded bytes", async () => {
    await expect(readTrace(fileOf(PACKED), { maxBytes: 1000 })).rejects.toMatchObject({
      code: "trace/too-large",
      exit: 3,
    });
  });

  test("progress counts bytes of the file, and aborting rejects with the reason", async () => {
    const path = fileOf(PACKED);
    const seen: number[][] = [];
    await readTrace(path, { onProgress: (...numbers) => seen.push(numbers) });
    expect(seen.at(-1)).toEqual([PACKED.length, PACKED.length, EVENTS]);
    const reason = new Error("enough");
    await expect(readTrace(path, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test("the caller's rank counts where the trace names none", async () => {
    const { origin } = await readTrace(fileOf(PACKED), {
      rank: 3,
      rankFrom: "TP-3",
      role: "formal",
    });
    expect(origin).toMatchObject({ rank: 3, rankFrom: "TP-3", role: "formal" });
  });
});

function reversed(event: object): object {
  return Object.fromEntries(Object.entries(event).reverse());
}
