import { execFileSync } from "node:child_process";
import { beforeEach, describe, expect, test } from "vitest";
import { verifySources } from "../../../src/commands/rules/lock.ts";
import { parseSourceLock } from "../../../src/dsl/source-lock.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const OLD = "a".repeat(40);

const LOCK = `# Where the sources were read.
repos:
  sglang:
    url: https://github.com/sgl-project/sglang # the engine
    commit: "${OLD}"
    date: "2026-01-01"
  vllm:
    url: https://github.com/vllm-project/vllm
    commit: "${OLD}"
    date: "2026-01-01"
files:
  sglang:
    # Norms live here.
    "python/norm.py":
      symbols: ["RMSNorm.forward", "lost_symbol", "moved_kernel"]
      verified: true
    "python/gone.py":
      symbols: ["only_here"]
      verified: true
    "pull/22005":
      symbols: []
      verified: false
      note: "not looked up"
  vllm:
    "csrc/a.cu":
      symbols: ["a_kernel"]
      verified: true
`;

const rule = (id: string, sources: string) => `fuse 1

rule ${id} : fusion {
  title "${id}"
  status mainline
  ${sources}
  active kernels
  let kernels = name "*kernel*"
}
`;

const RULES = {
  "fuse/sglang/norm.fuse": rule("norm", 'source sglang "python/norm.py#moved_kernel"'),
  "fuse/sglang/fresh.fuse": rule("fresh", 'source sglang "python/fresh.py#Fresh.run"'),
  "sources.lock.yaml": LOCK,
};

const CHECKOUT = {
  "python/norm.py":
    "class RMSNorm:\n    def forward(self): pass\n# lost_symbol was here\nmoved_kernel(1)\n",
  "python/kernels/new_home.py": "@triton.jit\ndef moved_kernel(x): pass\n",
  "python/fresh.py": "class Fresh:\n    def run(self): pass\n",
};

let root: string;
beforeEach(() => {
  root = temporaryFolder(RULES);
});

const verify = (files: Record<string, string>) =>
  verifySources(root, new Map([["sglang", temporaryFolder(files)]]));

describe("a folder laid out like the repository", () => {
  test("says of every symbol where it is", async () => {
    const { repos } = await verify(CHECKOUT);
    const said = repos[0]!.findings
      .filter(({ symbol }) => symbol !== null)
      .map(({ path, symbol, state, at }) => `${state} ${path}#${symbol} ${at.join(" ")}`.trim());
    expect(said).toEqual([
      "new python/fresh.py#Fresh.run",
      "vanished python/gone.py#only_here",
      "ok python/norm.py#RMSNorm.forward",
      "vanished python/norm.py#lost_symbol",
      "used python/norm.py#moved_kernel python/kernels/new_home.py",
    ]);
  });

  test("a symbol that left its file has moved", async () => {
    const files = {
      ...CHECKOUT,
      "python/norm.py": "class RMSNorm:\n    def forward(self): pass\n",
    };
    const { diagnostics } = await verify(files);
    const [moved] = diagnostics.filter(({ rule: id }) => id === "norm");
    expect(moved).toMatchObject({
      code: "source-moved",
      severity: "error",
      file: `${root}/fuse/sglang/norm.fuse`,
      message: "`moved_kernel` is no longer defined in python/norm.py of sglang",
      help: "now in python/kernels/new_home.py",
    });
    expect(moved!.range.line).toBe(6);
  });

  test("what no rule names is reported in the lock", async () => {
    const { diagnostics, lockFile } = await verify(CHECKOUT);
    const places = diagnostics.map(({ file, range }) => [file, range.line]);
    expect(places).toEqual([
      [lockFile, 17],
      [lockFile, 14],
    ]);
  });
});

describe("the lock's text", () => {
  test("gains what rules name and loses what is gone; comments and other repositories stay", async () => {
    const { updated, isCurrent } = await verify(CHECKOUT);
    expect(isCurrent).toBe(false);
    expect(updated).toContain("# Where the sources were read.");
    expect(updated).toContain("# the engine");
    expect(updated).toContain("# Norms live here.");
    const { lock } = parseSourceLock(updated, "lock");
    expect(lock!.repos).toEqual(parseSourceLock(LOCK, "lock").lock!.repos);
    expect(lock!.files.vllm).toEqual(parseSourceLock(LOCK, "lock").lock!.files.vllm);
    expect(lock!.files.sglang).toEqual({
      "pull/22005": { symbols: [], verified: false, note: "not looked up" },
      "python/fresh.py": { symbols: ["Fresh.run"], verified: true },
      "python/gone.py": { symbols: ["only_here"], verified: false, note: "not found" },
      "python/norm.py": { symbols: ["RMSNorm.forward", "moved_kernel"], verified: true },
    });
  });

  test("updated once, there is nothing left to update", async () => {
    const { updated } = await verify(CHECKOUT);
    root = temporaryFolder({ ...RULES, "sources.lock.yaml": updated });
    const again = await verify(CHECKOUT);
    expect(again.updated).toBe(updated);
    expect(again.isCurrent).toBe(true);
  });
});

test("a git checkout gives its commit and day", async () => {
  const folder = temporaryFolder(CHECKOUT);
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", folder, "-c", "user.name=a", "-c", "user.email=a@b.c", ...args], {
      env: { ...process.env, GIT_COMMITTER_DATE: "2026-03-04T12:00:00Z" },
      encoding: "utf8",
    });
  git("init", "-q");
  git("add", ".");
  git("commit", "-qm", "all");
  const commit = git("rev-parse", "HEAD").trim();
  const { updated, repos } = await verifySources(root, new Map([["sglang", folder]]));
  expect(repos[0]!.checkout).toMatchObject({ commit, date: "2026-03-04" });
  const { lock } = parseSourceLock(updated, "lock");
  expect(lock!.repos.sglang).toMatchObject({ commit, date: "2026-03-04" });
  expect(lock!.files.sglang!["python/gone.py"]!.note).toBe(`not found at ${commit.slice(0, 12)}`);
});

test("a repository that the lock does not know is wrong usage", async () => {
  const folder = temporaryFolder(CHECKOUT);
  await expect(verifySources(root, new Map([["sglnag", folder]]))).rejects.toMatchObject({
    code: "lock/unknown-repo",
    exit: 2,
  });
});

describe("the kernel that a source declares", () => {
  const asking = (glob: string, symbol = "norm.cuh#fused_norm") => ({
    "fuse/sglang/norm.fuse": `fuse 1

rule norm : fusion {
  title "norm"
  status mainline
  source sglang "${symbol}"
  active kernels
  let kernels = name "${glob}"
}
`,
    "sources.lock.yaml": LOCK,
  });
  const TREE = {
    "norm.cuh": `#define NORM_KERNEL __global__ __launch_bounds__(128)
namespace sglang {
template <typename T> NORM_KERNEL void fused_norm(T* out) { out[0] = 1; }
void launch() { fused_norm<float><<<1, 1>>>(nullptr); }
}
`,
    "norm.py": `import cutlass.cute as cute
@cute.kernel
def free_norm(x): pass
`,
  };
  const said = async (rules: Record<string, string>, files: Record<string, string> = TREE) => {
    root = temporaryFolder(rules);
    const { diagnostics } = await verify(files);
    return diagnostics
      .filter(({ code }) => code === "unmatched-source")
      .map(({ message }) => message);
  };

  test("is what the rule must look for, macros seen through", async () => {
    expect(await said(asking("*fused_norm_kernel*"))).toEqual([
      "sglang declares `fused_norm` as a kernel, and the rule looks for none that is called void sglang::fused_norm<__nv_bfloat16>(void*)",
    ]);
    expect(await said(asking("*fused_norm<*"))).toEqual([]);
  });

  test("has no module in its name where CuTe DSL compiles a free function", async () => {
    const symbol = "norm.py#free_norm";
    expect(await said(asking("*free_norm_sglang*", symbol))).toHaveLength(1);
    expect(await said(asking("kernel_cutlass_free_norm_*", symbol))).toEqual([]);
  });

  test("is asked for only where the symbol is a kernel", async () => {
    expect(await said(asking("*anything_else*", "norm.cuh#launch"))).toEqual([]);
  });

  test("lies elsewhere in what a wheel unpacks to", async () => {
    const symbol = "include/sglang/norm.cuh#fused_norm";
    const wheel = { "sglang/data/include/sglang/norm.cuh": TREE["norm.cuh"] };
    expect(await said(asking("*fused_norm_kernel*", symbol), wheel)).toHaveLength(1);
    // Two files that end alike: neither is taken for the other.
    const twice = { ...wheel, "other/include/sglang/norm.cuh": TREE["norm.cuh"] };
    expect(await said(asking("*fused_norm_kernel*", symbol), twice)).toEqual([]);
  });
});
