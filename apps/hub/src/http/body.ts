import type { IncomingMessage } from "node:http";
import { OpsError } from "@hms-ops/model";
import { HUB_ERRORS } from "../errors.ts";
import { MAX_FORM_BODY_BYTES } from "../limits.ts";

/** The body whole, at most maxBytes long; stops reading at the bound. */
export async function readBody(
  request: IncomingMessage,
  path: string,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const tooLarge = () =>
    new OpsError(HUB_ERRORS.bodyTooLarge, {
      method: request.method ?? "",
      path,
      limit: maxBytes,
    });
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) throw tooLarge();
  return await new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    const onData = (chunk: Buffer) => {
      sizeBytes += chunk.length;
      if (sizeBytes <= maxBytes) {
        chunks.push(chunk);
        return;
      }
      request.off("data", onData);
      reject(tooLarge());
    };
    request.on("data", onData);
    request.on("end", () => resolve(join(chunks, sizeBytes)));
    request.on("error", reject);
    request.on("close", () => reject(new OpsError(HUB_ERRORS.queryCanceled)));
  });
}

/** A copy of its own, so that it can be transferred to a thread without taking others along. */
function join(chunks: readonly Buffer[], sizeBytes: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sizeBytes);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

/** Parameters of the body first, then those of the address, as Go's servers order them. */
export async function readForm(
  request: IncomingMessage,
  path: string,
  query: URLSearchParams,
): Promise<URLSearchParams> {
  const type = request.headers["content-type"] ?? "";
  const isMultipart = /^multipart\/form-data\b/i.test(type);
  const isForm = isMultipart || /^application\/x-www-form-urlencoded\b/i.test(type);
  if (request.method !== "POST" || !isForm) return query;
  const body = await readBody(request, path, MAX_FORM_BODY_BYTES);
  const form = isMultipart
    ? await readMultipart(body, type, path)
    : new URLSearchParams(new TextDecoder().decode(body));
  for (const [name, value] of query) form.append(name, value);
  return form;
}

/** As `curl -F` sends a form; files in it are passed over. */
async function readMultipart(
  body: Uint8Array<ArrayBuffer>,
  type: string,
  path: string,
): Promise<URLSearchParams> {
  const headers = { "content-type": type };
  const fields = await new Response(body, { headers }).formData().catch(() => {
    const wanted = "a form as curl --data-urlencode or curl -F writes it";
    throw new OpsError(HUB_ERRORS.badBody, { path, reason: "no multipart form", wanted });
  });
  const form = new URLSearchParams();
  for (const [name, value] of fields) if (typeof value === "string") form.append(name, value);
  return form;
}
