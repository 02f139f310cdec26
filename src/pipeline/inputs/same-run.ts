import { EXIT, TriageError } from "../../model/errors.ts";
import type { Trace } from "../../model/trace/trace.ts";

/** What must agree before one trace may lend its code to another. */
interface RunIdentity {
  readonly path: string;
  readonly model: string | null;
  readonly tp: number | null;
  readonly gpu: string | null;
  readonly worldSize: number | null;
}

/** Identity of a run from its trace and its server args; null means "not told", which fits anything. */
export function runIdentity(
  path: string,
  trace: Trace,
  serverArgs: Readonly<Record<string, unknown>> | null,
): RunIdentity {
  const device = trace.metadata.devices.find(({ name }) => name !== "");
  return {
    path,
    model: textOf(serverArgs?.model_path) ?? textOf(serverArgs?.model),
    tp: numberOf(serverArgs?.tp_size) ?? numberOf(serverArgs?.tensor_parallel_size),
    gpu: device?.name ?? null,
    worldSize: trace.metadata.distributed?.worldSize ?? null,
  };
}

/** The first thing in which two runs differ, in words; null when nothing told differs. */
export function difference(mapping: RunIdentity, formal: RunIdentity): string | null {
  const compared = [
    ["model", "model"],
    ["tp", "tensor-parallel size"],
    ["gpu", "GPU"],
    ["worldSize", "world size"],
  ] as const;
  for (const [key, title] of compared) {
    const [a, b] = [mapping[key], formal[key]];
    if (a !== null && b !== null && a !== b)
      return `${title} ${a} in the mapping trace, ${b} in the formal one`;
  }
  return null;
}

/** @throws {TriageError} `mapping/mismatch` (exit 6): its code would be attributed to other kernels. */
export function refuse(mapping: RunIdentity, reason: string): never {
  throw new TriageError({
    code: "mapping/mismatch",
    exit: EXIT.refused,
    message: `The mapping trace is of another run: ${reason}.`,
    place: mapping.path,
    hint: "Record it with the same model, parallel sizes and GPU, or pass --force to use it all the same.",
  });
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
