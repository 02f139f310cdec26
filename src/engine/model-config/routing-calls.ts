import type { AssumedCall, Known } from "./assumed-call.ts";
import { madeCall, plainType } from "./made-call.ts";
import type { RoleCall } from "./role-calls.ts";
import { tensor } from "./tensors.ts";

/** The choice of experts, and the tokens in their order. */
export function routing(all: Known, call: RoleCall, rows: number): AssumedCall | string {
  const { shape, split } = all;
  if (split.elsewhere !== null) return split.elsewhere;
  const { experts } = shape;
  if (experts === null) return `${shape.path} does not tell the number of experts`;
  const { count, chosen } = experts;
  const ids = tensor("i32", [rows, chosen]);
  const from = [`${chosen} of ${count} experts`];
  if (call.role === "moe_align")
    return madeCall(all, call, rows, { op: "_moe_C::moe_align_block_size", inputs: [ids], from });
  const scores = tensor(plainType(all), [rows, count]);
  const weights = tensor("fp32", [rows, chosen]);
  return madeCall(all, call, rows, {
    op: "_moe_C::topk_softmax",
    inputs: [weights, ids, ids, scores],
    from,
  });
}

/** Rows of the vocabulary's table; of one split among ranks how many are a rank's own is chance. */
export function embedding(all: Known, call: RoleCall, rows: number): AssumedCall | string {
  const { shape, split } = all;
  if (shape.hidden === null || shape.vocabulary === null)
    return `${shape.path} does not tell the sizes of the embedding`;
  if (split.mlp > 1) return "how many tokens' embeddings a rank holds nothing tells";
  return madeCall(all, call, rows, {
    op: "aten::embedding",
    inputs: [tensor(plainType(all), [shape.vocabulary, shape.hidden]), tensor("i64", [rows])],
    from: [`vocabulary ${shape.vocabulary}`],
  });
}
