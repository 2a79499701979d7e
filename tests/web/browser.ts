// Debian's Chromium, pages that must not complain, and where pictures go.
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chromium, type Browser, type Page } from "playwright-core";
import { expect } from "vitest";
import { kAdmin } from "./mock/hub";

export const kPhone = { width: 390, height: 844 };
export const kDesk = { width: 1440, height: 900 };
export const kPictures = fileURLToPath(new URL("../../build/web/screenshots", import.meta.url));

const kArguments = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export async function launch(): Promise<Browser> {
  await mkdir(kPictures, { recursive: true });
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: kArguments });
}

export interface Opened {
  page: Page;
  complaints: string[]; // errors of scripts and of the content security policy
}

type Look = { viewport?: { width: number; height: number }; colorScheme?: "light" | "dark"; locale?: string };

export async function open(browser: Browser, root: string, look: Look = {}): Promise<Opened> {
  const context = await browser.newContext({
    baseURL: root,
    viewport: kDesk,
    reducedMotion: "reduce",
    locale: "en-US",
    ...look,
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    // A refused request is told on the page; the browser's own line about it is no complaint.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
      complaints.push(message.text());
    }
  });
  return { page, complaints };
}

export async function logIn(page: Page): Promise<void> {
  await page.goto("/");
  await page.locator("#user").fill(kAdmin.user);
  await page.locator("#password").fill(kAdmin.password);
  await page.locator("button[type=submit]").click();
  await page.locator(".shell").waitFor();
}

// Nothing sticks out to the right.
export async function expectNoOverflow(page: Page): Promise<void> {
  const width = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth] as const);
  expect(width[0], "width of the page").toBeLessThanOrEqual(width[1]);
}
