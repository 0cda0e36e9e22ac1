import { expect, test } from "vitest";
import { HttpAnswer } from "./http-answer.ts";

const OK = "HTTP/1.1 200 OK\r\n";
const TYPE = "Content-Type: text/plain\r\n";

/** What is read when the bytes come in two pieces, cut at `cut`; the connection then ends. */
function readCut(text: string, cut: number, limitBytes = 1_000) {
  const answer = new HttpAnswer(limitBytes);
  const bytes = Buffer.from(text, "latin1");
  const received = new Uint8Array(bytes.length);
  for (const piece of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
    if (piece.length === 0) continue;
    received.set(piece);
    answer.take(received.subarray(0, piece.length));
    received.fill(0);
  }
  const isKept = answer.isWhole && answer.isKeptAlive;
  if (!answer.isWhole) answer.end();
  const body = Buffer.from(answer.takeBody()).toString("latin1");
  return { status: answer.status, statusText: answer.statusText, body, isKept };
}

function read(text: string, limitBytes?: number) {
  const whole = readCut(text, text.length, limitBytes);
  for (let cut = 1; cut < text.length; cut++) expect(readCut(text, cut, limitBytes)).toEqual(whole);
  return whole;
}

function problemOf(text: string, limitBytes?: number): string {
  try {
    readCut(text, text.length, limitBytes);
  } catch (error) {
    return String(error);
  }
  return "";
}

test("a body of a known length leaves the connection open", () => {
  const body = { status: 200, statusText: "OK", body: "up 1\n", isKept: true };
  expect(read(`${OK}${TYPE}Content-Length: 5\r\n\r\nup 1\n`)).toEqual(body);
  expect(
    read(`HTTP/1.0 200 OK\r\nconnection: Keep-Alive\r\ncontent-length:5\r\n\r\nup 1\n`),
  ).toEqual(body);
  expect(read("HTTP/1.1 200\ncontent-length: 5\n\nup 1\n")).toEqual({ ...body, statusText: "" });
  expect(read(`${OK}content-length: 0\r\n\r\n`)).toEqual({ ...body, body: "" });
});

test("chunks are joined; their extensions and trailers are read past", () => {
  const head = `${OK}Transfer-Encoding: chunked\r\ncontent-length: 3\r\n\r\n`;
  const chunks = "3\r\nup \r\n00A ;a=b\r\n1\ndown 0\n#\r\n0\r\nx-sum: 1\r\n\r\n";
  expect(read(head + chunks)).toMatchObject({ body: "up 1\ndown 0\n#", isKept: true });
});

test("a body without a length goes up to the end of the connection", () => {
  expect(read(`${OK}\r\nup 1\n`)).toMatchObject({ body: "up 1\n", isKept: false });
  expect(read("HTTP/1.0 200 OK\r\n\r\n")).toMatchObject({ body: "", isKept: false });
});

test("text without status line and headers is the body", () => {
  expect(read("up 1\ndown 0\n")).toMatchObject({ status: 200, body: "up 1\ndown 0\n" });
  expect(read("HTTPS_total 1\n")).toMatchObject({ status: 200, body: "HTTPS_total 1\n" });
  expect(read("a\n")).toMatchObject({ status: 200, body: "a\n" });
});

test("hints that stand before the answer are read past", () => {
  const hint = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\ncontent-length: 9\r\n\r\n";
  expect(read(`${hint}${OK}content-length: 5\r\n\r\nup 1\n`)).toMatchObject({ body: "up 1\n" });
});

test("the body of a failure is not waited for", () => {
  const failed = "HTTP/1.1 503 Not yet\r\ncontent-length: 99\r\n\r\n";
  expect(read(failed)).toEqual({ status: 503, statusText: "Not yet", body: "", isKept: false });
});

test("a connection that is to be closed, or says more than was asked, is not kept", () => {
  const closing = `${OK}connection: foo, Close\r\ncontent-length: 5\r\n\r\nup 1\n`;
  expect(read(closing)).toMatchObject({ body: "up 1\n", isKept: false });
  const talking = `${OK}content-length: 5\r\n\r\nup 1\nHTTP/1.1 408 Timeout\r\n\r\n`;
  expect(readCut(talking, talking.length)).toMatchObject({ body: "up 1\n", isKept: false });
});

test("what is cut short, too long or no HTTP is refused", () => {
  expect(problemOf(`${OK}content-length: 6\r\n\r\nup 1\n`)).toContain(
    "before the answer was whole",
  );
  expect(problemOf(`${OK}transfer-encoding: chunked\r\n\r\n5\r\nup 1\n\r\n`)).toContain("whole");
  expect(problemOf("HTTP/1.1 200 OK\r\n")).toContain("whole");
  const chunked = `${OK}transfer-encoding: chunked\r\n\r\n`;
  for (const chunk of ["\r\n", "-1\r\n", "3\r\nup 1\r\n", "fffffffffffff\r\n", "0x3\r\nabc\r\n"]) {
    expect(problemOf(chunked + chunk)).toContain("cannot be read");
  }
  expect(problemOf(`${OK}${"a: b\r\n".repeat(4_000)}\r\n`)).toContain("too long");
  expect(problemOf(`${OK}content-length: 5\r\ncontent-length: 6\r\n\r\n`)).toContain("two lengths");
  for (const line of ["content-length: -5", "content-length: 5e3", "no colon", "a b: c", ": c"]) {
    expect(problemOf(`${OK}${line}\r\n\r\nup 1\n`)).toContain("cannot be read");
  }
  expect(problemOf(`${OK}transfer-encoding: gzip, chunked\r\n\r\n`)).toContain("cannot be read");
  expect(problemOf("HTTP/2 200\r\n\r\n")).toContain("cannot be read");
});

test("a body over the limit is refused, whether its length was told or not", () => {
  const limit = "larger than 4 bytes";
  expect(problemOf(`${OK}content-length: 5\r\n\r\n`, 4)).toContain(limit);
  expect(problemOf(`${OK}\r\nup 1\n`, 4)).toContain(limit);
  expect(problemOf(`${OK}transfer-encoding: chunked\r\n\r\n5\r\nup 1\n`, 4)).toContain(limit);
  expect(problemOf("up 1\n", 4)).toContain(limit);
  expect(read(`${OK}content-length: 4\r\n\r\na 1\n`, 4)).toMatchObject({ body: "a 1\n" });
});
