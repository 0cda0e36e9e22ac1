/** Viewers of live queries, each with a connection of its own, in a process beside the hub's. */
import { connect } from "node:net";

const [host = "", port = "", path = "", countText = "1"] = process.argv.slice(2);
const count = Number(countText);
let opened = 0;
let bytes = 0;
let steps = 0;

for (let i = 0; i < count; i++) {
  const socket = connect(Number(port), host);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n`);
  socket.once("data", () => opened++);
  socket.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    let at = chunk.indexOf("event: steps");
    while (at >= 0) {
      steps++;
      at = chunk.indexOf("event: steps", at + 1);
    }
  });
}

process.on("message", () => process.send?.({ opened, bytes, steps }));
