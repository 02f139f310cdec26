import { FACTS } from "../model/facts.ts";
import type { RuleKind } from "../model/rule.ts";

export interface ScaffoldOptions {
  readonly kind: RuleKind;
  readonly id: string;
  /** Folder below fuse/ or overlap/; a serving engine's name also becomes a guard. */
  readonly origin: string;
  readonly title: string | null;
}

/**
 * Text of a new rule: complete, formatted, its tests pass, and every place to fill in says TODO.
 * It is experimental until a source is proven.
 */
export function scaffoldRule(options: ScaffoldOptions): string {
  const { kind, id, origin, title } = options;
  const engines: readonly string[] = FACTS.framework.values;
  const isEngine = engines.includes(origin);
  const given = isEngine ? `framework ${origin}, stage decode` : "vendor nvidia, stage decode";
  const when = isEngine ? `framework = ${origin}` : "vendor = nvidia";
  const miss = isEngine
    ? `given framework ${engines.find((name) => name !== origin)}, stage decode`
    : "given vendor amd, stage decode";
  const body =
    kind === "fusion" ? fusionBody(given, miss, isEngine) : overlapBody(given, miss, isEngine);
  return `fuse 1

// TODO: name the kernels as profiles print them; classes that others need too belong in lib/.
${kind === "fusion" ? FUSION_CLASSES : OVERLAP_CLASSES}

rule ${id} : ${kind} {
  title "${title ?? `TODO: what ${kind === "fusion" ? "becomes one kernel" : "runs at the same time"}`}"
  status experimental // TODO: mainline once the source names a symbol, or in-flight pr "owner/repo#1" checked DATE
  source ${origin} "TODO/path/to/the/file.py#symbol"

  when {
    ${when}
  }

${body}
}
`;
}

const FUSION_CLASSES = `let fused = name "*TODO_fused_kernel*"
let first = name "*TODO_first_kernel*"
let second = name "*TODO_second_kernel*"`;

const OVERLAP_CLASSES = `let compute = name "*TODO_compute_kernel*"
let transfer = name "*TODO_transfer_kernel*"`;

const guardName = (isEngine: boolean): string => (isEngine ? "framework" : "vendor");

const fusionBody = (given: string, miss: string, isEngine: boolean): string => `  active fused
  split first as first -> [gap 10us] second as second repeat >= 2

  report share >= 0.1%

  verdict active "TODO: {count} times in one kernel ({share})."
  verdict split "{first.name}, then {second.name}, {count} times ({share})."
  advice split "TODO: what to look at first."

  test "TODO: the pieces apart" {
    given ${given}
    repeat 2 {
      on main "TODO_first_kernel" 3us
      on main "TODO_second_kernel" 3us
    }
    expect match split 2 times
  }

  test "TODO: one kernel" {
    given ${given}
    on main "TODO_fused_kernel" 4us
    expect match active 1 times
  }

  test "TODO: the other way round" {
    given ${given}
    repeat 2 {
      on main "TODO_second_kernel" 3us
      on main "TODO_first_kernel" 3us after 20us
    }
    expect no match because pattern
  }

  test "TODO: where the rule does not apply" {
    ${miss}
    on main "TODO_fused_kernel" 4us
    expect no match because guard ${guardName(isEngine)}
  }`;

const overlapBody = (
  given: string,
  miss: string,
  isEngine: boolean,
): string => `  active overlap compute as compute with transfer as transfer >= 20%
  split compute as compute -> [gap 10us] transfer as transfer repeat >= 2

  report share >= 0.5%

  verdict active "TODO: {transfer.name} runs under {compute.name} ({count} times)."
  verdict split "{compute.name}, then {transfer.name} on one stream, {count} times ({share})."
  advice split "TODO: what to look at first."

  test "TODO: one after the other" {
    given ${given}
    repeat 2 {
      on main "TODO_compute_kernel" 10us
      on main "TODO_transfer_kernel" 10us
    }
    expect match split 2 times
  }

  test "TODO: at the same time" {
    given ${given}
    on main "TODO_compute_kernel" 10us at 0us
    on side "TODO_transfer_kernel" 10us at 2us
    expect match active 1 times
  }

  test "TODO: two streams, never at the same time" {
    given ${given}
    on main "TODO_compute_kernel" 10us at 0us
    on side "TODO_transfer_kernel" 10us at 30us
    expect no match because pattern
  }

  test "TODO: where the rule does not apply" {
    ${miss}
    on main "TODO_compute_kernel" 10us
    expect no match because guard ${guardName(isEngine)}
  }`;
