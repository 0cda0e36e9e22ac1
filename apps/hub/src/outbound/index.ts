export { Outbox } from "./outbox.ts";
export { sendRequest } from "./send-request.ts";
