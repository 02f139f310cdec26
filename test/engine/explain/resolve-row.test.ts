import { describe, expect, test } from "vitest";
import { resolveRow } from "../../../src/engine/explain/resolve-row.ts";
import { EXIT, TriageError } from "../../../src/model/errors.ts";

const name = (demangled: string, short = demangled, raw = demangled) => ({ raw, demangled, short });
const NAMES = [
  name("vllm::rms_norm_kernel<bf16, 8>", "vllm::rms_norm_kernel<…>", "_ZN4vllm15rms_norm"),
  name("gemm_a<tile 1>", "gemm_a<…>"),
  name("gemm_a<tile 2>", "gemm_a<…>"),
  name("gemm_a_tail"),
];
const RULES = ["silu-and-mul", "add-rms_norm", "add-rms_norm-quant"];

function refusal(row: string): TriageError {
  try {
    resolveRow(row, RULES, NAMES);
  } catch (error) {
    if (error instanceof TriageError) return error;
  }
  throw new Error("nothing was refused");
}

describe("a row is", () => {
  test("a rule by its whole id", () => {
    expect(resolveRow("add-rms_norm", RULES, NAMES)).toEqual({ kind: "rule", id: "add-rms_norm" });
  });

  test.each(["vllm::rms_norm_kernel<bf16, 8>", "vllm::rms_norm_kernel<…>", "_ZN4vllm15rms_norm"])(
    "a kernel by any spelling: %s",
    (row) => {
      const kernel = { kind: "kernel", name: "vllm::rms_norm_kernel<bf16, 8>" };
      expect(resolveRow(row, RULES, NAMES)).toEqual(kernel);
    },
  );

  test("a kernel by a part that no other kernel has, though rules have it", () => {
    expect(resolveRow("rms_norm", RULES, NAMES)).toMatchObject({ kind: "kernel" });
    expect(resolveRow("tile 2", RULES, NAMES)).toEqual({ kind: "kernel", name: "gemm_a<tile 2>" });
  });

  test("a rule by a part that only it has, where no kernel has it", () => {
    expect(resolveRow("silu", RULES, NAMES)).toEqual({ kind: "rule", id: "silu-and-mul" });
  });
});

describe("refused with exit 2", () => {
  test("is a short name of two kernels, both named in full", () => {
    const { code, exit, message } = refusal("gemm_a<…>");
    expect({ code, exit }).toEqual({ code: "row/ambiguous", exit: EXIT.usage });
    expect(message).toBe(
      '"gemm_a<…>" could be 2 rows: kernel gemm_a<tile 1>; kernel gemm_a<tile 2>.',
    );
  });

  test("is a part of several", () => {
    expect(refusal("gemm").message).toContain("3 rows");
    expect(refusal("add-").message).toBe(
      '"add-" could be 2 rows: rule add-rms_norm; rule add-rms_norm-quant.',
    );
  });

  test("is what nobody is called, with what may be meant", () => {
    const { code, exit, hint } = refusal("gema_a_tail");
    expect({ code, exit }).toEqual({ code: "row/unknown", exit: EXIT.usage });
    expect(hint).toBe("Did you mean gemm_a_tail?");
  });
});
