// HTTP to the hub. One function a verb; failures are ApiError, with the hub's own words.
import type { Session } from "./types";

const kRoot = "/api/v1";

export class ApiError extends Error {
  constructor(
    readonly status: number, // 0: the hub could not be reached
    readonly code: string,
    message: string,
    readonly retryAfter = 0, // seconds
  ) {
    super(message);
  }
}

type Parameters = Readonly<Record<string, string | number | boolean | undefined>>;

// The address of an API document; parameters that are empty are left out.
export function apiUrl(path: string, parameters: Parameters = {}): string {
  const used = Object.entries(parameters)
    .filter(([, value]) => value !== undefined && value !== "")
    .map(([name, value]): [string, string] => [name, String(value)]);
  return used.length === 0 ? kRoot + path : `${kRoot}${path}?${new URLSearchParams(used)}`;
}

let csrf = "";

export function get<T>(url: string, signal?: AbortSignal): Promise<T> {
  return call<T>("GET", url, undefined, signal);
}

export function send<T = void>(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: object): Promise<T> {
  return call<T>(method, kRoot + path, body);
}

export async function currentSession(): Promise<Session> {
  return remember(await get<Session>(apiUrl("/session")));
}

export async function logIn(user: string, password: string): Promise<Session> {
  return remember(await send<Session>("POST", "/session", { user, password }));
}

export async function setUp(code: string, user: string, password: string): Promise<Session> {
  return remember(await send<Session>("POST", "/setup", { code, user, password }));
}

function remember(session: Session): Session {
  csrf = session.csrf;
  return session;
}

async function call<T>(method: string, url: string, body?: object, signal?: AbortSignal): Promise<T> {
  const headers = new Headers({ Accept: "application/json" });
  if (method !== "GET") {
    headers.set("X-CSRF-Token", csrf);
  }
  if (body) {
    headers.set("Content-Type", "application/json");
  }
  const request = { method, headers, body: body ? JSON.stringify(body) : null, signal: signal ?? null };
  const response = await fetch(url, request).catch((error: unknown) => {
    throw signal?.aborted ? error : new ApiError(0, "unreachable", "");
  });
  if (!response.ok) {
    throw await refusal(response);
  }
  return response.status === 204 ? (undefined as T) : ((await response.json()) as T);
}

async function refusal(response: Response): Promise<ApiError> {
  const retryAfter = Number(response.headers.get("Retry-After") ?? 0);
  const document = (await response.json().catch(() => undefined)) as
    { error?: { code?: string; message?: string } } | undefined;
  const { code = "internal", message = response.statusText } = document?.error ?? {};
  return new ApiError(response.status, code, message, retryAfter);
}
