export { Outbox } from "./outbox.ts";
export { type SendRequest, sendRequest } from "./send-request.ts";
