import { mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { machineClock } from "../../src/capture/net/clock.ts";
import { snapshotDirectory } from "../../src/capture/traces/directory-snapshot.ts";
import { type TraceWait, waitForTraces } from "../../src/capture/wait-for-traces.ts";

const SPEED = 40;
const WHOLE = gzipSync('{"traceEvents": []}');
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "wait-"));
  folders.push(made);
  return made;
}

/** Waits in `directory` while `script` writes: seconds of the wait's clock, then what happens. */
async function waitWhile(
  directory: string,
  script: readonly (readonly [number, () => void])[],
  more: Partial<TraceWait> = {},
) {
  const clock = machineClock(SPEED);
  const before = await snapshotDirectory(directory);
  for (const [seconds, act] of script) clock.after(seconds * 1000, act);
  const messages: string[] = [];
  const outcome = await waitForTraces({
    directory,
    before,
    accept: (name) => {
      const rank = /-(\d)\.json(?:\.gz)?$/.exec(name)?.[1];
      return rank === undefined
        ? null
        : { rank: Number(rank), key: rank, stage: null, writtenAt: null };
    },
    expected: 1,
    strict: false,
    deadlineMs: 40_000,
    nothingMs: 40_000,
    pollMs: 1000,
    quietMs: 10_000,
    progressMs: 10_000,
    server: async () => "answers",
    onProgress: (message) => messages.push(message),
    clock,
    signal: null,
    ...more,
  });
  const names = (found: typeof outcome.complete) => found.map(({ path }) => basename(path));
  return {
    ended: outcome.ended,
    complete: names(outcome.complete),
    incomplete: names(outcome.incomplete),
    messages,
  };
}

describe.concurrent("waiting for traces", () => {
  test("a file that is there already does not count, one that is rewritten does", async () => {
    const directory = folder();
    const path = join(directory, "a-0.json.gz");
    writeFileSync(path, WHOLE);
    utimesSync(path, 1, 1);
    expect(await waitWhile(directory, [], { deadlineMs: 5000 })).toMatchObject({
      ended: "deadline",
      complete: [],
    });
    const rewritten = await waitWhile(directory, [[3, () => writeFileSync(path, WHOLE)]]);
    expect(rewritten).toMatchObject({ ended: "all-files", complete: ["a-0.json.gz"] });
  });

  test("temporary, empty and foreign files are passed over; a rename completes", async () => {
    const directory = folder();
    const final = join(directory, "a-0.json");
    const outcome = await waitWhile(directory, [
      [1, () => writeFileSync(`${final}.tmp`, '{"traceEvents": ')],
      [1, () => writeFileSync(join(directory, "a-1.json.gz"), "")],
      [1, () => writeFileSync(join(directory, "notes.json"), "{}")],
      [5, () => writeFileSync(`${final}.tmp`, '{"traceEvents": []}')],
      [8, () => renameSync(`${final}.tmp`, final)],
    ]);
    expect(outcome).toMatchObject({
      ended: "all-files",
      complete: ["a-0.json"],
      incomplete: ["a-1.json.gz"],
    });
  });

  test("with the number unknown, a quiet while after the last file ends the wait", async () => {
    const directory = folder();
    const outcome = await waitWhile(
      directory,
      [0, 1].map(
        (rank) =>
          [2 + rank * 7, () => writeFileSync(join(directory, `a-${rank}.json.gz`), WHOLE)] as const,
      ),
      { expected: null, deadlineMs: 400_000 },
    );
    expect(outcome).toMatchObject({ ended: "quiet", complete: ["a-0.json.gz", "a-1.json.gz"] });
    expect(outcome.messages[0]).toMatch(/: \d complete.* \(\d+ s\)$/);
  });

  test("a silent server may still be saving: the quiet while does not end the wait", async () => {
    const directory = folder();
    let silent = true;
    const outcome = await waitWhile(
      directory,
      [
        [2, () => writeFileSync(join(directory, "a-0.json.gz"), WHOLE)],
        [25, () => writeFileSync(join(directory, "a-1.json.gz"), WHOLE)],
        [
          25,
          () => {
            silent = false;
          },
        ],
      ],
      { expected: null, deadlineMs: 400_000, server: async () => (silent ? "silent" : "answers") },
    );
    expect(outcome).toMatchObject({ ended: "quiet", complete: ["a-0.json.gz", "a-1.json.gz"] });
  });

  test("a dead server ends it with what there is", async () => {
    const directory = folder();
    const outcome = await waitWhile(
      directory,
      [[2, () => writeFileSync(join(directory, "a-0.json.gz"), WHOLE.subarray(0, 12))]],
      { deadlineMs: 400_000, server: async () => "dead" },
    );
    expect(outcome).toMatchObject({
      ended: "server-died",
      complete: [],
      incomplete: ["a-0.json.gz"],
    });
  });

  test("the first sign of a file has a deadline of its own", async () => {
    const outcome = await waitWhile(folder(), [], { nothingMs: 3000, deadlineMs: 400_000 });
    expect(outcome.ended).toBe("deadline");
  });

  test("a directory that does not exist yet is empty", async () => {
    const outcome = await waitWhile(join(folder(), "later"), [], { deadlineMs: 3000 });
    expect(outcome).toMatchObject({ ended: "deadline", complete: [], incomplete: [] });
  });
});
