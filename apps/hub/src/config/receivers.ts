/**
 * Who hears of rules that name nobody: the web hook in `HMS_OPS_WEBHOOK`, and the web hooks of the
 * receiver to which Alertmanager's `route` leads.
 */
export function defaultWebhooks(
  alerting: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const { HMS_OPS_WEBHOOK: fromEnvironment = "" } = environment;
  const wanted = recordOf(alerting.route).receiver;
  const receivers = listOf(alerting.receivers).map(recordOf);
  const receiver = receivers.find(({ name }) => name === wanted) ?? {};
  const routed = listOf(receiver.webhook_configs)
    .map((config) => recordOf(config).url)
    .filter((url) => typeof url === "string");
  return [fromEnvironment, ...routed].filter((url) => url !== "");
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
