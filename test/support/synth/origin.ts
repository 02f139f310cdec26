/** The place in the call tree that the recorder stands at, and what it means as truth. */
import type { Call } from "./calls.ts";
import type { Origin } from "./trace.ts";

/** Immutable chain, innermost first: snapshots cost nothing. */
interface Chain {
  readonly text: string;
  readonly plumbing: boolean;
  readonly outer: Chain | null;
}

export interface Scope {
  readonly stack: Chain | null;
  readonly ops: Chain | null;
  readonly modules: Chain | null;
  /** Path of layers and attribute names: identifies a module instance. */
  readonly key: string;
  readonly layer: number | null;
  readonly step: number | null;
  /** Python id of the enclosing frame; External id of the innermost op. */
  readonly pythonId: number | null;
  readonly externalId: number | null;
  /** Whether breaks split the graph being captured or replayed. */
  readonly piecewise: boolean;
}

export const OUTSIDE: Scope = {
  stack: null,
  ops: null,
  modules: null,
  key: "",
  layer: null,
  step: null,
  pythonId: null,
  externalId: null,
  piecewise: false,
};

/** The scope within a frame, module (with its numbered `instance`) or op. */
export function inside(
  scope: Scope,
  call: Extract<Call, { kind: "py" | "module" | "op" }>,
  instance: string,
): Scope {
  if (call.kind === "op")
    return { ...scope, ops: { text: call.name, plumbing: false, outer: scope.ops } };
  if (call.kind === "py")
    return { ...scope, stack: { text: call.name, plumbing: call.plumbing, outer: scope.stack } };
  return {
    ...scope,
    key: `${scope.key}/${call.type}.${call.as}`,
    stack: { text: `nn.Module: ${instance}`, plumbing: true, outer: scope.stack },
    modules: { text: instance, plumbing: false, outer: scope.modules },
  };
}

export function inLayer(scope: Scope, index: number): Scope {
  return { ...scope, layer: index, key: `${scope.key}/${index}` };
}

export function originOf(role: string, scope: Scope): Origin {
  const stack = texts(scope.stack);
  const modules = texts(scope.modules).reverse();
  let code = scope.stack;
  while (code?.plumbing === true) code = code.outer;
  return {
    role,
    site: code?.text ?? null,
    stack,
    modulePath: modules.length === 0 ? null : modules.join("."),
    ops: texts(scope.ops),
    layer: scope.layer,
    step: scope.step,
  };
}

function texts(chain: Chain | null): string[] {
  const list: string[] = [];
  for (let link = chain; link !== null; link = link.outer) list.push(link.text);
  return list;
}
