import { expect, it } from "vitest";
import { parse } from "yaml";
import { withoutSecrets } from "./secrets.ts";

const TEXT = `# who may ask
global:
  smtp_auth_password: 'hunter1'
scrape_configs:
  - job_name: a # the first
    basic_auth: {username: ann, password: hunter2}
    params: {token: [hunter3], module: [http]}
  - job_name: b
    authorization:
      type: Bearer
      credentials: |
        hunter4
    http_headers:
      X-Api-Key:
        secrets:
          - hunter5
          - hunter6
      Authorization: Bearer hunter7
  - job_name: c
    bearer_token_file: /run/token
    oauth2: {client_secret: "hunter9"}
    password:
    proxy_url: http://ann:hunter8@proxy:3128
`;

it("strikes out secrets however they are written, and nothing else", () => {
  const shown = withoutSecrets(TEXT);
  expect(shown).not.toMatch(/hunter/);
  expect(shown).toContain("# who may ask");
  expect(parse(shown)).toEqual({
    global: { smtp_auth_password: "<secret>" },
    scrape_configs: [
      {
        job_name: "a",
        basic_auth: { username: "ann", password: "<secret>" },
        params: { token: "<secret>", module: ["http"] },
      },
      {
        job_name: "b",
        authorization: { type: "Bearer", credentials: "<secret>" },
        http_headers: { "X-Api-Key": "<secret>", Authorization: "<secret>" },
      },
      {
        job_name: "c",
        bearer_token_file: "/run/token",
        oauth2: { client_secret: "<secret>" },
        password: null,
        proxy_url: "http://<secret>@proxy:3128",
      },
    ],
  });
});

it("strikes out what an alias stands for, also where it was written first", () => {
  const shown = withoutSecrets(
    "labels: {x: &p hunter2}\nbasic_auth:\n  password: *p\nb: {secrets: [&q hunter3, 4], password: *q}\n",
  );
  expect(parse(shown)).toEqual({
    labels: { x: "<secret>" },
    basic_auth: { password: "<secret>" },
    b: { secrets: "<secret>", password: "<secret>" },
  });
});
