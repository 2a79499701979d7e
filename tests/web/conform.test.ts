// The mock hub against the API's own document: fixtures that no hub would send prove nothing.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ajv2020, type AnySchema } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { kJourney } from "./mock/rollouts";
import { traveller } from "./mock/devices";
import { kAdmin, kSetupCode, MockHub } from "./mock/hub";
import { answer } from "./mock/routes";

const kDocument =
  process.env.FERRY_OPENAPI ?? fileURLToPath(new URL("../../servers/hub/openapi.json", import.meta.url));

type Calls = [method: string, path: string, at: string, body?: object][];

const device = traveller.device;
const kCalls: Calls = [
  ["get", "/api/v1/session", "session"],
  ["post", "/api/v1/session", "session", kAdmin],
  ["post", "/api/v1/setup", "setup", { code: kSetupCode, user: "grace", password: "a long enough one" }],
  ["get", "/api/v1/overview", "overview"],
  ["get", "/api/v1/groups", "groups"],
  ["get", "/api/v1/devices", "devices"],
  ["get", "/api/v1/devices/{device}", `devices/${device}`],
  ["patch", "/api/v1/devices/{device}", `devices/${device}`, { group: "Lyon", note: "" }],
  ["get", "/api/v1/devices/{device}/series", `devices/${device}/series?name=power`],
  ["get", "/api/v1/devices/{device}/statistics", `devices/${device}/statistics?name=power`],
  ["get", "/api/v1/devices/{device}/upgrades", `devices/${device}/upgrades`],
  ["get", "/api/v1/devices/{device}/events", `devices/${device}/events?order=desc`],
  ["get", "/api/v1/events", "events?order=desc&limit=10"],
  ["get", "/api/v1/series", "series?name=power"],
  ["get", "/api/v1/statistics", "statistics?name=power"],
  ["patch", "/api/v1/accounts/{user}", "accounts/wei", { password: "another long one" }],
  ["get", "/api/v1/releases", "releases"],
  ["get", "/api/v1/releases/{version}", "releases/2.0.0"],
  ["get", "/api/v1/versions", "versions"],
  ["get", "/api/v1/alerts", "alerts"],
  ["get", "/api/v1/tokens", "tokens"],
  ["post", "/api/v1/tokens", "tokens", { name: "script", scope: "viewer" }],
  ["get", "/api/v1/accounts", "accounts"],
  ["post", "/api/v1/accounts", "accounts", { user: "mei", password: "long enough too", role: "viewer" }],
  ["get", "/api/v1/audit", "audit"],
];

interface Operation {
  parameters?: { name: string; in: string }[];
  requestBody?: { content: { "application/json": { schema: AnySchema } } };
  responses: Record<string, { content?: { "application/json"?: { schema: AnySchema } } }>;
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, AnySchema> };
}

// Validates against schemas of the document, whose references lead into it.
function validator(document: Document): (schema: AnySchema | undefined, value: unknown) => string {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  return (schema, value) => {
    if (schema === undefined) {
      return "the document does not know this";
    }
    const validate = ajv.compile({ ...(schema as object), components: document.components });
    return validate(value) ? "" : ajv.errorsText(validate.errors);
  };
}

describe.skipIf(!existsSync(kDocument))("the mock hub", () => {
  const document = existsSync(kDocument)
    ? (JSON.parse(readFileSync(kDocument, "utf8")) as Document)
    : ({ paths: {} } as Document);
  const errorsOf = validator(document);
  const hub = new MockHub();
  hub.logIn("admin");
  for (const [kind, milliseconds, bytes] of kJourney) {
    hub.tell(device, kind, { milliseconds, bytes });
  }

  it.each(kCalls)("%s %s", (method, path, at, body) => {
    const operation = document.paths[path]?.[method];
    const url = new URL(at, "http://localhost/");
    const given = answer(method.toUpperCase(), {
      hub,
      path: url.pathname.slice(1).split("/"),
      query: url.searchParams,
      body: (body ?? {}) as Record<string, unknown>,
    });
    const known = operation?.parameters?.filter((parameter) => parameter.in === "query").map(({ name }) => name) ?? [];
    expect(known).toEqual(expect.arrayContaining([...url.searchParams.keys()]));
    expect(errorsOf(operation?.responses[given.status]?.content?.["application/json"]?.schema, given.body)).toBe("");
    if (body) {
      expect(errorsOf(operation?.requestBody?.content["application/json"].schema, body)).toBe("");
    }
  });
});
