// Every page on a phone and on a desk, light and dark: no serious accessibility violation, nothing that sticks out, and
// a picture of each for people to look at.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectNoOverflow, kDesk, kPhone, kPictures, launch, logIn, open } from "./browser";
import { traveller } from "./mock/devices";
import { MockHub } from "./mock/hub";
import { kJourney } from "./mock/rollouts";
import { MockServer } from "./mock/server";

const kAxe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const kPages = {
  overview: "/",
  devices: "/devices",
  device: `/devices/${traveller.device}`,
  groups: "/groups",
  releases: "/releases",
  release: "/releases/2.0.0",
  alerts: "/alerts",
  accounts: "/admin/accounts",
  tokens: "/admin/tokens",
  audit: "/admin/audit",
  missing: "/nowhere",
};

const kLooks = [
  { name: "phone", viewport: kPhone, colorScheme: "light", locale: "en-US", isHeard: true },
  { name: "desk", viewport: kDesk, colorScheme: "light", locale: "en-US", isHeard: true },
  { name: "desk-dark", viewport: kDesk, colorScheme: "dark", locale: "en-US", isHeard: true },
  { name: "phone-dark-zh", viewport: kPhone, colorScheme: "dark", locale: "zh-CN", isHeard: true },
  { name: "small-phone", viewport: { width: 360, height: 740 }, colorScheme: "light", locale: "zh-CN", isHeard: false },
  { name: "wall", viewport: { width: 2560, height: 1440 }, colorScheme: "dark", locale: "en-US", isHeard: false },
] as const;

let browser: Browser;
let server: MockServer;
let root: string;

beforeAll(async () => {
  browser = await launch();
  server = new MockServer(new MockHub());
  root = await server.start();
  for (const [kind, milliseconds, bytes] of kJourney.slice(0, 3)) {
    server.hub.tell(traveller.device, kind, { milliseconds, bytes });
  }
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

async function settle(page: Page): Promise<void> {
  await page.locator("h1").first().waitFor();
  await expect.poll(() => page.locator(".loading").count()).toBe(0);
  await page.evaluate(() => document.fonts.ready);
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(kAxe);
  const results = (await page.evaluate(
    "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] })",
  )) as AxeResults;
  return results.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}

// A small phone and a wall differ from the others in room alone, so they are only looked at.
async function expectGood(page: Page, name: string, isHeard: boolean): Promise<void> {
  await settle(page);
  await page.screenshot({ path: `${kPictures}/${name}.png`, fullPage: true });
  await expectNoOverflow(page);
  if (isHeard) {
    expect(await violations(page), name).toEqual([]);
  }
}

describe.each(kLooks)("$name", ({ name, viewport, colorScheme, locale, isHeard }) => {
  it("is good to look at, and to all senses", { timeout: 120_000 }, async () => {
    const { page, complaints } = await open(browser, root, { viewport, colorScheme, locale });
    await page.goto("/login");
    await expectGood(page, `${name}-login`, isHeard);
    await page.goto("/setup#code");
    await expectGood(page, `${name}-setup`, isHeard);
    await logIn(page);
    for (const [title, path] of Object.entries(kPages)) {
      await page.goto(path);
      await expectGood(page, `${name}-${title}`, isHeard);
    }
    const all = server.hub.devices;
    server.hub.devices = [];
    await page.goto("/");
    await expectGood(page, `${name}-empty`, isHeard);
    server.hub.devices = all;
    expect(complaints).toEqual([]);
    server.hub.session = null;
    await page.context().close();
  });
});
