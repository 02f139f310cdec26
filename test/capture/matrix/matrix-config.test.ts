import { expect, test } from "vitest";
import { parseMatrixConfig } from "../../../src/capture/matrix/matrix-config.ts";

/** What is wrong and the text it points at. */
function complaints(source: string): { message: string; at: string }[] {
  return parseMatrixConfig(source, "CONFIG.yaml").diagnostics.map(({ message, range }) => ({
    message,
    at: source.slice(range.start, range.end),
  }));
}

const GOOD = `
models:
  - id: qwen3-32b
    model: Qwen/Qwen3-32B
    tp: 8
    urls: { sglang: "http://127.0.0.1:30000" }
servers:
  vllm:
    port: 8001
    launch: [vllm, serve, "{model}", --port, "{port}"]
    mapping: { launch: [vllm, serve, "{model}", --enforce-eager] }
stages: [decode]
workload: { activeSteps: 3 }
`;

test("a configuration as it should be", () => {
  const { config, diagnostics } = parseMatrixConfig(GOOD, "CONFIG.yaml");
  expect(diagnostics).toEqual([]);
  expect(config?.models[0]).toMatchObject({ id: "qwen3-32b", tp: 8 });
  expect(config?.servers?.vllm?.mapping?.launch).toHaveLength(4);
});

test("places are line and column", () => {
  const { diagnostics } = parseMatrixConfig(
    GOOD.replace("port: 8001", "port: 80010"),
    "CONFIG.yaml",
  );
  expect(diagnostics.map(({ file, range }) => `${file}:${range.line}:${range.column}`)).toEqual([
    "CONFIG.yaml:9:11",
  ]);
});

test.each([
  [
    "activeSteps: 3",
    "activSteps: 3",
    "'activSteps' is not known here; did you mean 'activeSteps'?",
    "activSteps",
  ],
  ["id: qwen3-32b", "id: ../x", 'must match pattern "^[A-Za-z0-9][A-Za-z0-9._-]*$"', "../x"],
  ["  vllm:\n", "  vlm:\n", "'vlm' is not known here; did you mean 'vllm'?", "vlm"],
  ["[decode]", "[decod]", "must be one of prefill, decode", "decod"],
  [
    "    tp: 8",
    "    tp: 8\n    frameworks: [trtllm]",
    "'trtllm' has neither a server to launch nor a url",
    "trtllm",
  ],
])("%s -> %s", (right, wrong, message, at) => {
  expect(complaints(GOOD.replace(right, wrong))).toEqual([{ message, at }]);
});

test("the same id twice, whatever its case", () => {
  const twice = "models:\n  - { id: a, model: x }\n  - { id: A, model: y }\n";
  expect(complaints(twice)).toEqual([
    { message: "'A' is already the id of another model", at: "A" },
  ]);
});

test("nothing, no mapping, broken YAML", () => {
  expect(complaints("")[0]?.message).toBe("'models' is missing");
  expect(complaints("[1]\n")[0]?.message).toBe("must be object");
  expect(complaints("models: [\n").length).toBeGreaterThan(0);
});
