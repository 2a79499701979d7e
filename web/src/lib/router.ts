// Paths of the dashboard: from an address to a page and back. No DOM.

const kPaths = {
  overview: "/",
  login: "/login",
  setup: "/setup",
  devices: "/devices",
  device: "/devices/:id",
  groups: "/groups",
  releases: "/releases",
  release: "/releases/:id",
  alerts: "/alerts",
  accounts: "/admin/accounts",
  tokens: "/admin/tokens",
  audit: "/admin/audit",
} as const;

export type Page = keyof typeof kPaths;
export type Query = Readonly<Record<string, string>>;

export interface Place {
  page: Page | "missing";
  id: string; // of the path; empty where the page has none
  query: Query;
}

export function parse(path: string, search = ""): Place {
  const query = parseQuery(search);
  for (const [page, pattern] of Object.entries(kPaths)) {
    const id = match(pattern, path);
    if (id !== undefined) {
      return { page: page as Page, id, query };
    }
  }
  return { page: "missing", id: "", query };
}

// The address of a page; entries of `query` that are empty are left out.
export function address(page: Page, id = "", query: Query = {}): string {
  const path = kPaths[page].replace(":id", encodeURIComponent(id));
  const used = Object.entries(query).filter(([, value]) => value !== "");
  return used.length === 0 ? path : `${path}?${new URLSearchParams(used)}`;
}

function match(pattern: string, path: string): string | undefined {
  const wanted = pattern.split("/");
  const got = trimmed(path).split("/");
  if (wanted.length !== got.length) {
    return undefined;
  }
  let id = "";
  for (const [index, segment] of wanted.entries()) {
    if (segment === ":id") {
      id = decode(got[index] ?? "");
    } else if (segment !== got[index]) {
      return undefined;
    }
  }
  return id === "" && pattern.includes(":id") ? undefined : id;
}

function trimmed(path: string): string {
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return "";
  }
}

function parseQuery(search: string): Query {
  return Object.fromEntries(new URLSearchParams(search));
}
