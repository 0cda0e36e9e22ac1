import { achBoard } from "./ach/board.ts";
import { achRules } from "./ach/rules.ts";
import { agencyBoard } from "./agency/board.ts";
import { agencyRules } from "./agency/rules.ts";
import { hostBoard } from "./host/board.ts";
import { hostRules } from "./host/rules.ts";
import { hubBoard } from "./hub/board.ts";
import { hubRules } from "./hub/rules.ts";
import type { Layer } from "./layer.ts";

/** All layers, in the order in which the list of boards shows them. */
export const LAYERS: readonly Layer[] = [
  { name: "ach", boards: [achBoard], rules: [{ file: "shipped/ach.yaml", text: achRules }] },
  {
    name: "agency",
    boards: [agencyBoard],
    rules: [{ file: "shipped/agency.yaml", text: agencyRules }],
  },
  { name: "host", boards: [hostBoard], rules: [{ file: "shipped/host.yaml", text: hostRules }] },
  { name: "hub", boards: [hubBoard], rules: [{ file: "shipped/hub.yaml", text: hubRules }] },
];
