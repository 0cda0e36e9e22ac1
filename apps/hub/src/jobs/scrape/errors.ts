import { errorTable } from "@hms-ops/model";

/** Why a target counts as down; shown beside it. */
export const SCRAPE_ERRORS = errorTable({
  badStatus: {
    code: "OPS-1650",
    status: 502,
    message: "server returned HTTP status {status}",
    mend: "Ask the address with a browser; check metrics_path and credentials.",
  },
  timedOut: {
    code: "OPS-1651",
    status: 504,
    message: "no whole answer within {seconds} s",
    mend: "Raise scrape_timeout, or make the service answer sooner.",
  },
  notReached: {
    code: "OPS-1652",
    status: 502,
    message: "{reason}",
    mend: "Check that the service runs and listens on that address.",
  },
  bodyTooLarge: {
    code: "OPS-1653",
    status: 502,
    message: "the answer is larger than {limit} bytes",
    mend: "Raise body_size_limit of the job, or let the service tell less.",
  },
  secretUnreadable: {
    code: "OPS-1654",
    status: 500,
    message: "{file} cannot be read: {reason}",
    mend: "Check the path in hms-ops.yaml and the permissions of the file.",
  },
  badTarget: {
    code: "OPS-1655",
    status: 500,
    message: "{address} is no address to scrape: {reason}",
    mend: "Write targets as host:port, without a scheme or path.",
  },
  redirected: {
    code: "OPS-1657",
    status: 502,
    message: "redirected more than {max} times, last to {url}",
    mend: "Ask the address with a browser; name the one where the metrics are, or mend the service's redirects.",
  },
});
