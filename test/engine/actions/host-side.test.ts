import { expect, test } from "vitest";
import { type TraceBuilder, trace } from "../../support/trace-builder.ts";
import { accounts, calledLimits, vocabulary } from "../accounts.ts";

/** Decode steps as vLLM marks them: products of 40 us, 100 us apart, each launched when it starts. */
function decode(steps: number, usOf: (step: number) => number = () => 40): TraceBuilder {
  const built = trace();
  let at = 0;
  for (let step = 0; step < steps; step++) {
    const from = at;
    for (let i = 0; i < 4; i++) {
      built
        .kernel("gemm", { at, us: usOf(step) })
        .launchedBy("cudaLaunchKernel", { at: at - 10, us: 5 });
      at += Math.max(100, usOf(step) + 60);
    }
    built.annotation("execute_context_0(0)_generation_4(4)", from - 20, at - 60);
  }
  return built;
}

test("decode that ran eager although the server args allow graphs is told with the batch they reach", async () => {
  const args = { enforce_eager: false, compilation_config: { cudagraph_capture_sizes: [1, 2, 4] } };
  const [host] = (await accounts(decode(3), vocabulary(), null, args)).actions;
  expect(host!.title).toMatch(/although the server args allow graphs$/);
  expect(host!.do).toContain("find out why this step of batch 4 ran without one");
  const small = { enforce_eager: false, compilation_config: { cudagraph_capture_sizes: [1, 2] } };
  const [larger] = (await accounts(decode(3), vocabulary(), null, small)).actions;
  expect(larger!.do).toContain("captured up to batch 2, and this step has 4");
});

test("where graphs are off, or nobody knows, the step is eager and no more is said", async () => {
  for (const args of [{ enforce_eager: true }, null]) {
    const [host] = (await accounts(decode(3), vocabulary(), null, args)).actions;
    expect(host!.title).toMatch(/no graph$/);
  }
});

test("a step far from the others is set apart, and is told before everything else", async () => {
  const { actions } = await accounts(decode(6, (step) => (step === 0 ? 4000 : 40)));
  expect(actions[0]).toMatchObject({ kind: "recording", saves: { pctOfStep: 0 } });
  expect(actions[0]!.title).toMatch(/^Step 1 of 6 took up to 16\.\d+ ms where 0\.\d+ ms is usual/);
});

test("who calls a synchronisation is told: the line, and its caller", async () => {
  const built = trace();
  for (let i = 0; i < 6; i++) {
    const at = 200 * i;
    built
      .kernel("gemm", { at, us: 100 })
      .launchedBy("cudaLaunchKernel", { at: at - 10, us: 5 })
      .launch("cudaStreamSynchronize", { at, us: 105 })
      .op("aten::_local_scalar_dense", at - 1, at + 106)
      .frame("serve/model.py(9): forward", at - 12, at + 120)
      .frame("serve/sampler.py(30): accept", at - 4, at + 110)
      .frame("torch/_tensor.py(5): item", at - 3, at + 109);
  }
  const [sync] = (await accounts(built)).actions;
  expect(sync).toMatchObject({ kind: "sync", proof: "trace" });
  expect(sync!.title).toContain(".item() (aten::_local_scalar_dense) x5");
  expect(sync!.where).toEqual(["serve/sampler.py:30 accept, called by serve/model.py:9 forward"]);
  // What goes is what the ledger has for its parts.
  expect(sync!.evidence.idleUs).toBeCloseTo(sync!.saves.gapUs, 6);
});

test("an upload from pageable memory holds the host as long as it takes", async () => {
  const built = trace();
  for (let i = 0; i < 6; i++) {
    const at = 600 * i;
    built
      .copy("Memcpy HtoD (Pageable -> Device)", { at, us: 300 })
      // The call comes back a little before the copy ends: by that alone it did not wait.
      .launchedBy("cudaMemcpyAsync", { at: at - 10, us: 300 })
      .kernel("gemm", { at: at + 320, us: 40 })
      .launchedBy("cudaLaunchKernel", { at: at + 310, us: 5 });
  }
  const { actions } = await accounts(built);
  const pageable = actions.find(({ title }) => /pageable memory/.test(title));
  expect(pageable!.saves.kernelUs).toBeGreaterThan(0.9 * 6 * 290);
});

const LOGITS = JSON.stringify([[4, 128_256], []]);
const HEAD = JSON.stringify([
  [4, 4096],
  [4096, 128_256],
]);

/** Steps of an LM head and passes behind it. */
function sampling(passes: readonly string[]): TraceBuilder {
  const built = trace();
  let at = -4000;
  for (let step = 0; step < 2; step++) {
    const start = 400 * step;
    built
      .kernel("mm_head", { at: start, us: 100 })
      .inside("aten::mm", HEAD, JSON.stringify(["c10::BFloat16", "c10::BFloat16"]))
      .launchedBy("cudaLaunchKernel", { at: at++, us: 0.5 });
    for (const [i, op] of passes.entries())
      built
        .kernel("ew_pass", { at: start + 100 + 20 * i, us: 20 })
        .inside(op, LOGITS, JSON.stringify(["float", ""]))
        .launchedBy("cudaLaunchKernel", { at: at++, us: 0.5 });
  }
  return built;
}

test("passes as wide as the vocabulary behind the LM head are one action", async () => {
  const limits = calledLimits(() => 0.1);
  const { actions } = await accounts(
    sampling(["aten::softmax", "aten::sort", "aten::argmax"]),
    vocabulary(),
    limits,
  );
  const logits = actions.find(({ title }) => /passes over logits/.test(title));
  expect(logits!.title).toBe(
    "3 passes over logits 128,256 wide after the LM head: softmax, sort, argmax",
  );
  const one = await accounts(sampling(["aten::argmax"]), vocabulary(), limits);
  expect(one.actions.filter(({ title }) => /passes over logits/.test(title))).toEqual([]);
});

test("pauses in which the allocator gives memory back and asks anew are one action, whatever op asked", async () => {
  const built = trace();
  for (let i = 0; i < 3; i++) {
    const at = 20_000 * i;
    built
      .kernel("gemm", { at, us: 100 })
      .launchedBy("cudaLaunchKernel", { at: at - 10, us: 5 })
      .op(i === 0 ? "aten::cat" : "aten::bmm", at + 50, at + 19_995)
      .launch("cudaFree", { at: at + 200, us: 9_000 })
      .launch("cudaMalloc", { at: at + 9_300, us: 10_000 });
  }
  built
    .kernel("gemm", { at: 60_000, us: 100 })
    .launchedBy("cudaLaunchKernel", { at: 59_990, us: 5 });
  const { actions, ledger } = await accounts(built);
  expect(actions).toMatchObject([
    { kind: "host", proof: "trace", where: ["aten::cat", "aten::bmm"] },
  ]);
  expect(actions[0]!.title).toMatch(
    /^The GPU waits 3 times for long while the host allocates or frees GPU memory: cudaMalloc x6/,
  );
  expect(ledger.find(({ part }) => part === "host-pause")!.what).toMatch(/^cudaMalloc in aten::/);
});

test("of one step the host's work is held against the GPU's: what could be prepared ahead", async () => {
  const one = (await accounts(decode(1))).actions[0]!;
  // Four products of 40 us in 100 us each; the host is in its step all the time.
  expect(one.do).toContain(
    "One step is recorded, in which the host works 360 us and the GPU 160 us: even a scheduler that prepares the next step meanwhile would not take all of it off the path.",
  );
  const replayed = trace()
    .kernel("gemm", { at: 0, us: 10 })
    .launchedBy("cudaLaunchKernel", { at: -10, us: 5 })
    .launch("cudaGetDevice", { at: 230, us: 1 })
    .replay(["gemm", "gemm", "gemm", "gemm"], { at: 300, us: 100 })
    .annotation("execute_context_0(0)_generation_4(4)", -20, 280);
  expect((await accounts(replayed)).actions[0]!.do).toMatch(
    /the host works 300 us and the GPU 410 us: a scheduler that prepares the next step meanwhile takes this off the path/,
  );
  expect((await accounts(decode(3))).actions[0]!.do).not.toContain("One step is recorded");
});
