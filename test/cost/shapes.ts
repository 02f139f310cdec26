import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Input of a shape that no recording has, and that may not cost more than its size. */
export interface Shape {
  /** Of the program that reads it: `triage` or `rules`. */
  readonly program: "triage" | "rules";
  /** What is asked of it: everything that such an input can make long. */
  readonly options: readonly string[];
  /** Large enough that what grows outweighs what every run does. */
  readonly size: number;
  /** Writes an input of `n` into an empty folder; says what the command line is. */
  write(n: number, folder: string): readonly string[];
}

interface Kernel {
  readonly name: string;
  readonly start: number;
  readonly duration: number;
  readonly stream?: number;
}

/** Everything whose cost must be bounded by its size, by name. */
export const SHAPES: Readonly<Record<string, Shape>> = {
  nested: trace((n) =>
    kernels(n, (i) => ({ name: `gemm_${i % 20}`, start: 10 * i, duration: 20 * (2 * n - i) })),
  ),
  "nested beside another stream": trace((n) =>
    kernels(2 * n, (i) => ({
      name: `gemm_${i % 20}`,
      start: 10 * i,
      duration: i < n ? 30 * (2 * n - i) : 5,
      stream: i < n ? 7 : 8,
    })),
  ),
  identical: trace((n) =>
    kernels(n, () => ({ name: "void gemm<float>(int)", start: 0, duration: 9 })),
  ),
  "at once": trace((n) =>
    kernels(n, (i) => ({ name: "void gemm<float>(int)", start: 1000, duration: 100 + i })),
  ),
  repeated: trace((n) =>
    kernels(n, (i) => ({ name: "void gemm<float>(int)", start: 10 * i, duration: 9 })),
  ),
  streams: trace((n) =>
    kernels(3 * n, (i) => ({
      name: `gemm_${i % 20}`,
      start: 10 * i,
      duration: 10 * n,
      stream: i % n,
    })),
  ),
  devices: trace((n) =>
    kernels(3 * n, (i) => ({ name: `gemm_${i % 20}`, start: 10 * i, duration: 10 * n })).map(
      (event, i) => ({ ...event, pid: i % n, args: { ...event.args, device: i % n } }),
    ),
  ),
  names: trace(
    (n) =>
      kernels(n, (i) => ({
        name: `void ns::kernel_${i.toString(36)}_gemm<float, ${i}>(float*, int)`,
        start: 10 * i,
        duration: 9,
      })),
    "json",
  ),
  comments: rules((n) => `${"// one more\n".repeat(n)}\nlet a = name "*one_kernel*"\n`),
  "comments at the end": rules((n) => `let a = name "*one_kernel*" // x\n${"// more\n".repeat(n)}`),
  globs: rules(
    (n) =>
      `let a = name ${Array.from({ length: n }, (_, i) => `"*k${i.toString(36)}_kernel*"`).join("\n  | ")}\n`,
  ),
  classes: rules((n) =>
    Array.from({ length: n }, (_, i) => `let a${i} = name "*k${i.toString(36)}_kernel*"\n`).join(
      "\n",
    ),
  ),
};

function kernels(count: number, of: (index: number) => Kernel) {
  return Array.from({ length: count }, (_, index) => {
    const { name, start, duration, stream = 7 } = of(index);
    const args = { device: 0, stream, correlation: index + 1, "External id": index + 1 };
    return { ph: "X", cat: "kernel", name, pid: 0, tid: stream, ts: start, dur: duration, args };
  });
}

function trace(
  events: (n: number) => readonly object[],
  format: "json" | "perfetto" = "perfetto",
): Shape {
  return {
    program: "triage",
    options: ["--format", format, "--output", "-"],
    size: 2_000,
    write(n, folder) {
      const file = join(folder, "trace.json");
      const head = `{"schemaVersion": 1, "deviceProperties": [{"id": 0, "name": "NVIDIA H100 80GB HBM3", "computeMajor": 9, "computeMinor": 0, "numSms": 132}], "traceEvents": [\n`;
      writeFileSync(
        file,
        `${head}${events(n)
          .map((event) => JSON.stringify(event))
          .join(",\n")}\n]}`,
      );
      return [file];
    },
  };
}

function rules(text: (n: number) => string): Shape {
  return {
    program: "rules",
    options: ["lint"],
    size: 4_000,
    write(n, folder) {
      mkdirSync(join(folder, "lib"));
      writeFileSync(join(folder, "lib/many.fuse"), `fuse 1\n\n${text(n)}`);
      return ["--rules", folder];
    },
  };
}
