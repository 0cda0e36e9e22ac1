import { errorTable } from "@hms-ops/model";

/** What rule files and notifiers say to a person. */
export const CONTROL_ERRORS = errorTable({
  badYaml: {
    code: "OPS-1401",
    status: 400,
    message: "This is not YAML: {reason}",
    mend: "Correct the line; look for a missing quote, colon or indent.",
  },
  noRules: {
    code: "OPS-1402",
    status: 400,
    message: "This file is in none of the forms in which rules are written.",
    mend: "Write `groups:` (Prometheus), one `alert:` with `expr:`, or `metric:` with `when:` and `action:`.",
  },
  unknownKey: {
    code: "OPS-1403",
    status: 400,
    message: "{key} is not a key of {place}.",
    mend: "{suggestion}",
  },
  missingKey: {
    code: "OPS-1404",
    status: 400,
    message: "{place} lacks {key}.",
    mend: "Add `{key}: …`.",
  },
  wrongShape: {
    code: "OPS-1405",
    status: 400,
    message: "{key} must be {wanted}.",
    mend: "Write it as {example}.",
  },
  badDuration: {
    code: "OPS-1406",
    status: 400,
    message: "{key}: {found} is not a duration.",
    mend: "Write a number with a unit, like 30s, 5m or 1h30m.",
  },
  badExpression: {
    code: "OPS-1407",
    status: 400,
    message: "{place}: {reason}",
    mend: "{suggestion}",
  },
  badName: {
    code: "OPS-1408",
    status: 400,
    message: "{found} is not a valid {kind}.",
    mend: "{suggestion}",
  },
  badTemplate: {
    code: "OPS-1409",
    status: 400,
    message: "The template of {key} cannot be read: {reason}.",
    mend: "Templates look like {{ $labels.service }} and {{ $value | humanize }}.",
  },
  repeatedGroup: {
    code: "OPS-1410",
    status: 400,
    message: "The group {name} stands in this file twice.",
    mend: "Give one of them another name.",
  },
  notForRecording: {
    code: "OPS-1411",
    status: 400,
    message: "A recording rule has no {key}.",
    mend: "Remove it, or make the rule an alert.",
  },
  repeatedAlert: {
    code: "OPS-1412",
    status: 400,
    message: "The alert {name} is defined in {other} too.",
    mend: "Give one of them another name, or remove one.",
  },
  badTarget: {
    code: "OPS-1413",
    status: 400,
    message: "Nobody can be told at {target}: {reason}.",
    mend: "{suggestion}",
  },
  channelMissing: {
    code: "OPS-1414",
    status: 400,
    message: "There is no {channel} channel in this version: {target} will be kept as not sent.",
    mend: "Add a webhook: or sms: target beside it.",
  },
  nobodyTold: {
    code: "OPS-1415",
    status: 400,
    message: "Nobody would be told when {name} fires.",
    mend: "Add `notify:` to the rule, or start the hub with HMS_OPS_WEBHOOK=URL in its environment.",
  },
  secretInRule: {
    code: "OPS-1416",
    status: 400,
    message: "The target {target} holds a secret that everyone who reads this file sees.",
    mend: "Write {channel}:$NAME and set the environment variable NAME.",
  },
  secondDocument: {
    code: "OPS-1417",
    status: 400,
    message: "Only the first YAML document of this file is read.",
    mend: "Move what follows `---` to a file of its own.",
  },
  badCondition: {
    code: "OPS-1418",
    status: 400,
    message: "The condition {found} cannot be understood.",
    mend: "Write it like `avg_over_30s > 2000`, `p95_over_5m >= 400` or `> 100`.",
  },
  changingLabel: {
    code: "OPS-1419",
    status: 400,
    message:
      "The label {label} takes the value, so every run makes a new alert that never gets past `for`.",
    mend: "Put the value into an annotation.",
  },
  fileTooLarge: {
    code: "OPS-1420",
    status: 413,
    message: "The rule file has {length} characters; at most {limit} are read.",
    mend: "Split it into several files.",
  },
  bothKinds: {
    code: "OPS-1421",
    status: 400,
    message: "A rule is either an alert or a recording, not both.",
    mend: "Make two rules of it.",
  },
  unreadableFile: {
    code: "OPS-1422",
    status: 400,
    message: "The file cannot be read: {reason}.",
    mend: "Check that it exists and that the hub's user may read it.",
  },
  badUpload: {
    code: "OPS-1423",
    status: 400,
    message: "This is not a rule file to store: {reason}.",
    mend: 'Send JSON: {"file": "rules.yaml", "text": "groups: …"}.',
  },
  badTestSeries: {
    code: "OPS-1424",
    status: 400,
    message: "{place}: {reason}.",
    mend: 'Write series like up{job="ach"} and values like `1 2 3`, `0+10x5`, `_x3`, `stale`, `{{schema:0 sum:1 count:1 buckets:[1]}}`.',
  },
  badTest: {
    code: "OPS-1425",
    status: 400,
    message: "{place}: {reason}.",
    mend: "{suggestion}",
  },
  duplicateRule: {
    code: "OPS-1426",
    status: 400,
    message: "{name} with the same labels is in group {group} of {other}, too.",
    mend: "Remove one, or tell them apart by a label.",
  },
  hardlyMeant: {
    code: "OPS-1427",
    status: 400,
    message: "{place}: {reason}.",
    mend: "{suggestion}",
  },
  notUploaded: {
    code: "OPS-1428",
    status: 404,
    message: "No rule file {file} is stored in the hub.",
    mend: "{suggestion}",
  },
});
