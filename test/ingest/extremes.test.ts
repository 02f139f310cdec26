import { execFileSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { createGzip, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { refuseDiffusersRuns } from "../../src/capture/diffusion-gate.ts";
import { LONGEST_TEXT, TextTable } from "../../src/ingest/columns/text-table.ts";
import { findTraces } from "../../src/ingest/find-traces.ts";
import { readTrace } from "../../src/ingest/read-trace.ts";
import { kernelName } from "../../src/names/kernel-name.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { READERS, readDocument } from "./reading.ts";

const EVENT = { ph: "X", cat: "kernel", name: "k", pid: 0, tid: 7, ts: 1, dur: 1 };
const KERNEL = JSON.stringify({ ...EVENT, args: { device: 0, stream: 7 } });

function document(element: string, head = ""): string {
  return `{${head}"traceEvents": [${KERNEL}, ${element}, ${KERNEL}]}`;
}

function quick<T>(work: () => T): T {
  const start = performance.now();
  const result = work();
  expect(performance.now() - start).toBeLessThan(8000);
  return result;
}

const nest = (depth: number, inside = ""): string => "[".repeat(depth) + inside + "]".repeat(depth);

describe.each(READERS)("documents beyond all measure (%s reader)", (reader) => {
  test.each([
    ["an argument nobody reads", `{"ph": "X", "ts": 1, "args": {"x": ${nest(100_000)}}}`],
    ["an argument that is kept", `{"ph": "X", "ts": 1, "args": {"grid": ${nest(100_000)}}}`],
    [
      "an argument that is kept, in an event with an escape",
      `{"ph": "\\u0058", "ts": 1, "args": {"Input Dims": ${nest(20_000)}}}`,
    ],
    [
      "a collective",
      `{"ph": "X", "ts": 1, "args": {"Collective name": "x", "dtype": ${nest(20_000)}}}`,
    ],
    ["an element", nest(100_000)],
  ])("100,000 brackets in %s cost that one at most", (_where, element) => {
    const { trace } = quick(() => readDocument(document(element), reader));
    expect(trace.gpu.count).toBe(2);
  });

  test("100,000 brackets in a top-level key are left out", () => {
    const head = `"deep": ${nest(100_000)}, "traceName": "t", `;
    const { trace } = quick(() => readDocument(document(KERNEL, head), reader));
    expect(trace.metadata.other).toEqual({ traceName: "t" });
  });

  test("names of ten million characters are cut, the same by every reader", () => {
    const names = ["k", "_Z", "a<", "void f(", "step[", "\\u00e9", "\\ud83d", "1", " const"];
    for (const name of names) {
      const event = { ...EVENT, name: "NAME" };
      const text = JSON.stringify(event).replace("NAME", name.repeat(10_000_000 / name.length));
      const { trace } = quick(() => readDocument(document(text), reader));
      expect(trace.gpu.count).toBe(3);
      expect(Math.max(...trace.kernelNames.map(({ raw }) => raw.length))).toBe(LONGEST_TEXT);
    }
  });

  test("a list of shapes longer than that is not kept by half", () => {
    const dims = JSON.stringify(Array.from({ length: 20_000 }, (_, i) => [i]));
    const op = `{"ph":"X","cat":"cpu_op","name":"a","ts":1,"dur":1,"args":{"Input Dims":${dims}}}`;
    const { trace } = readDocument(document(op), reader);
    expect(trace.strings[trace.ops.shapes[0]!]).toBe("");
  });

  test("keys named like parts of a prototype stay keys", () => {
    const head = '"__proto__": {"deviceProperties": [{"id": 9}]}, "constructor": "c", ';
    const { trace } = readDocument(document(KERNEL, head), reader);
    expect(trace.metadata.devices).toEqual([]);
    expect(trace.metadata.other.constructor).toBe("c");
    expect(({} as Record<string, unknown>).deviceProperties).toBeUndefined();
  });
});

describe("work that grows with the file and no faster", () => {
  test("broken events within broken events", () => {
    const depth = 100_000;
    const element = `${'{"ph":"X","args":'.repeat(depth)}nothing${"}".repeat(depth)}`;
    const { trace } = quick(() => readDocument(document(element)));
    expect(trace.gpu.count).toBe(2);
  });

  test("a long element in chunks of one byte", () => {
    const long = `{"ph":"X","x":"${"y".repeat(1_000_000)}"}`;
    const text = document(long);
    const places = Array.from({ length: text.length }, (_, i) => i);
    expect(quick(() => readDocument(text, "fast", places)).trace.gpu.count).toBe(2);
  });

  test.each([
    ["digits", "<1".padEnd(16_000, "1")],
    ["opening brackets", "a<".repeat(8000)],
    ["values in brackets", "a<(".repeat(5000)],
    ["qualifiers", `${" const".repeat(2500)}x`],
    ["pointers", `_Z1fI${"P".repeat(8000)}iE`],
    ["mixed brackets", `f${"(".repeat(4000)}${"]".repeat(4000)})`],
    ["substitutions", `_Z1f${"I1aIS_S_E".repeat(1500)}`],
  ])("names of %s", (_what, name) => {
    for (let i = 0; i < 20; i++) {
      const { short } = quick(() => kernelName(name + i));
      expect(short.length).toBeLessThanOrEqual(80);
    }
  });

  test("more texts than a map holds are told", () => {
    const texts = new TextTable(2);
    texts.idOf("a");
    expect(() => texts.idOf("b")).toThrow(/more than 2 different names/);
  });
});

describe("files that unpack to far more", () => {
  /** `count` megabytes of events that pack well. */
  async function packed(count: number): Promise<Buffer> {
    const gzip = createGzip({ level: 1 });
    const parts: Buffer[] = [];
    gzip.on("data", (part: Buffer) => parts.push(part));
    const blank = Buffer.alloc(1 << 20, " ");
    gzip.write(`{"traceEvents": [${KERNEL}`);
    for (let i = 0; i < count; i++)
      if (!gzip.write(blank)) await new Promise((go) => gzip.once("drain", go));
    gzip.end("]}");
    await new Promise((done) => gzip.once("end", done));
    return Buffer.concat(parts);
  }

  test("are refused beyond a gigabyte, and read when a limit allows it", async () => {
    const path = join(temporaryFolder({ "t.json.gz": await packed(1030) }), "t.json.gz");
    await expect(readTrace(path)).rejects.toMatchObject({
      code: "trace/too-large",
      hint: expect.stringContaining("--max-bytes"),
    });
    expect((await readTrace(path, { maxBytes: 2 ** 31 })).gpu.count).toBe(1);
  });

  test("garbage and zeros behind the packed data", async () => {
    const whole = gzipSync(document(KERNEL));
    const files = {
      "zeros.gz": Buffer.concat([whole, Buffer.alloc(4096)]),
      "garbage.gz": Buffer.concat([whole, Buffer.from("what is this?")]),
      "empty-member.gz": Buffer.concat([gzipSync(""), whole, gzipSync("")]),
    };
    const folder = temporaryFolder(files);
    for (const name of Object.keys(files)) {
      const { gpu, origin } = await readTrace(join(folder, name));
      expect([name, gpu.count]).toEqual([name, 3]);
      // Node ignores what follows a member and is none; either way nothing of the trace is lost.
      expect(origin.unreadable).toBe(0);
    }
  });
});

describe("what is no file", () => {
  test("a device is refused, and a pipe that nobody named is not waited for", async () => {
    const folder = temporaryFolder({});
    execFileSync("mkfifo", [join(folder, "trace.json")]);
    await expect(readTrace("/dev/zero")).rejects.toMatchObject({
      code: "trace/not-a-file",
      exit: 3,
    });
    await expect(findTraces(folder)).rejects.toMatchObject({ code: "trace/no-traces" });
  });

  test("nor is a pipe beside a trace read", async () => {
    const folder = temporaryFolder({ "trace.json": document(KERNEL) });
    for (const name of ["server_args.json", "execution_details.json", "server.log"])
      execFileSync("mkfifo", [join(folder, name)]);
    symlinkSync("/dev/zero", join(folder, "other.json"));
    symlinkSync(folder, join(folder, "loop"));
    const { files, serverArgs } = await findTraces(folder);
    expect([files.length, serverArgs]).toEqual([1, null]);
    await refuseDiffusersRuns([], [join(folder, "trace.json")]);
    await expect(refuseDiffusersRuns([join(folder, "server.log")], [])).rejects.toMatchObject({
      code: "log/unreadable",
    });
  });
});
