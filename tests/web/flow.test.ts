// What people do with the dashboard, in a browser, against the mock hub.
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { kPhone, kPictures, launch, logIn, open, type Opened } from "./browser";
import { traveller } from "./mock/devices";
import { kAdmin, kSetupCode, MockHub } from "./mock/hub";
import { kJourney } from "./mock/rollouts";
import { MockServer } from "./mock/server";

let browser: Browser;
let server: MockServer;
let root: string;
let opened: Opened;
let page: Page;

beforeAll(async () => {
  browser = await launch();
  server = new MockServer(new MockHub());
  root = await server.start();
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

beforeEach(async () => {
  server.hub = new MockHub();
  opened = await open(browser, root);
  page = opened.page;
});

afterEach(async () => {
  expect(opened.complaints).toEqual([]);
  await page.context().close();
});

const heading = () => page.locator("h1").innerText();

describe("the gate", () => {
  it("makes the first account by the one-time link", async () => {
    server.hub.account = undefined;
    await page.goto(`/setup#${kSetupCode}`);
    await page.getByLabel("User").fill("grace");
    await page.getByLabel("Password").fill("a long enough one");
    await page.getByRole("button", { name: "Make account and log in" }).click();
    await page.getByRole("heading", { name: "Fleet" }).waitFor();
    expect(server.hub.account).toMatchObject({ user: "grace" });
  });

  it("says what is wrong with a link that is not whole", async () => {
    await page.goto("/setup");
    await page.getByText("This link is not whole").waitFor();
  });

  it("refuses a wrong password, then lets in, to the page that was asked for", async () => {
    await page.goto("/alerts");
    await page.getByLabel("User").fill(kAdmin.user);
    await page.getByLabel("Password").fill("wrong");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("User or password is wrong.").waitFor();
    await page.getByLabel("Password").fill(kAdmin.password);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Alerts" }).waitFor();
  });

  it("closes behind whoever logs out", async () => {
    await logIn(page);
    await page.getByRole("button", { name: "Log out" }).first().click();
    await page.getByRole("heading", { name: "Log in" }).waitFor();
    expect(server.hub.session).toBeNull();
  });
});

describe("the fleet", () => {
  it("says what to do where there are no devices", async () => {
    server.hub.devices = [];
    await logIn(page);
    await page.getByText("No devices yet").waitFor();
    await page.getByText("ferry provision").waitFor();
  });

  it("follows what happens", async () => {
    await logIn(page);
    await page.locator(".side .link-state", { hasText: "Live" }).waitFor();
    const event = server.hub.tell(traveller.device, "stale");
    server.publish("device", traveller.device, event);
    await page.getByText("Repository is stale").first().waitFor();
    for (const kind of ["window", "jump"] as const) {
      server.publish("device", traveller.device, server.hub.tell(traveller.device, kind));
    }
    await page.locator(".travellers li", { hasText: "Manifest" }).waitFor();
    server.publish("overview", "", { ...server.hub.overview(), online: 7 });
    await page.locator(".figure", { hasText: "Online" }).getByText("7", { exact: true }).waitFor();
  });

  it("is filtered by the address, and the address by the filters", async () => {
    await logIn(page);
    await page.goto("/devices?silent=true");
    await page.getByText(/^4 found/).waitFor();
    await page.getByLabel("State").selectOption("online");
    await page.waitForURL("**/devices?online=true");
    await page.getByLabel("Search").fill("EV-00");
    await page.waitForURL("**/devices?search=EV-00&online=true");
    const csv = page.getByRole("link", { name: "CSV" });
    expect(await csv.getAttribute("href")).toBe("/api/v1/export/devices?format=csv&search=EV-00&online=true");
    await page.getByLabel("Search").fill("no such thing");
    await page.getByText("No device matches").waitFor();
    await page.getByRole("link", { name: "Clear filters" }).click();
    await page.getByText(/^64 found/).waitFor();
  });

  it("is turned page by page, forth and back", async () => {
    await logIn(page);
    await page.getByRole("link", { name: "Devices" }).first().click();
    await page.getByRole("link", { name: "Next page" }).click();
    await page.getByText("M-0064").waitFor();
    await page.goBack();
    await page.getByText("M-0001").waitFor();
  });
});

describe("a device", () => {
  const station = (name: string) => page.locator(".station", { hasText: name });

  it("is watched on its way to the FTP server and back", async () => {
    await logIn(page);
    await page.goto(`/devices/${traveller.device}`);
    await page.locator(".side .link-state", { hasText: "Live" }).waitFor();
    const tell = (index: number) => {
      const [kind, milliseconds, bytes] = kJourney[index] ?? (["started", 0, 0] as const);
      server.publish("device", traveller.device, server.hub.tell(traveller.device, kind, { milliseconds, bytes }));
    };
    tell(0);
    await page.getByText("Its window is open").waitFor();
    tell(1);
    await page.getByText("Away at the FTP server").waitFor();
    await page.getByText("Away, upgrading").waitFor();
    await page.screenshot({ path: `${kPictures}/journey-away.png` });
    tell(2);
    server.publish("progress", traveller.device, {
      device: traveller.device,
      phase: "downloading",
      done: 430,
      total: 1000,
    });
    await station("Download").getByText("43%").waitFor();
    await page.screenshot({ path: `${kPictures}/journey-download.png` });
    for (const index of [3, 4, 5, 6]) {
      tell(index);
    }
    await page.getByText("The login at the business server will confirm it.").waitFor();
    tell(7);
    await page.getByText("Done: 2.0.0 runs and is confirmed.").waitFor();
    expect(await page.locator(".station.done").count()).toBe(8);
    expect(await station("Download").innerText()).toContain("+48 s");
    await page.screenshot({ path: `${kPictures}/journey-confirmed.png` });
  });

  it("shows its life, step by step", async () => {
    await logIn(page);
    await page.goto(`/devices/${traveller.device}`);
    await page.locator(".life summary", { hasText: "no business login in the trial's time" }).click();
    await page.getByText("Went back to the old image").waitFor();
    await page.screenshot({ path: `${kPictures}/journey-reverted.png`, fullPage: true });
  });

  it("zooms its readings by keys", async () => {
    await logIn(page);
    await page.goto(`/devices/${traveller.device}`);
    const chart = page.locator(".chart");
    await chart.locator("canvas").waitFor();
    const zoomed = page.waitForRequest((request) => request.url().includes("/series") && request.url().includes("to="));
    await chart.focus();
    await page.keyboard.press("+");
    await zoomed;
    await page.getByRole("button", { name: "Whole span" }).click();
  });

  it("is labelled by an operator", async () => {
    await logIn(page);
    await page.goto(`/devices/${traveller.device}`);
    await page.getByRole("button", { name: "Edit labels" }).click();
    await page.getByLabel("Note").fill("moved to the cellar");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("moved to the cellar").waitFor();
    expect(server.hub.find(traveller.device)?.note).toBe("moved to the cellar");
  });
});

describe("the house", () => {
  it("has alerts that somebody looks after", async () => {
    await logIn(page);
    await page.goto("/alerts");
    await page.getByRole("button", { name: "I look after it" }).first().click();
    await page.getByText("ada looks after it").waitFor();
  });

  it("adds an account, and says where that is not possible", async () => {
    await logIn(page);
    await page.goto("/admin/accounts");
    const card = page.getByRole("region", { name: "New account" });
    await card.getByLabel("User").fill("wei");
    await card.getByLabel("Password").fill("long enough too");
    await card.getByRole("button", { name: "Add account" }).click();
    await page.getByText("this account exists").waitFor();
    await card.getByLabel("User").fill("mei");
    await card.getByRole("button", { name: "Add account" }).click();
    await page.locator("td", { hasText: "mei" }).waitFor();
  });

  it("sets another account's password", async () => {
    await logIn(page);
    await page.goto("/admin/accounts");
    const card = page.getByRole("region", { name: "Set another account's password" });
    await card.getByLabel("New password").fill("long enough as well");
    await card.getByRole("button", { name: "Set password" }).click();
    await card.getByText("sessions have ended").waitFor();
  });

  it("shows what a group measures together", async () => {
    await logIn(page);
    await page.goto("/groups");
    await page.getByRole("region", { name: "Groups" }).getByRole("link").first().click();
    await expect.poll(() => page.url()).toContain("product=");
    await page.getByText("Devices unlike the others").waitFor();
  });

  it("shows a new token once", async () => {
    await logIn(page);
    await page.goto("/admin/tokens");
    await page.getByLabel("Name").fill("nightly export");
    await page.getByRole("button", { name: "Make token" }).click();
    await page.getByText("ferry_4f0c9b7e21d84a6db1c4").waitFor();
    await page.getByText("nightly export").waitFor();
  });

  it("hides administration from those who may not see it", async () => {
    await logIn(page);
    server.hub.logIn("viewer");
    await page.goto("/admin/audit");
    await page.getByText("There is no such page").waitFor();
    expect(await page.getByRole("link", { name: "Audit log" }).count()).toBe(0);
  });

  it("speaks Chinese, and remembers it", async () => {
    await logIn(page);
    await page.getByRole("button", { name: "中文" }).first().click();
    await page.getByRole("heading", { name: "设备群" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "设备群" }).waitFor();
    expect(await page.locator("html").getAttribute("lang")).toBe("zh-CN");
  });

  it("is dark where somebody wants it so", async () => {
    await logIn(page);
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const before = await ground();
    await page.locator(".side").getByRole("button", { name: "Dark" }).click();
    expect(await ground()).not.toBe(before);
    await page.reload();
    await page.locator("html[data-theme=dark]").waitFor();
  });

  it("is behind one button on a phone", async () => {
    await page.setViewportSize(kPhone);
    await logIn(page);
    await page.locator(".more summary").click();
    await page.screenshot({ path: `${kPictures}/phone-more.png` });
    await page.locator(".sheet").getByRole("link", { name: "Audit log" }).click();
    await page.getByRole("heading", { name: "Audit log" }).waitFor();
    expect(await page.locator(".sheet").isVisible()).toBe(false);
  });

  it("is walked through by keyboard alone", async () => {
    await logIn(page);
    await page.getByRole("heading", { name: "Fleet" }).waitFor();
    await page.locator(".nav a[href='/devices']").first().focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Devices" }).waitFor();
    expect(await heading()).toBe("Devices");
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("H1");
  });
});
