/** Number types whose rates differ. */
export type RateType = "fp64" | "fp32" | "tf32" | "bf16" | "fp16" | "fp8" | "fp4" | "int8";
type Rates = Readonly<Partial<Record<RateType, number>>>;

/** What a GPU can do at most, as its vendor states it; an entry of references/gpus.yaml. */
export interface Machine {
  readonly id: string;
  readonly title: string;
  readonly vendor?: "nvidia" | "amd";
  readonly arch?: string;
  /** Words that names of such devices hold. */
  readonly names?: readonly string[];
  readonly memoryGiB?: readonly [number, number];
  /** SMs or CUs. */
  readonly units?: number;
  /** TFLOP/s of the matrix units, dense. */
  readonly matrix: Rates;
  /** TFLOP/s without them. */
  readonly vector: Rates;
  /** GB/s. */
  readonly memory: number;
  /** GB/s to other GPUs, in one direction. */
  readonly link: number;
  /** GB/s to the host, in one direction; absent where it shares the memory or is not known. */
  readonly host?: number;
  /** Last cache before memory: what fits in may be faster than memory. */
  readonly cacheMiB?: number;
  readonly source: string;
  /** What keeps the peaks from being reached. */
  readonly note?: string;
}
