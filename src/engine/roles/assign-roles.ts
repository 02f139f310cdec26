import type { Definition } from "../../model/rule.ts";
import type { KernelSymbol } from "../../model/trace/kernel-graph.ts";
import type { Trace } from "../../model/trace/trace.ts";
import { PairTable } from "../attribution/pair-table.ts";
import { GROUND_NAMES, GROUNDS, type Ground, LEFT_OPEN, OF_ITS_GEMM } from "./grounds.ts";
import { partOf } from "./kinds.ts";
import { markStage, type StageRows } from "./mark-stage.ts";

interface Symbols {
  readonly symbols: readonly KernelSymbol[];
  /** Per GPU row: index into `symbols`. */
  readonly symbolOf: Uint32Array;
}

/**
 * Roles that names, ops and modules leave open, told by a kernel's place in the forward pass: its
 * category and those of its neighbours, in order, on its stream. So a graph replay without a capture
 * has roles, too. One symbol that plays two parts becomes two. Linear in the kernels.
 *
 * @param roles the vocabulary's roles; only these are given.
 */
export function assignRoles(
  trace: Trace,
  stages: readonly StageRows[],
  stepOf: Int32Array,
  { symbols, symbolOf }: Symbols,
  roles: readonly Definition[],
): Symbols {
  if (roles.length === 0) return { symbols, symbolOf };
  const parts = symbols.map((symbol) => partOf(symbol, trace.kernelNames[symbol.name]!));
  const marks = new Uint8Array(trace.gpu.count);
  for (const stage of stages) markStage(trace, stage, stepOf, symbolOf, parts, marks);
  return splitSymbols(symbols, symbolOf, marks, new Set(roles.map(({ id }) => id)));
}

function splitSymbols(
  symbols: readonly KernelSymbol[],
  symbolOf: Uint32Array,
  marks: Uint8Array,
  defined: ReadonlySet<string>,
): Symbols {
  const pairs = new PairTable();
  const split: KernelSymbol[] = [];
  const ofRow = new Uint32Array(symbolOf.length);
  for (let row = 0; row < ofRow.length; row++) {
    const symbol = symbols[symbolOf[row]!]!;
    const code = marks[row]! !== 0 && isOpen(symbol, marks[row]!, defined) ? marks[row]! : 0;
    const id = pairs.intern(symbolOf[row]!, code);
    if (id === split.length) split.push(code === 0 ? symbol : placed(symbol, code));
    ofRow[row] = id;
  }
  return { symbols: split, symbolOf: ofRow };
}

function placed(symbol: KernelSymbol, code: number): KernelSymbol {
  const { role, words, category }: Ground = GROUNDS[GROUND_NAMES[code - 1]!];
  const told = category === undefined ? {} : { category, categoryFrom: "position" as const };
  return { ...symbol, ...told, role, roleFrom: "position", roleGround: words };
}

/** Whether the place may tell: nothing else did, or only a name that leaves it open. */
function isOpen(symbol: KernelSymbol, code: number, defined: ReadonlySet<string>): boolean {
  const { role } = GROUNDS[GROUND_NAMES[code - 1]!];
  if (!defined.has(role)) return false;
  if (symbol.role === null || symbol.role === OF_ITS_GEMM) return true;
  return symbol.roleFrom === "class" && (LEFT_OPEN[symbol.role]?.includes(role) ?? false);
}
