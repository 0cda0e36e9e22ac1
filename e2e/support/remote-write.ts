import type { MetricMetadata } from "@hms-ops/model";
import { type RemoteWriteSeries, writeRemoteWrite } from "@hms-ops/wire/remote-write";
import { compressSnappy } from "@hms-ops/wire/snappy";

/** Posts one request of remote write 1.0, as Prometheus does. */
export function postRemoteWrite(
  url: string,
  series: readonly RemoteWriteSeries[],
  metadata?: ReadonlyMap<string, MetricMetadata>,
): Promise<Response> {
  return fetch(`${url}/api/v1/write`, {
    method: "POST",
    body: compressSnappy(writeRemoteWrite(series, metadata)),
    headers: {
      "Content-Type": "application/x-protobuf",
      "Content-Encoding": "snappy",
      "X-Prometheus-Remote-Write-Version": "0.1.0",
    },
  });
}

/** The same; rejects with the answer unless all of it was taken. */
export async function remoteWrite(...request: Parameters<typeof postRemoteWrite>): Promise<void> {
  const response = await postRemoteWrite(...request);
  const text = await response.text();
  if (response.status !== 204) throw new Error(`remote write: ${response.status} ${text}`);
}
