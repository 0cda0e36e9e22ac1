export { Outbox, type OutboxEntry, type OutboxServices, type PlannedEntries } from "./outbox.ts";
export { type SendRequest, sendRequest } from "./send-request.ts";
