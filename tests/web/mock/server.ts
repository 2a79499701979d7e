// HTTP around a MockHub: the built dashboard under a strict content security policy, the API, and the stream.
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { MockHub } from "./hub";
import { answer } from "./routes";

const kDist = fileURLToPath(new URL("../../../web/dist", import.meta.url));
const kTypes: Record<string, string> = { ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const kPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export class MockServer {
  private readonly server: Server;
  private readonly streams = new Set<{ device: string; response: ServerResponse }>();

  constructor(public hub: MockHub) {
    this.server = createServer((request, response) => {
      this.serve(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  // To all streams of the fleet, and to those of the device.
  publish(event: string, device: string, data: object): void {
    for (const stream of this.streams) {
      if (stream.device === "" || stream.device === device) {
        stream.response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
      }
    }
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://localhost");
    if (url.pathname === "/api/v1/stream") {
      return this.open(url, response);
    }
    if (!url.pathname.startsWith("/api/")) {
      return serveFile(url.pathname, response);
    }
    const path = url.pathname.slice("/api/v1/".length).split("/").map(decodeURIComponent);
    const body = (await bodyOf(request)) as Record<string, unknown>;
    const given = answer(request.method ?? "", { hub: this.hub, path, query: url.searchParams, body });
    response.writeHead(given.status, { "Content-Type": "application/json" });
    response.end(given.body === undefined ? undefined : JSON.stringify(given.body));
  }

  private open(url: URL, response: ServerResponse): void {
    const stream = { device: url.searchParams.get("device") ?? "", response };
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    response.write(": open\n\n");
    this.streams.add(stream);
    response.on("close", () => this.streams.delete(stream));
  }
}

async function serveFile(path: string, response: ServerResponse): Promise<void> {
  const type = kTypes[extname(path)];
  const file = type ? path : "/index.html";
  const content = await readFile(join(kDist, file));
  response.writeHead(200, { "Content-Type": type ?? "text/html; charset=utf-8", "Content-Security-Policy": kPolicy });
  response.end(content);
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request) {
    parts.push(part as Buffer);
  }
  return parts.length === 0 ? {} : JSON.parse(Buffer.concat(parts).toString());
}
