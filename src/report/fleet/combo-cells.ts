import type { Combo } from "../../model/contracts/fleet.ts";
import { type Cell, type Column, cell, left, span } from "../table.ts";

/** Columns of what builds are compared in. */
export const COMBO_COLUMNS: readonly Column[] = [
  left("Model", { min: 12 }),
  left("GPU", { min: 8 }),
  left("Engine"),
  left("Stage"),
];

export function comboCells({ model, gpu, framework, stage }: Combo): readonly Cell[] {
  const told = [model ?? "unknown", gpu ?? "unknown", framework ?? "unknown", stage];
  return told.map((text) => cell(span(text)));
}

export function comboInWords({ model, gpu, framework, stage }: Combo): string {
  const engine = framework === null || framework === "unknown" ? "" : `, ${framework}`;
  return `${model ?? "an unknown model"} on ${gpu ?? "an unknown GPU"}${engine}, ${stage}`;
}
