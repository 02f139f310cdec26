import { createServer } from "node:http";
import { afterAll, describe, expect, test } from "vitest";
import { baseUrl } from "../../src/capture/net/server-link.ts";
import { recogniseServer } from "../../src/capture/recognise-server.ts";
import { TriageError } from "../../src/model/errors.ts";
import { double, testClock } from "../support/doubles/capture-from.ts";

const clock = testClock();
const closers: (() => void)[] = [];
afterAll(() => {
  for (const close of closers) close();
});

/** A server of these JSON answers by path, 404 for the rest. */
async function answering(routes: Record<string, unknown>): Promise<string> {
  const server = createServer((request, response) => {
    const body = routes[new URL(request.url ?? "/", "http://x").pathname];
    response.writeHead(body === undefined ? 404 : 200);
    response.end(JSON.stringify(body ?? { detail: "Not Found" }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => server.close());
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
}

async function failure(url: string, options = {}): Promise<TriageError> {
  try {
    await recogniseServer(url, { clock, ...options });
  } catch (error) {
    if (error instanceof TriageError) return error;
    throw error;
  }
  throw new Error("expected a failure");
}

const models = (owner: string, more = {}) => ({ data: [{ id: "m", owned_by: owner, ...more }] });

describe("a server is known by what it says of itself", () => {
  test.each(["sglang", "vllm", "trtllm", "tokenspeed"] as const)(
    "the %s double",
    async (framework) => {
      const { url } = await double({ framework });
      const { driver, evidence } = await recogniseServer(url, { clock });
      expect(driver.id).toBe(framework);
      expect(evidence).not.toBe("");
    },
  );

  test("SGLang by the shape of its arguments where no owner is given", async () => {
    const url = await answering({
      "/get_server_info": { internal_states: [{}], version: "0.4.0", tp_size: 4, pp_size: 2 },
    });
    const { driver, facts } = await recogniseServer(url, { clock });
    expect([driver.id, facts.traceFiles, facts.version]).toEqual(["sglang", 8, "0.4.0"]);
  });

  test("an SGLang diffusion server is known, and cannot be profiled by routes", async () => {
    const url = await answering({
      "/model_info": { model_path: "/m", model_type: "diffusion" },
      "/server_info": { model_path: "/m", tp_size: 1, dp_size: 1, version: "0.5.23" },
    });
    const { driver, facts } = await recogniseServer(url, { clock });
    expect([driver.id, facts.version]).toEqual(["sglang", "0.5.23"]);
    expect(facts.unprofiled?.hint).toContain('"profile": true');
  });

  test.each([
    [{ tp_size: 2, dp_size: 4 }, 8],
    [{ tp_size: 8, dp_size: 8, enable_dp_attention: true }, 8],
    [{ tp_size: 16, nnodes: 2 }, null],
    [{}, null],
  ])("SGLang %o leaves %s traces", async (args, files) => {
    const info = { ...args, internal_states: [{}], version: "1" };
    const { facts } = await recogniseServer(await answering({ "/server_info": info }), { clock });
    expect(facts.traceFiles).toBe(files);
  });

  test("a server_info that is not SGLang's proves nothing", async () => {
    const url = await answering({
      "/server_info": { disaggregated_params: {} },
      "/v1/models": models("tensorrt_llm"),
    });
    expect((await recogniseServer(url, { clock })).driver.id).toBe("trtllm");
  });

  test("vLLM in development mode tells its ranks and its directory, as object or as text", async () => {
    const object = {
      parallel_config: { tensor_parallel_size: 2 },
      profiler_config: { torch_profiler_dir: "/p" },
    };
    const text =
      "VllmConfig(parallel_config=ParallelConfig(tensor_parallel_size=2), torch_profiler_dir='/p')";
    for (const vllm_config of [object, text]) {
      const url = await answering({
        "/server_info": { vllm_config },
        "/v1/models": models("vllm"),
      });
      const { facts } = await recogniseServer(url, { clock });
      expect([facts.tp, facts.traceFiles, facts.traceDirectory]).toEqual([2, 2, "/p"]);
    }
  });

  test.each([
    [{ tensor_parallel_size: 2, pipeline_parallel_size: 2 }, 4],
    [{ tensor_parallel_size: 2, prefill_context_parallel_size: 2 }, 4],
    [{ tensor_parallel_size: 2, data_parallel_size: 4, data_parallel_size_local: 2 }, 4],
    [{ tensor_parallel_size: 8, nnodes: 2 }, null],
    [{}, null],
  ])("vLLM %o leaves %s traces here", async (parallel_config, files) => {
    const url = await answering({
      "/server_info": { vllm_config: { parallel_config } },
      "/v1/models": models("vllm"),
    });
    expect((await recogniseServer(url, { clock })).facts.traceFiles).toBe(files);
  });

  test("TokenSpeed's control server speaks in floats", async () => {
    const { url } = await double({ framework: "tokenspeed", ranks: 4 });
    const { facts } = await recogniseServer(url, { clock });
    expect([facts.traceFiles, facts.version, facts.model]).toEqual([
      4,
      "0.1.1",
      "/models/tiny-model",
    ]);
  });

  test("a gateway's /readiness alone proves no engine: it is told, and --framework settles it", async () => {
    const ready = { status: "ready", healthy_workers: 1, total_workers: 1 };
    const alone = await answering({ "/readiness": ready, "/v1/models": models("self_hosted") });
    const error = await failure(alone);
    expect(error.code).toBe("capture/unknown-server");
    expect(error.message).toContain("gateway");
    expect(error.hint).toContain("--framework");
    const { driver } = await recogniseServer(alone, { clock, framework: "tokenspeed" });
    expect(driver.id).toBe("tokenspeed");
    const router = await answering({ "/readiness": ready, "/v1/models": models("vllm") });
    expect((await recogniseServer(router, { clock })).driver.id).toBe("vllm");
  });

  test("a gateway's /workers names the engine behind it, where all are one", async () => {
    const behind = (...engines: string[]) =>
      answering({
        "/readiness": { status: "ready", healthy_workers: 1, total_workers: 1 },
        "/v1/models": models("self_hosted"),
        "/workers": { workers: engines.map((runtime_type) => ({ runtime_type })) },
      });
    const { driver, evidence } = await recogniseServer(await behind("vllm", "vllm"), { clock });
    expect([driver.id, evidence]).toEqual(["vllm", "the gateway's /workers names vllm"]);
    for (const url of [await behind("vllm", "sglang"), await behind(), await behind("mlx")])
      expect((await failure(url)).code).toBe("capture/unknown-server");
  });

  test("a gateway that shows a worker's arguments as its own is a router, no worker", async () => {
    const worker = { internal_states: [{}], version: "0.5.23", disaggregation_mode: "prefill" };
    const half = await answering({ "/server_info": worker });
    expect((await recogniseServer(half, { clock })).facts.disaggregation).toBe("prefill");
    const ready = { status: "ready", healthy_workers: 2, total_workers: 2 };
    const router = await answering({ "/server_info": worker, "/readiness": ready });
    expect((await recogniseServer(router, { clock })).facts.disaggregation).toBe("router");
  });
});

describe("failures say what to do", () => {
  test("nobody there", async () => {
    const error = await failure("http://127.0.0.1:9");
    expect(error).toMatchObject({
      code: "capture/unreachable",
      exit: 5,
      place: "http://127.0.0.1:9",
    });
  });

  test("no address", async () => {
    expect((await failure("http://")).code).toBe("capture/unreachable");
  });

  test("an HTTP server that serves no model", async () => {
    const error = await failure(await answering({ "/v1/models": models("somebody") }));
    expect(error.code).toBe("capture/unknown-server");
    expect(error.hint).toContain("--framework");
  });

  test("--framework settles what is unknown, and cannot overrule the server's own name", async () => {
    const nameless = await answering({ "/v1/models": models("somebody") });
    expect((await recogniseServer(nameless, { clock, framework: "vllm" })).driver.id).toBe("vllm");
    const named = await answering({ "/v1/models": models("sglang") });
    expect((await failure(named, { framework: "vllm" })).message).toContain('owned_by "sglang"');
  });

  test("the key goes to the named address only, and no message quotes it", async () => {
    const seen: (string | undefined)[] = [];
    const listen = (port: number) =>
      new Promise<number | null>((resolve) => {
        const server = createServer((request, response) => {
          seen[port === 0 ? 0 : 1] = request.headers.authorization;
          response.writeHead(500);
          response.end(`who is ${request.headers.authorization}?`);
        });
        server.once("error", () => resolve(null));
        server.listen(port, "127.0.0.1", () => {
          closers.push(() => server.close());
          resolve((server.address() as { port: number }).port);
        });
      });
    let port = 0;
    while (port === 0) {
      const first = (await listen(0))!;
      if ((await listen(first + 1)) !== null) port = first;
    }
    const error = await failure(`http://127.0.0.1:${port}`, { apiKey: "sesame-7" });
    expect(seen).toEqual(["Bearer sesame-7", undefined]);
    expect(error.message).toContain("who is Bearer <redacted>?");
  });

  test("a key is wanted", async () => {
    const { url } = await double({
      framework: "vllm",
      launchPath: "/tmp",
      faults: { apiKey: "k" },
    });
    expect((await failure(url)).code).toBe("capture/unauthorised");
    expect((await recogniseServer(url, { clock, apiKey: "k" })).driver.id).toBe("vllm");
  });
});

test.each([
  ["localhost:30000", "http://localhost:30000"],
  [":8000", "http://127.0.0.1:8000"],
  ["http://h:1/v1/", "http://h:1"],
  ["https://h/prefix/", "https://h/prefix"],
  ["http://user:pw@h:1", "http://h:1"],
  ["http://", null],
])("baseUrl(%s) is %s", (text, url) => {
  expect(baseUrl(text)).toBe(url);
});
