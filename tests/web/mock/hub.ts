// A hub of fixtures: what it answers, and what changes when it is asked to. No HTTP here.
import type {
  Account,
  Alert,
  AuditEntry,
  Device,
  DeviceEvent,
  Kind,
  Overview,
  Role,
  Session,
  Token,
  Upgrade,
} from "../../../web/src/api/types";
import * as fleet from "./devices";
import * as rollouts from "./rollouts";

export const kSetupCode = "b7-sail-42";
export const kAdmin = { user: "ada", password: "correct horse" };

export class MockHub {
  account: { user: string; password: string } | undefined = kAdmin;
  session: Session | null = null;
  devices: Device[] = structuredClone(fleet.devices);
  alerts: Alert[] = structuredClone(rollouts.alerts);
  accounts: Account[] = [
    { user: "ada", role: "admin", created: fleet.kNow - 40 * fleet.kDay, last_login: fleet.kNow - 60, disabled: false },
    {
      user: "wei",
      role: "operator",
      created: fleet.kNow - 30 * fleet.kDay,
      last_login: fleet.kNow - fleet.kDay,
      disabled: false,
    },
    { user: "guest", role: "viewer", created: fleet.kNow - 9 * fleet.kDay, last_login: null, disabled: true },
  ];
  tokens: Token[] = [
    {
      id: 1,
      name: "grafana",
      user: "ada",
      scope: "viewer",
      created: fleet.kNow - fleet.kDay,
      last_used: fleet.kNow - 30,
      expires: null,
    },
  ];
  events: DeviceEvent[] = this.devices
    .slice(1, 6)
    .map(({ device }, index) =>
      rollouts.makeEvent(device, (["confirmed", "trial", "downloading", "refused", "started"] as const)[index] as Kind),
    );
  visits = new Map<string, Upgrade[]>([[fleet.traveller.device, rollouts.pastOf(fleet.traveller.device)]]);

  logIn(role: Role): Session {
    const user = this.account?.user ?? kAdmin.user;
    this.session = { user, role, csrf: "csrf-1", expires: fleet.kNow + fleet.kDay };
    return this.session;
  }

  find(id: string): Device | undefined {
    return this.devices.find(({ device }) => device === id);
  }

  filtered(query: URLSearchParams): Device[] {
    const search = (query.get("search") ?? "").toLowerCase();
    const equal = (device: Device, name: "product" | "group" | "version" | "online" | "silent") =>
      !query.has(name) || String(device[name]) === query.get(name);
    const matches = ({ serial, device, product, group, note }: Device) =>
      [serial, device, product, group, note].some((text) => text.toLowerCase().includes(search));
    return this.devices.filter(
      (device) =>
        matches(device) &&
        (["product", "group", "version", "online", "silent"] as const).every((name) => equal(device, name)),
    );
  }

  overview(): Overview {
    const count = (matches: (device: Device) => boolean) => this.devices.filter(matches).length;
    const names = [...new Set(this.devices.map(({ version }) => version))];
    const severity = (wanted: Alert["severity"]) => this.alerts.filter((alert) => alert.severity === wanted).length;
    return {
      time: Math.floor(Date.now() / 1000),
      devices: this.devices.length,
      online: count(({ online }) => online),
      silent: count(({ silent }) => silent),
      never_seen: count(({ last_seen }) => last_seen === null),
      readings: 4_182_774,
      readings_per_second: 12.4,
      events: this.events.length,
      versions: names.map((version) => ({ version, devices: count((device) => device.version === version) })),
      refused: { replayed: 40 },
      upgrades: { from: fleet.kNow - fleet.kDay, running: 3, confirmed: 21, reverted: 2, refused: 1, failed: 3 },
      alerts: { critical: severity("critical"), warning: severity("warning"), info: severity("info") },
      reading_names: [{ name: "power", unit: "W", devices: this.devices.length }],
    };
  }

  // A device says something: its event, and what that makes of its visit.
  tell(id: string, kind: Kind, more: Partial<DeviceEvent> = {}): DeviceEvent {
    const event = rollouts.makeEvent(id, kind, { version: fleet.kNew, sequence: fleet.kSequence, ...more });
    this.events.unshift(event);
    const visits = this.visits.get(id) ?? [];
    this.visits.set(id, visits);
    if (kind === "window") {
      visits.unshift(rollouts.makeUpgrade(id, event.received));
    }
    const visit = visits[0];
    if (visit) {
      extend(visit, event);
    }
    Object.assign(this.find(id) ?? {}, kind === "jump" ? { online: false } : kind === "trial" ? { online: true } : {});
    if (kind === "confirmed") {
      Object.assign(this.find(id) ?? {}, { version: fleet.kNew, sequence: fleet.kSequence });
    }
    return event;
  }

  audit(): AuditEntry[] {
    const actions = ["login", "token_new", "device_changed", "export", "login_failed", "account_new", "setup"];
    return actions.map((action, index) => ({
      id: 90 - index,
      time: fleet.kNow - index * 5000,
      user: action === "login_failed" ? "" : "ada",
      address: "192.0.2.17",
      action,
      subject: action === "device_changed" ? fleet.traveller.device : "ada",
    }));
  }
}

function extend(visit: Upgrade, event: DeviceEvent): void {
  const { kind, received, bytes, milliseconds, error } = event;
  visit.steps.push({ kind, time: received, bytes, milliseconds, error });
  visit.bytes = Math.max(visit.bytes, bytes);
  visit.milliseconds = Math.max(visit.milliseconds, milliseconds);
  if (kind !== "window" && kind !== "jump") {
    visit.version = event.version;
    visit.sequence = event.sequence;
  }
  if (kind === "confirmed" || kind === "reverted") {
    visit.outcome = kind;
    visit.ended = received;
    visit.error = error;
  }
}
