// The dashboard of a real hub, with the devices of `ferry demo` behind it. FERRY names the program; without it there is
// nothing to test here.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { expectNoOverflow, kDesk, kPhone, kPictures, launch, open } from "./browser";

const kFerry = process.env.FERRY;

// The first line with `text` in it, of those that were said or will be.
async function lineWith(said: string[], text: string): Promise<string> {
  return vi.waitUntil(() => said.find((line) => line.includes(text)), { timeout: 120_000, interval: 50 });
}

describe.runIf(kFerry)("a running demo", () => {
  let browser: Browser;
  let demo: ChildProcess;
  const said: string[] = [];

  beforeAll(async () => {
    browser = await launch();
    demo = spawn(kFerry ?? "", ["demo", "--dashboard"], { stdio: ["pipe", "pipe", "inherit"] });
    if (demo.stdout === null) {
      throw new Error("the demo has no output");
    }
    createInterface(demo.stdout).on("line", (line) => said.push(line));
  });

  afterAll(async () => {
    demo.kill();
    await browser.close();
  });

  it("is seen from its first account to the confirmed release", { timeout: 180_000 }, async () => {
    const link = /http:\S+/.exec(await lineWith(said, "dashboard"))?.[0] ?? "";
    const { page, complaints } = await open(browser, new URL(link).origin);
    await page.goto(link);
    await page.getByLabel("User").fill("grace");
    await page.getByLabel("Password").fill("a long enough one");
    await page.getByRole("button", { name: "Make account and log in" }).click();
    await page.getByRole("heading", { name: "Fleet" }).waitFor();

    demo.stdin?.write("\n");
    await lineWith(said, "until you press Enter");
    await page.goto("/devices");
    await page.getByText("0001").first().waitFor();
    for (const [name, viewport] of [
      ["desk", kDesk],
      ["phone", kPhone],
    ] as const) {
      await page.setViewportSize(viewport);
      for (const path of ["/", "/devices", "/releases"]) {
        await page.goto(path);
        await page.locator("h1").first().waitFor();
        await expect.poll(() => page.locator(".loading").count()).toBe(0);
        await expectNoOverflow(page);
        await page.screenshot({ path: `${kPictures}/demo-${name}${path.replace("/", "-")}.png`, fullPage: true });
      }
    }
    await page.goto("/devices?q=0001");
    await page
      .getByRole("link", { name: /0001|[0-9a-f]{8}/ })
      .first()
      .click();
    await page.getByText("2.0.0").first().waitFor();
    await expect.poll(() => page.locator(".loading").count()).toBe(0);
    await page.screenshot({ path: `${kPictures}/demo-device.png`, fullPage: true });
    expect(complaints).toEqual([]);

    const ended = once(demo, "exit");
    demo.stdin?.write("\n");
    expect((await ended)[0]).toBe(0);
  });
});
