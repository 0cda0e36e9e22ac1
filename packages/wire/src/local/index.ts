export { readAnnouncement, type ServiceAnnouncement } from "./announcement.ts";
