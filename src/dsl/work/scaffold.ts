/** A work model to fill in: it parses and its test passes; what is missing says TODO. */
export function scaffoldWork({
  id,
  library,
  title,
}: {
  readonly id: string;
  readonly library: string;
  readonly title: string | null;
}): string {
  return `fuse 2

// The least a call has to do: what a kernel does beyond it is what the report shows as headroom.
work ${id} {
  title ${JSON.stringify(title ?? "TODO: what the op computes")}
  op ${JSON.stringify(`${library}::todo_${id.replaceAll("-", "_")}`)}
  source ${library} "TODO/path.py#symbol"
  where input[0].rank == 2
  let m = input[0].dims[0]
  let k = input[0].dims[1]
  let n = input[1].dims[1]
  flops 2 * m * n * k at matrix(input[0].type)
  reads bytes(input[0]) + bytes(input[1])
  writes m * n * size(input[0].type)
  test "TODO: dims of a real trace, figures worked out by hand" {
    given inputs bf16[32, 4096], bf16[4096, 1024]
    expect flops 268435456, bytes 8716288
  }
  test "another rank is another op" {
    given inputs bf16[2, 32, 4096], bf16[2, 4096, 1024]
    expect none
  }
}
`;
}
