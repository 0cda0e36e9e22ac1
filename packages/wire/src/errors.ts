import { errorTable } from "@hms-ops/model";

/** What a person or program is told about bytes that cannot be read at all. */
export const WIRE_ERRORS = errorTable({
  snappyCorrupt: {
    code: "OPS-1101",
    status: 400,
    message: "the body is not a snappy block: {reason}",
    mend: "Send the block format (not the framed one) and check that the body was not cut short.",
  },
  snappyTooLarge: {
    code: "OPS-1102",
    status: 413,
    message: "the snappy block says that it holds {bytes} bytes, more than the {limit} allowed",
    mend: "Send smaller batches (max_samples_per_send in Prometheus' queue_config).",
  },
  remoteWriteUnreadable: {
    code: "OPS-1103",
    status: 400,
    message: "the body is not a remote-write request: {reason} at byte {offset}",
    mend: "Send the protobuf message that the Content-Type names, compressed as one snappy block.",
  },
  queryAnswerUnreadable: {
    code: "OPS-1104",
    status: 502,
    message: "the answer is not one of Prometheus' HTTP API: {reason}",
    mend: "Check that the address is a hub's (or a Prometheus server's) and not another program's.",
  },
  remoteReadUnreadable: {
    code: "OPS-1106",
    status: 400,
    message: "the body is not a prometheus.ReadRequest: {reason} at byte {offset}",
    mend: "Send remote read: one protobuf message, compressed as one snappy block.",
  },
  remoteReadTooLarge: {
    code: "OPS-1107",
    status: 422,
    message: "the answer as plain samples would be larger than {limit} bytes",
    mend: "Ask for fewer series or a shorter range, or accept STREAMED_XOR_CHUNKS.",
  },
  remoteWriteTooMany: {
    code: "OPS-1108",
    status: 413,
    message: "the remote-write request holds more than {limit} {what}",
    mend: "Send smaller batches (max_samples_per_send in Prometheus' queue_config).",
  },
  chunkUnreadable: {
    code: "OPS-1105",
    status: 400,
    message: "the chunk of samples cannot be read: {reason}",
    mend: "Check the file that it comes from; of Prometheus' blocks, `promtool tsdb analyze` tells.",
  },
});
