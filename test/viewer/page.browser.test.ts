import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Report } from "../../src/model/contracts/report.ts";
import { renderReports } from "../../src/report/render-reports.ts";
import { DEFAULT_RENDER_OPTIONS } from "../../src/report/renderer.ts";
import { realisticReport } from "../report/sample-reports.ts";
import { damagedReport, hostileReport } from "../report/samples.ts";
import { CHROMIUM } from "../support/chromium.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const WORK_ROW = {
  op: "aten::mm",
  kernels: [],
  dims: "[[32,4096],[4096,24576]]",
  types: "",
  count: 36,
  kernelUs: 3600,
  flop: 6_442_450_944,
  bytes: 203_161_600,
  rate: "bf16",
  boundBy: "memory",
  tflops: 64,
  tbps: 2,
  floorUs: 2183,
  pctOfLimit: 60.6,
  headroomUs: 1417,
  usualPctOfLimit: null,
  atLeast: false,
  fitsCache: false,
  shapesFrom: "op",
  assuming: [],
  model: "aten-mm",
} as const;

const title = `the page in a browser${CHROMIUM === null ? " (skipped: no Chromium; set CHROMIUM_PATH)" : ""}`;

describe.skipIf(CHROMIUM === null)(title, () => {
  let browser: Browser;
  let errors: string[] = [];
  let requests: string[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM!, args: ["--no-sandbox"] });
  });
  afterAll(() => browser.close());

  async function open(
    reports: readonly Report[],
    scheme: "light" | "dark" = "light",
  ): Promise<Page> {
    const text = renderReports(reports, "html", DEFAULT_RENDER_OPTIONS);
    const file = `${temporaryFolder({ "report.html": text })}/report.html`;
    const page = await browser.newPage({ colorScheme: scheme });
    page.setDefaultTimeout(5_000);
    errors = [];
    requests = [];
    page.on("console", (message) => errors.push(message.text()));
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("request", (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(file).href);
    return page;
  }

  const firstCells = (page: Page, table: string): Promise<string[]> =>
    page.locator(`table.${table}:visible tr.row .opener`).allInnerTexts();

  test("loads from file:// and nothing else, without a word on the console", async () => {
    const page = await open([realisticReport()]);
    expect(await page.locator("h1").innerText()).toBe("openai/gpt-oss-120b");
    expect(await page.locator(".summary").innerText()).toContain("launch-bound");
    expect(errors).toEqual([]);
    expect(requests).toHaveLength(1);
    await page.close();
  });

  test("the roofline has a point for each op and shape, and says the row under the pointer", async () => {
    const report = realisticReport();
    const stage = report.stages[0]!;
    const row = { ...WORK_ROW, op: "<b>aten::mm</b>" };
    const limits = {
      ...stage.limits,
      machine: "NVIDIA H100 SXM",
      peaks: { memory: 3.35, link: 0.45, compute: [{ rate: "bf16", tflops: 989 }] },
    };
    const work = [row, { ...row, op: "copy", flop: 0, tflops: 0 }];
    const page = await open([{ ...report, stages: [{ ...stage, work, limits }] }]);
    const points = page.locator(".roofline circle.point");
    expect(await points.count()).toBe(2);
    await points.first().hover({ force: true });
    const told = await page.locator(".roofline .readout").innerText();
    expect(told).toMatch(/<b>aten::mm<\/b>|copy/);
    expect(told).toContain("of its limit 60.6% memory");
    expect(errors).toEqual([]);
    await page.close();
  });

  test("where the time goes and what to do first stand on the first screen", async () => {
    const [wide, phone] = [
      { width: 1280, height: 800 },
      { width: 390, height: 844 },
    ];
    for (const size of [wide, phone, { width: 1920, height: 1080 }]) {
      const page = await open([realisticReport()]);
      await page.setViewportSize(size);
      const bottoms = (selector: string) =>
        page
          .locator(selector)
          .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().bottom));
      expect(Math.max(...(await bottoms("header .ledger")))).toBeLessThan(size.height);
      const cards = await bottoms(".card");
      expect(cards.length).toBeGreaterThan(0);
      if (size !== phone) expect(Math.max(...cards)).toBeLessThan(size.height);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(size.width);
      const fills = await page.evaluate(
        "[...document.querySelectorAll('.ledger rect')].map((one) => getComputedStyle(one).fill)",
      );
      expect(fills).not.toContain("rgb(0, 0, 0)");
      await page.close();
    }
  });

  test("heads sort, and say so", async () => {
    const page = await open([realisticReport()]);
    const before = await firstCells(page, "kernels");
    const head = page.locator("table.kernels th.launches").first();
    await head.getByRole("button").click();
    expect(await head.getAttribute("aria-sort")).toBe("descending");
    const sorted = await firstCells(page, "kernels");
    expect(sorted[0]).toContain("Memcpy");
    await head.getByRole("button").click();
    expect((await firstCells(page, "kernels"))[0]).toContain("bmm_");
    await head.getByRole("button").click();
    expect(await firstCells(page, "kernels")).toEqual(before);
    await page.close();
  });

  test("text and state filters hide rows and count them", async () => {
    const page = await open([realisticReport()]);
    const kernels = page.locator("section", { has: page.locator("table.kernels") }).first();
    await kernels.getByRole("searchbox").fill("multimem");
    expect(await firstCells(page, "kernels")).toHaveLength(1);
    expect(await kernels.getByRole("status").innerText()).toBe("2 rows hidden");
    const fuse = page.locator("section", { has: page.locator("table.fuse") }).first();
    await fuse.getByLabel("State").selectOption("active");
    expect(await firstCells(page, "fuse")).toEqual(["residual-rmsnorm"]);
    await page.close();
  });

  test("arrow keys go from stage to stage", async () => {
    const page = await open([realisticReport()]);
    await page.getByRole("tab").first().focus();
    await page.keyboard.press("ArrowRight");
    const decode = page.getByRole("tab", { name: /decode/ });
    expect(await decode.getAttribute("aria-selected")).toBe("true");
    expect(await page.getByRole("tabpanel").getAttribute("id")).toContain("decode");
    await page.keyboard.press("ArrowRight");
    expect(await page.getByRole("tab").first().getAttribute("aria-selected")).toBe("true");
    await page.close();
  });

  test("a row opens its evidence, by keyboard too", async () => {
    const page = await open([realisticReport()]);
    const row = page.getByRole("button", { name: "allreduce-residual-rmsnorm", exact: true });
    await row.focus();
    await page.keyboard.press("Enter");
    expect(await row.getAttribute("aria-expanded")).toBe("true");
    const details = page.locator("tr.details");
    expect(await details.innerText()).toContain("fuse_allreduce_rms");
    expect(await details.getByRole("link").first().getAttribute("href")).toMatch(
      /^https:\/\/github\.com\/vllm-project\/vllm\/blob\//,
    );
    await page.close();
  });

  test("the layer is drawn, kernels are told, zoom and brackets work", async () => {
    const page = await open([realisticReport()]);
    const picture = page.getByRole("application").first();
    expect(await picture.locator("g.span").count()).toBe(7);
    await picture.focus();
    await page.keyboard.press("ArrowRight");
    expect(await page.locator(".readout").first().innerText()).toContain("nvjet");
    const wide = await picture.locator("g.span rect").first().getAttribute("width");
    await page.keyboard.press("+");
    const wider = await picture.locator("g.span rect").first().getAttribute("width");
    expect(wider).not.toBe(wide);
    await page.keyboard.press("0");
    await picture.hover();
    await page.mouse.wheel(0, -100);
    await expect.poll(() => picture.locator("g.span").count()).toBeLessThanOrEqual(7);
    await page.keyboard.press("0");
    await picture.locator("g.bracket .hit").first().click();
    await page.locator("tr.details").waitFor();
    expect(await page.locator("tr.details").innerText()).toContain("fuse_allreduce_rms");
    await page.close();
  });

  test("dark where the reader wants it dark", async () => {
    const color = async (scheme: "light" | "dark"): Promise<number> => {
      const page = await open([realisticReport()], scheme);
      const rgb = String(await page.evaluate("getComputedStyle(document.body).backgroundColor"));
      await page.close();
      return Number(/\d+/.exec(rgb)![0]);
    };
    expect(await color("light")).toBeGreaterThan(200);
    expect(await color("dark")).toBeLessThan(60);
  });

  test("on paper every stage is shown and no control", async () => {
    const page = await open([realisticReport()]);
    await page.emulateMedia({ media: "print" });
    expect(await page.locator(".panel:visible").count()).toBe(2);
    expect(await page.locator(".filters:visible").count()).toBe(0);
    await page.close();
  });

  test("a partial trace is marked, several reports have tabs", async () => {
    const page = await open([damagedReport(), realisticReport()]);
    expect(await page.locator(".banner:visible").innerText()).toContain("Partial trace");
    expect(await page.getByRole("tablist", { name: "Reports" }).count()).toBe(1);
    expect(errors).toEqual([]);
    await page.close();
  });

  test("hostile names stay names", async () => {
    const page = await open([hostileReport()]);
    await page.evaluate("document.querySelectorAll('.opener').forEach((row) => row.click())");
    expect(await page.locator("main img, main script, main iframe").count()).toBe(0);
    expect(await page.getByText("<script>alert(1)</script>").count()).toBeGreaterThan(0);
    const links = await page.evaluate(
      "[...document.querySelectorAll('main a')].map((a) => a.href)",
    );
    expect((links as string[]).filter((href) => !href.startsWith("https://"))).toEqual([]);
    expect(errors).toEqual([]);
    await page.close();
  });

  test.each(["light", "dark"] as const)("axe finds nothing to object to, %s", async (scheme) => {
    const page = await open([realisticReport()], scheme);
    await page.getByRole("button", { name: "allreduce-residual-rmsnorm", exact: true }).click();
    const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
    await page.evaluate(axe);
    const found = (await page.evaluate(
      "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).slice(0, 3).join(' ')))",
    )) as string[];
    expect(found).toEqual([]);
    await page.close();
  });
});
