export { LocalDiscovery, type LocalDiscoveryOptions, USUAL_PORTS } from "./local-discovery.ts";
