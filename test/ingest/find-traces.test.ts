import { chmodSync, utimesSync } from "node:fs";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { findTraces } from "../../src/ingest/find-traces.ts";
import { hasSharedTraces, SHARED_TRACES } from "../support/shared-traces.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const PLAIN = '{"schemaVersion": 1, "traceEvents": []}';
const PACKED = gzipSync(PLAIN);

async function namesIn(root: string, options = {}): Promise<string[]> {
  const { files } = await findTraces(root, options);
  return files.map((file) => file.path.slice(root.length + 1));
}

describe("ranks and stages", () => {
  const run = {
    "prefill/1-TP-0.trace.json.gz": PACKED,
    "prefill/1-TP-1.trace.json.gz": PACKED,
    "decode/1-TP-0.trace.json.gz": PACKED,
    "decode/1-TP-1.trace.json.gz": PACKED,
  };

  test("one rank is taken, of each stage, and the choice is said", async () => {
    const root = temporaryFolder(run);
    const found = await findTraces(root);
    expect(found.files).toEqual([
      {
        path: join(root, "decode/1-TP-0.trace.json.gz"),
        rank: 0,
        rankFrom: "TP-0",
        minor: [0, 0, 0, 0, 0],
        stamp: null,
        stageHint: { stage: "decode", from: "capture-layout", text: "decode/" },
        bytes: PACKED.length,
        group: "decode",
      },
      expect.objectContaining({ path: join(root, "prefill/1-TP-0.trace.json.gz"), rank: 0 }),
    ]);
    expect(found.choice).toBe("took rank 0 of ranks 0, 1");
  });

  test("another rank on request, every rank on request", async () => {
    const root = temporaryFolder(run);
    expect(await namesIn(root, { rank: 1 })).toEqual([
      "decode/1-TP-1.trace.json.gz",
      "prefill/1-TP-1.trace.json.gz",
    ]);
    const all = await findTraces(root, { allRanks: true });
    expect(all.files.map((file) => file.rank)).toEqual([0, 1, 0, 1]);
    expect(all.choice).toBeNull();
  });

  test("a rank nobody wrote is an error that lists those there are", async () => {
    const root = temporaryFolder(run);
    await expect(findTraces(root, { rank: 5 })).rejects.toMatchObject({
      code: "trace/no-such-rank",
      exit: 3,
      message: expect.stringContaining("ranks here: 0, 1"),
    });
  });

  test("of several data-parallel groups the first is taken", async () => {
    const root = temporaryFolder({
      "1-TP-0-DP-1-DECODE.trace.json.gz": PACKED,
      "1-TP-0-DP-0-DECODE.trace.json.gz": PACKED,
    });
    expect(await namesIn(root)).toEqual(["1-TP-0-DP-0-DECODE.trace.json.gz"]);
    expect(await namesIn(root, { allRanks: true })).toHaveLength(2);
  });
});

describe("which of several traces", () => {
  test("the newest stamp in the names wins, whatever the file times say", async () => {
    const root = temporaryFolder({
      "1782843274.1/1782843274.1-TP-0-DECODE.trace.json.gz": PACKED,
      "1782849999.1/1782849999.1-TP-0-DECODE.trace.json.gz": PACKED,
    });
    const old = join(root, "1782843274.1/1782843274.1-TP-0-DECODE.trace.json.gz");
    utimesSync(old, 4e9, 4e9);
    const found = await findTraces(root);
    expect(found.files.map((file) => file.group)).toEqual(["1782849999.1"]);
    expect(found.choice).toBe("took the newest per stage: 1 of 2 traces");
  });

  test("file times decide where names have no stamp", async () => {
    const root = temporaryFolder({ "a.json": PLAIN, "b.json": PLAIN });
    utimesSync(join(root, "a.json"), 2e9, 2e9);
    utimesSync(join(root, "b.json"), 1e9, 1e9);
    expect(await namesIn(root)).toEqual(["a.json"]);
  });

  test("the front end's trace, empty files and other JSON are passed over with a reason", async () => {
    const root = temporaryFolder({
      "host_1.async_llm.1773709742341309550.pt.trace.json.gz": PACKED,
      "dp0_pp0_tp0_dcp0_ep0_rank0.1773709742341309551.pt.trace.json.gz": PACKED,
      "empty.json.gz": "",
      "report.json": '{"schemaVersion": 1, "stages": []}',
      "server_args.json": "{}",
      "x.json.tmp": PLAIN,
      "profiler_out_0.txt": "",
    });
    const { files, skipped } = await findTraces(root);
    expect(files).toHaveLength(1);
    expect(skipped.map(({ path, reason }) => [basename(path), reason])).toEqual([
      ["empty.json.gz", "empty; it may still be being written"],
      [
        "host_1.async_llm.1773709742341309550.pt.trace.json.gz",
        "front-end process: host events only, no kernels",
      ],
      ["report.json", "no traceEvents at its start"],
    ]);
  });

  test("a merged file only where the ranks' own are missing", async () => {
    const merged = { "merged-1.trace.json.gz": PACKED };
    expect(await namesIn(temporaryFolder(merged))).toEqual(["merged-1.trace.json.gz"]);
    const root = temporaryFolder({ ...merged, "1-TP-0.trace.json.gz": PACKED });
    const found = await findTraces(root);
    expect(found.files.map((file) => basename(file.path))).toEqual(["1-TP-0.trace.json.gz"]);
    expect(found.skipped.map((entry) => basename(entry.path))).toEqual(["merged-1.trace.json.gz"]);
  });

  test("packing is told by content, and a bare list of events is a trace", async () => {
    const root = temporaryFolder({ "trace.json-rank-0.gz": PLAIN });
    expect(await namesIn(root)).toEqual(["trace.json-rank-0.gz"]);
    expect(await namesIn(temporaryFolder({ "a.json": '[{"ph": "X"}]' }))).toEqual(["a.json"]);
    expect(await namesIn(temporaryFolder({ "a.json": PACKED }))).toEqual(["a.json"]);
  });
});

describe("what lies beside the traces", () => {
  const args = '{"model_path": "Qwen3", "tp_size": 2}';

  test.each([
    ["beside the trace", "decode/1/server_args.json"],
    ["above it", "decode/server_args.json"],
    ["at the run's root", "server_args.json"],
    ["one level down", "logs/server_args.json"],
  ])("server arguments %s", async (_where, name) => {
    const root = temporaryFolder({ "decode/1/a-TP-0.trace.json.gz": PACKED, [name]: args });
    const { serverArgs } = await findTraces(root);
    expect(serverArgs).toEqual({
      path: join(root, name),
      value: { model_path: "Qwen3", tp_size: 2 },
    });
  });

  test("captures of the chosen rank and the details that name their batch size", async () => {
    const root = temporaryFolder({
      "a-TP-0-DECODE.trace.json.gz": PACKED,
      "capture_traces/bs_32_rank0.json.gz": PACKED,
      "capture_traces/bs_32_rank1.json.gz": PACKED,
      "capture_traces/execution_details.json": '[{"batch_size": 32}]',
    });
    const byFolder = await findTraces(root);
    const byFile = await findTraces(join(root, "a-TP-0-DECODE.trace.json.gz"));
    for (const found of [byFolder, byFile]) {
      expect(found.files.map((file) => basename(file.path))).toEqual([
        "a-TP-0-DECODE.trace.json.gz",
      ]);
      expect(found.captures.map((file) => basename(file.path))).toEqual(["bs_32_rank0.json.gz"]);
      expect(found.executionDetails).toEqual([{ batch_size: 32 }]);
    }
  });

  test("a folder of captures named by itself is read as traces", async () => {
    const root = temporaryFolder({ "capture_traces/bs_1_rank0.json.gz": PACKED });
    expect(await namesIn(join(root, "capture_traces"))).toEqual(["bs_1_rank0.json.gz"]);
  });

  test("a file takes its stage from the folder it lies in", async () => {
    const root = temporaryFolder({ "decode/1/a.json": PLAIN });
    const { files } = await findTraces(join(root, "decode/1/a.json"));
    expect(files[0]?.stageHint).toEqual({
      stage: "decode",
      from: "capture-layout",
      text: "decode/",
    });
  });
});

describe("errors", () => {
  test("a path that does not exist", async () => {
    await expect(findTraces("no/such/place")).rejects.toMatchObject({
      code: "trace/no-such-path",
      exit: 3,
      place: "no/such/place",
    });
  });

  test("a folder without traces says what was looked for and what is there", async () => {
    const root = temporaryFolder({ "server_args.json": "{}", "notes.md": "" });
    await expect(findTraces(root)).rejects.toMatchObject({
      code: "trace/no-traces",
      exit: 3,
      message: expect.stringMatching(/looked for \*\.json.*it holds notes\.md, server_args\.json/),
    });
  });

  test("an empty folder", async () => {
    await expect(findTraces(temporaryFolder({}))).rejects.toMatchObject({
      message: expect.stringContaining("it holds no files"),
    });
  });

  test.skipIf(process.getuid?.() === 0)("a folder that may not be read", async () => {
    const root = temporaryFolder({ "in/a.json": PLAIN });
    chmodSync(join(root, "in"), 0);
    await expect(findTraces(join(root, "in"))).rejects.toMatchObject({
      code: "trace/no-permission",
      exit: 3,
    });
    chmodSync(join(root, "in"), 0o700);
  });
});

describe.skipIf(!hasSharedTraces)("real runs (needs ../shared/traces)", () => {
  test("a replayed decode step finds the capture of its graph", async () => {
    const { files, captures, executionDetails } = await findTraces(
      `${SHARED_TRACES}/vllm-mi300x-gptoss-decode`,
    );
    expect(files.map((file) => basename(file.path))).toEqual(["graph_execution.json.gz"]);
    expect(captures).toHaveLength(1);
    expect(executionDetails).toEqual([expect.objectContaining({ batch_size: 32, mode: "FULL" })]);
  });
});
