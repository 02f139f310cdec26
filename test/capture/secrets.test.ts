import { expect, test } from "vitest";
import { withoutKey, withoutSecrets } from "../../src/capture/secrets.ts";

const R = "<redacted>";

test("secrets go, look-alikes stay", () => {
  const args = {
    api_key: "sk-1",
    admin_api_key: "sk-2",
    HF_TOKEN: "hf_abc",
    vllm_env: { VLLM_API_KEY: "k", AWS_SECRET_ACCESS_KEY: "s", HUGGING_FACE_HUB_TOKEN: "t" },
    ssl_keyfile_password: "pw",
    tokenizer_path: "/models/x",
    eos_token: "</s>",
    skip_tokenizer_init: false,
    max_total_num_tokens: 4096,
    ssl_keyfile: null,
    list: [{ password: "pw" }, "plain"],
  };
  expect(withoutSecrets(args, null)).toEqual({
    ...args,
    api_key: R,
    admin_api_key: R,
    HF_TOKEN: R,
    vllm_env: { VLLM_API_KEY: R, AWS_SECRET_ACCESS_KEY: R, HUGGING_FACE_HUB_TOKEN: R },
    ssl_keyfile_password: R,
    list: [{ password: R }, "plain"],
  });
});

test.each([
  ["serve m --api-key sk-1 --port 1", `serve m --api-key ${R} --port 1`],
  ["serve m --api-key=sk-1", `serve m --api-key=${R}`],
  ["Args(api_key='sk-1', port=1)", `Args(api_key='${R}', port=1)`],
  ["Args(api_key=None, port=1)", "Args(api_key=None, port=1)"],
  ["Authorization: Bearer abc", `Authorization: Bearer ${R}`],
  ["Authorization: Basic dTpw", `Authorization: Basic ${R}`],
  ["m --ssl-keyfile-password hunter2 --tp 2", `m --ssl-keyfile-password ${R} --tp 2`],
  ["m --ssl-keyfile-pass hunter2", `m --ssl-keyfile-pass ${R}`],
  ["m --api-key k1 k2 --tp 2", `m --api-key ${R} --tp 2`],
  ["m --api-key ab,cd", `m --api-key ${R}`],
  ["m --api-key 'a --b c' d -h", `m --api-key ${R} -h`],
  ['m --api-key "a b" --tp 2', `m --api-key "${R}" --tp 2`],
  ["m --api-key='a b' --tp 2", `m --api-key='${R}' --tp 2`],
  ["m --api-key=-x9 --tp 2", `m --api-key=${R} --tp 2`],
  ["m --api-key --tp 2", "m --api-key --tp 2"],
  ["m --api_key k1\n--tp 2", `m --api_key ${R}\n--tp 2`],
  ["HF_TOKEN=hf_abc python -m x", `HF_TOKEN=${R} python -m x`],
  ["Args(api_key=['a1', 'b1'], port=1)", `Args(api_key=${R}, port=1)`],
  [`m --config {"apiKey":"a1","tp":2}`, `m --config {"apiKey":"${R}","tp":2}`],
  ["http://h/v1?api_key=abc&tp=1", `http://h/v1?api_key=${R}&tp=1`],
  ["--tokenizer-path /m --max-total-tokens 4096", "--tokenizer-path /m --max-total-tokens 4096"],
  ["m --ssl-keyfile /k --ssl-certfile /c", "m --ssl-keyfile /k --ssl-certfile /c"],
  ["https://user:pw@host:1/x", `https://user:${R}@host:1/x`],
  ["http://127.0.0.1:8000", "http://127.0.0.1:8000"],
])("in texts: %s", (text, clean) => {
  expect(withoutSecrets({ command: text }, null)).toEqual({ command: clean });
});

test("the key we were given never shows, wherever it stands", () => {
  expect(withoutSecrets({ note: "started with my-key-7" }, "my-key-7")).toEqual({
    note: `started with ${R}`,
  });
});

test("what stood under a secret name shows nowhere else", () => {
  const args = {
    api_key: ["sesame-1", "k2"],
    launch_command: "python -m sglang.launch_server --api-key sesame-1 k2 --tp 2",
    note: "started by sesame-1, k2 and k22",
    startup: "--served-model-name sesame-1",
  };
  expect(withoutSecrets(args, null)).toEqual({
    api_key: R,
    launch_command: `python -m sglang.launch_server --api-key ${R} --tp 2`,
    note: `started by ${R}, ${R} and k22`,
    startup: `--served-model-name ${R}`,
  });
});

test("a secret that only the command line tells is known everywhere", () => {
  const args = { command: "m --ssl-keyfile-password hunter22", env: { note: "pw hunter22" } };
  expect(withoutSecrets(args, null)).toEqual({
    command: `m --ssl-keyfile-password ${R}`,
    env: { note: `pw ${R}` },
  });
});

test("argument lists are read as command lines", () => {
  const argv = ["m", "--api-key", "a1", "b1", "--tp", "2", "--hf-token=zz9"];
  expect(withoutSecrets(argv, null)).toEqual([
    "m",
    "--api-key",
    R,
    R,
    "--tp",
    "2",
    `--hf-token=${R}`,
  ]);
});

test("the key leaves quoted answers, escaped or not", () => {
  expect(withoutKey('{"detail":"bad key a\\"bcdef"}', 'a"bcdef')).toBe(`{"detail":"bad key ${R}"}`);
  expect(withoutKey("attested key", "test")).toBe("attested key");
});
