import { afterEach, describe, expect, it, vi } from "vitest";
import { ApiError, apiUrl, currentSession, get, send } from "./client";

const answers = (status: number, body?: object, headers: Record<string, string> = {}) =>
  vi.stubGlobal(
    "fetch",
    vi.fn(async () => new Response(body ? JSON.stringify(body) : null, { status, headers })),
  );

const lastCall = () =>
  vi.mocked(fetch).mock.lastCall as unknown as [string, { method: string; headers: Headers; body: string | null }];

afterEach(() => vi.unstubAllGlobals());

describe("apiUrl", () => {
  it("leaves out what is empty, and escapes the rest", () => {
    expect(apiUrl("/devices")).toBe("/api/v1/devices");
    expect(apiUrl("/devices", { search: "a&b", group: "", after: undefined, limit: 50 })).toBe(
      "/api/v1/devices?search=a%26b&limit=50",
    );
  });
});

describe("requests", () => {
  it("carry the session's token once it is known, if they change anything", async () => {
    answers(200, { user: "ada", role: "admin", csrf: "c5", expires: null });
    await currentSession();
    expect(lastCall()[1].headers.has("X-CSRF-Token")).toBe(false);
    answers(204);
    await send("DELETE", "/tokens/3");
    expect(lastCall()[0]).toBe("/api/v1/tokens/3");
    expect(lastCall()[1].headers.get("X-CSRF-Token")).toBe("c5");
  });

  it("send JSON", async () => {
    answers(201, {});
    await send("POST", "/accounts", { user: "mei" });
    expect(lastCall()[1].body).toBe('{"user":"mei"}');
    expect(lastCall()[1].headers.get("Content-Type")).toBe("application/json");
  });

  it("fail with the hub's words", async () => {
    answers(429, { error: { code: "too_many_attempts", message: "wait" } }, { "Retry-After": "30" });
    const expected = { status: 429, code: "too_many_attempts", message: "wait", retryAfter: 30 };
    await expect(send("POST", "/session", {})).rejects.toMatchObject(expected);
  });

  it("fail in words also where the hub has none", async () => {
    vi.stubGlobal(
      "fetch",
      vi.fn(async () => new Response("<html>", { status: 502, statusText: "Bad Gateway" })),
    );
    await expect(get("/api/v1/overview")).rejects.toMatchObject({
      status: 502,
      code: "internal",
      message: "Bad Gateway",
    });
    vi.stubGlobal(
      "fetch",
      vi.fn(async () => Promise.reject(new TypeError("failed"))),
    );
    await expect(get("/api/v1/overview")).rejects.toEqual(new ApiError(0, "unreachable", ""));
  });
});
