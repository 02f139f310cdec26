import { expect, test } from "vitest";
import { withoutSecrets } from "../../../src/capture/run/server-args-file.ts";

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
