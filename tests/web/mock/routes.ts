// The paths of the API, over a MockHub.
import * as fleet from "./devices";
import { kSetupCode, type MockHub } from "./hub";
import * as rollouts from "./rollouts";

export interface Ask {
  hub: MockHub;
  path: string[]; // behind /api/v1
  query: URLSearchParams;
  body: Record<string, unknown>;
}

export interface Answer {
  status: number;
  body?: unknown;
}

type Route = [method: string, pattern: string, answer: (ask: Ask) => Answer];

const ok = (body: unknown): Answer => ({ status: 200, body });
const kDone: Answer = { status: 204 };

export function refuse(status: number, code: string, message: string): Answer {
  return { status, body: { error: { code, message } } };
}

const span = (query: URLSearchParams): [number, number] => [
  Number(query.get("from") ?? fleet.kNow - fleet.kDay),
  Number(query.get("to") ?? fleet.kNow),
];

const limited = <T>(rows: T[], query: URLSearchParams): T[] => rows.slice(0, Number(query.get("limit") ?? 100));

const kRoutes: Route[] = [
  ["GET", "session", ({ hub }) => ok(hub.session)],
  ["POST", "session", logIn],
  ["DELETE", "session", ({ hub }) => ((hub.session = null), kDone)],
  ["PUT", "session/password", () => kDone],
  ["POST", "setup", setUp],
  ["GET", "overview", ({ hub }) => ok(hub.overview())],
  ["GET", "groups", ({ hub }) => ok({ groups: fleet.groupsOf(hub.devices) })],
  ["GET", "devices", devicePage],
  ["GET", "devices/*", ({ hub, path }) => deviceAnswer(hub, path)],
  [
    "PATCH",
    "devices/*",
    ({ hub, path, body }) => (Object.assign(hub.find(path[1] ?? "") ?? {}, body), deviceAnswer(hub, path)),
  ],
  ["GET", "devices/*/series", ({ query }) => ok(fleet.seriesOf(query.get("name") ?? "", ...span(query)))],
  ["GET", "devices/*/statistics", ({ query }) => ok(fleet.statisticsOf(query.get("name") ?? "", ...span(query)))],
  ["GET", "devices/*/upgrades", ({ hub, path }) => ok({ upgrades: hub.visits.get(path[1] ?? "") ?? [] })],
  ["GET", "devices/*/events", ({ hub, path, query }) => eventPage(hub, query, path[1])],
  ["GET", "events", ({ hub, query }) => eventPage(hub, query)],
  ["GET", "series", ({ query }) => ok(fleet.seriesOf(query.get("name") ?? "", ...span(query)))],
  [
    "GET",
    "statistics",
    ({ hub, query }) => ok(fleet.groupStatisticsOf(hub.devices, query.get("name") ?? "", ...span(query))),
  ],
  ["GET", "releases", ({ hub }) => ok({ releases: hub.devices.length === 0 ? [] : rollouts.releases })],
  ["GET", "releases/*", releaseAnswer],
  ["GET", "versions", () => ok(rollouts.versions())],
  ["GET", "alerts", ({ hub }) => ok({ alerts: hub.alerts })],
  ["POST", "alerts/*/acknowledge", acknowledge],
  ["GET", "tokens", ({ hub }) => ok({ tokens: hub.tokens })],
  ["POST", "tokens", newToken],
  [
    "DELETE",
    "tokens/*",
    ({ hub, path }) => ((hub.tokens = hub.tokens.filter(({ id }) => id !== Number(path[1]))), kDone),
  ],
  ["GET", "accounts", ({ hub }) => ok({ accounts: hub.accounts })],
  ["POST", "accounts", newAccount],
  ["PATCH", "accounts/*", changeAccount],
  [
    "DELETE",
    "accounts/*",
    ({ hub, path }) => ((hub.accounts = hub.accounts.filter(({ user }) => user !== path[1])), kDone),
  ],
  ["GET", "audit", ({ hub }) => ok({ entries: hub.audit(), next: null })],
];

export function answer(method: string, ask: Ask): Answer {
  const found = kRoutes.find(([wanted, pattern]) => wanted === method && fits(pattern.split("/"), ask.path));
  const isOpen = method === "POST" && ["session", "setup"].includes(ask.path[0] ?? "");
  if (!isOpen && !ask.hub.session) {
    return refuse(401, "unauthorized", "log in first");
  }
  return found ? found[2](ask) : refuse(404, "not_found", "there is nothing under this path");
}

const fits = (pattern: string[], path: string[]) =>
  pattern.length === path.length && pattern.every((segment, index) => segment === "*" || segment === path[index]);

function logIn({ hub, body }: Ask): Answer {
  const { user, password } = hub.account ?? {};
  return body.user === user && body.password === password
    ? ok(hub.logIn("admin"))
    : refuse(401, "wrong_login", "user or password is wrong");
}

function setUp({ hub, body }: Ask): Answer {
  if (body.code !== kSetupCode) {
    return refuse(403, "forbidden", "this code is wrong or used up");
  }
  hub.account = { user: String(body.user), password: String(body.password) };
  return { status: 201, body: hub.logIn("admin") };
}

function devicePage({ hub, query }: Ask): Answer {
  const all = hub.filtered(query);
  const start = query.has("after") ? all.findIndex(({ device }) => device === query.get("after")) + 1 : 0;
  const page = limited(all.slice(start), query);
  const isLast = start + page.length >= all.length;
  return ok({ devices: page, next: isLast ? null : page.at(-1)?.device, total: all.length });
}

function deviceAnswer(hub: MockHub, path: string[]): Answer {
  const device = hub.find(path[1] ?? "");
  return device ? ok(fleet.detailOf(device)) : refuse(404, "not_found", "no device has this id");
}

function eventPage(hub: MockHub, query: URLSearchParams, device?: string): Answer {
  const events = limited(
    hub.events.filter((event) => !device || event.device === device),
    query,
  );
  return ok({ events, last: events.at(-1)?.id ?? 0 });
}

function releaseAnswer({ path }: Ask): Answer {
  const release = rollouts.releases.find(({ version }) => version === path[1]);
  return release ? ok(rollouts.releaseDetail(release)) : refuse(404, "not_found", "no such release");
}

function acknowledge({ hub, path }: Ask): Answer {
  const alert = hub.alerts.find(({ id }) => id === path[1]);
  if (alert) {
    alert.acknowledged = { user: "ada", time: fleet.kNow };
  }
  return kDone;
}

function newToken({ hub, body }: Ask): Answer {
  const { name, scope } = body as { name: string; scope: "viewer" };
  const token = {
    id: hub.tokens.length + 1,
    name,
    user: "ada",
    scope,
    created: fleet.kNow,
    last_used: null,
    expires: null,
  };
  hub.tokens.push(token);
  return { status: 201, body: { ...token, token: "ferry_4f0c9b7e21d84a6db1c4" } };
}

function newAccount({ hub, body }: Ask): Answer {
  const { user, role } = body as { user: string; role: "viewer" };
  if (hub.accounts.some((account) => account.user === user)) {
    return refuse(409, "conflict", "this account exists");
  }
  const account = { user, role, created: fleet.kNow, last_login: null, disabled: false };
  hub.accounts.push(account);
  return { status: 201, body: account };
}

function changeAccount({ hub, path, body }: Ask): Answer {
  const account = hub.accounts.find(({ user }) => user === path[1]);
  return account ? ok(Object.assign(account, body)) : refuse(404, "not_found", "no such account");
}
