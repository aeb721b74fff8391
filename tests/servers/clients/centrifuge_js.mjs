// The centrifuge JavaScript client against any Centrifugo server.
//   node centrifuge_js.mjs --url ws://127.0.0.1:8000/connection/websocket --topics a,b
//     [--token TOKEN | --token-url URL] [--seconds N] [--events M]
// The token URL is asked as Kick's is: POST {"client_id": ...}, answered by {"data": {"token": ...}}.
// With TLS, name the authority in the environment variable NODE_EXTRA_CA_CERTS.
import { randomUUID } from "node:crypto";
import { load, Progress, readOptions, say } from "./report.mjs";

const options = readOptions({ url: "", token: "", "token-url": "" });
const { Centrifuge } = load("centrifuge");
const clientId = randomUUID();

async function fetchToken() {
  const answer = await fetch(options["token-url"], {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ client_id: clientId }),
  });
  say("token", { status: answer.status });
  return (await answer.json()).data.token;
}

const credentials = options["token-url"]
  ? { getToken: fetchToken }
  : options.token
    ? { token: options.token, getToken: async () => (say("token"), options.token) }
    : {};
const client = new Centrifuge(options.url, { websocket: load("ws"), ...credentials });
const progress = new Progress(options, () => client.disconnect());

client.on("connecting", ({ code, reason }) => say("connecting", { code, reason }));
client.on("connected", (context) => say("connected", { client: context.client }));
client.on("disconnected", ({ code, reason }) => say("disconnected", { code, reason }));
client.on("error", ({ type, error }) => say("error", { type, ...error }));
for (const topic of options.topics) {
  const subscription = client.newSubscription(topic);
  subscription.on("subscribed", () => progress.subscribed(topic));
  subscription.on("unsubscribed", ({ code, reason }) => say("unsubscribed", { topic, code, reason }));
  subscription.on("error", ({ type, error }) => say("refused", { topic, type, ...error }));
  subscription.on("publication", ({ data }) => progress.event(topic, data?.event, data?.data));
  subscription.subscribe();
}
client.connect();
