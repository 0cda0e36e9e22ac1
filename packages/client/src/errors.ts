import { errorTable } from "@hms-ops/model";

/** What the SDK and the hub's client say to a person. */
export const CLIENT_ERRORS = errorTable({
  hubUnreachable: {
    code: "OPS-1501",
    status: 503,
    message: "the hub at {url} does not answer ({why})",
    mend: "start it with `hms-ops up`, or name another one in HMS_OPS_URL",
  },
  hubTimeout: {
    code: "OPS-1502",
    status: 504,
    message: "the hub at {url} did not answer {path} within {timeoutMs} ms",
    mend: "ask for a shorter range or a longer step, or look at the hub with `hms-ops status`",
  },
  hubAnswerUnreadable: {
    code: "OPS-1503",
    status: 502,
    message: "what answered {path} at {url} is not an HMS-OPS hub ({why})",
    mend: "check the address: `hms-ops up` prints the one of this machine's hub",
  },
  hubRefused: {
    code: "OPS-1504",
    status: 400,
    message: "{error}",
    mend: "{mend}",
  },
  metricName: {
    code: "OPS-1510",
    status: 400,
    message: "{name} cannot be the name of a metric",
    mend: "use a text that is not empty, holds no broken UTF-16 and is at most {limit} characters long",
  },
  metricKind: {
    code: "OPS-1511",
    status: 400,
    message: "{name} is a {known} already and cannot become a {wanted}",
    mend: "use another name, or send it as a {known}",
  },
  metricValue: {
    code: "OPS-1512",
    status: 400,
    message: "{name} was sent the value {value}",
    mend: "send a number; a counter takes no negative one",
  },
  pushBody: {
    code: "OPS-1513",
    status: 400,
    message: "the body is not a JSON object of metrics ({why})",
    mend: 'send {"payment_latency_ms": 812}, or {"metric": "queue_depth", "value": 3, "type": "gauge"}',
  },
  tooManySeries: {
    code: "OPS-1514",
    status: 400,
    message: "{name} would be series number {limit} + 1 of this process",
    mend: "take the label out that has a value for each user, request or time",
  },
  bucketBounds: {
    code: "OPS-1515",
    status: 400,
    message: "the buckets of {name} do not rise",
    mend: "give finite upper bounds in rising order, each once",
  },
  portTaken: {
    code: "OPS-1516",
    status: 500,
    message: "port {port} on {host} cannot be opened ({why})",
    mend: "choose another port, or end the process that holds it",
  },
  bodyTooLarge: {
    code: "OPS-1517",
    status: 413,
    message: "the body is larger than {limit} bytes",
    mend: "send less in one request",
  },
  handlerFailed: {
    code: "OPS-1518",
    status: 500,
    message: "the function exposed at {path} failed ({why})",
    mend: "the caller was answered 500; mend the function",
  },
  claimUnreadable: {
    code: "OPS-1519",
    status: 400,
    message: "the body sent to {path} is not JSON",
    mend: "send the claim as JSON, or as parameters of the address with an empty body",
  },
});
