import { readFile, stat } from "node:fs/promises";
import { extname, join, normalize, sep } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { HubResponse } from "../ports.ts";

const gzipAsync = promisify(gzip);

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".webmanifest": "application/manifest+json",
  ".txt": "text/plain; charset=utf-8",
};
const PACKED = new Set([".html", ".js", ".css", ".json", ".svg"]);

/** Nothing from elsewhere, nothing inline but styles (charts and the editor set them). */
const PAGE_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  "referrer-policy": "same-origin",
};

/** What begins so is never a page: a wrong address there must say so instead of showing one. */
const NOT_PAGES =
  /^\/(api|-|v1|loki|zipkin|ingest|logs|query|metrics|version|federate|write|assets)(\/|$)/;

const UNBUILT = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>HMS-OPS</title>
<body style="font:16px/1.5 system-ui;max-width:40em;margin:4em auto;padding:0 1em">
<h1>HMS-OPS is running</h1>
<p>Its pages are not built yet. In the checkout, run <code>npm run build:web</code>
(<code>npm start</code> does it by itself), then load this page again.</p>
<p>Already here: <a href="/metrics">/metrics</a>,
<a href="/api/v1/query?query=up">/api/v1/query?query=up</a>.</p>
</body></html>
`;

interface PageFile {
  readonly bytes: Uint8Array;
  readonly packed: Uint8Array | undefined;
  readonly modifiedMs: number;
  readonly etag: string;
}

/** The built pages: files of a folder, and index.html for every address that a page owns. */
export class Pages {
  readonly #folder: string;
  /** A build is a few hundred kilobytes; a new build replaces what it wrote anew. */
  readonly #files = new Map<string, PageFile>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Undefined = no page has this address. */
  async answer(
    path: string,
    headers: Readonly<Record<string, string | undefined>>,
  ): Promise<HubResponse | undefined> {
    const name = fileName(path);
    const file = name === undefined ? undefined : await this.#read(name);
    if (name !== undefined && file) return fileAnswer(name, file, headers);
    if (NOT_PAGES.test(path) || extname(path) !== "") return undefined;
    if (path !== "/" && !(headers.accept ?? "").includes("text/html")) return undefined;
    const index = await this.#read("index.html");
    if (index) return fileAnswer("index.html", index, headers);
    return {
      status: 200,
      headers: {
        ...PAGE_HEADERS,
        "content-type": TYPES[".html"] ?? "",
        "cache-control": "no-cache",
      },
      body: UNBUILT,
    };
  }

  async #read(name: string): Promise<PageFile | undefined> {
    const path = join(this.#folder, name);
    try {
      const info = await stat(path);
      if (!info.isFile()) return undefined;
      const { mtimeMs, size } = info;
      const known = this.#files.get(name);
      if (known && known.modifiedMs === mtimeMs) return known;
      const bytes = await readFile(path);
      const packed = PACKED.has(extname(name)) ? await gzipAsync(bytes) : undefined;
      const etag = `"${size.toString(36)}-${Math.trunc(mtimeMs).toString(36)}"`;
      const file = { bytes, packed, modifiedMs: mtimeMs, etag };
      this.#files.set(name, file);
      return file;
    } catch {
      return undefined;
    }
  }
}

function fileAnswer(
  name: string,
  file: PageFile,
  headers: Readonly<Record<string, string | undefined>>,
): HubResponse {
  const hashed = name.startsWith(`assets${sep}`);
  const common = {
    ...PAGE_HEADERS,
    "content-type": TYPES[extname(name)] ?? "application/octet-stream",
    "cache-control": hashed ? "public, max-age=31536000, immutable" : "no-cache",
    etag: file.etag,
    vary: "Accept-Encoding",
  };
  if (headers["if-none-match"] === file.etag) return { status: 304, headers: common };
  if (file.packed && /\bgzip\b/.test(headers["accept-encoding"] ?? "")) {
    return {
      status: 200,
      headers: { ...common, "content-encoding": "gzip" },
      body: file.packed,
    };
  }
  return { status: 200, headers: common, body: file.bytes };
}

/** A relative file name inside the folder; undefined for what isn't one. */
function fileName(path: string): string | undefined {
  if (path === "/") return undefined;
  try {
    const name = normalize(decodeURIComponent(path).slice(1));
    const outside = name.startsWith("..") || name.startsWith(sep) || name.includes("\0");
    return outside || name === "." ? undefined : name;
  } catch {
    return undefined;
  }
}
