// A page is there within a second: from the request to a dashboard that shows its figures and answers to a click.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch, logIn, open } from "./browser";
import { traveller } from "./mock/devices";
import { MockHub } from "./mock/hub";
import { MockServer } from "./mock/server";

const kLoads = 5;
const kAllowed = 1000; // ms, median

const kPages = {
  overview: ["/", ".figures"],
  devices: ["/devices", "table"],
  device: [`/devices/${traveller.device}`, ".reading-chart canvas"],
} as const;

let browser: Browser;
let server: MockServer;
let root: string;

beforeAll(async () => {
  browser = await launch();
  server = new MockServer(new MockHub());
  root = await server.start();
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

// By the page's own clock, so that the time of talking to the browser does not count.
async function interactive(page: Page, path: string, sign: string): Promise<number> {
  await page.goto(path, { waitUntil: "commit" });
  await page.locator(sign).first().waitFor();
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const channel = new MessageChannel(); // after what is still to be drawn and run
        channel.port1.onmessage = () => resolve(performance.now());
        requestAnimationFrame(() => channel.port2.postMessage(undefined));
      }),
  );
}

describe("a page", () => {
  it.each(Object.entries(kPages))("%s is interactive within a second", async (name, [path, sign]) => {
    server.hub = new MockHub();
    const { page } = await open(browser, root);
    await logIn(page);
    const times: number[] = [];
    for (let load = 0; load < kLoads; load += 1) {
      times.push(await interactive(page, path, sign));
    }
    times.sort((one, other) => one - other);
    console.log(`${name}: ${times.map((time) => time.toFixed(0)).join(", ")} ms`);
    expect(times[Math.floor(kLoads / 2)]).toBeLessThan(kAllowed);
    await page.context().close();
  });
});
