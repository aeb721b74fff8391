// pusher-js against any Pusher server.
//   node pusher_js.mjs --host 127.0.0.1 --port 6001 --key KEY --topics a,b [--seconds N] [--events M]
//     [--tls yes] [--activity-timeout MS] [--pong-timeout MS]
// With TLS, name the authority in the environment variable NODE_EXTRA_CA_CERTS.
import { load, Progress, readOptions, say } from "./report.mjs";

const options = readOptions({
  host: "127.0.0.1",
  port: "",
  key: "",
  tls: "",
  "activity-timeout": "120000",
  "pong-timeout": "30000",
});
const Pusher = load("pusher-js");
const pusher = new Pusher(options.key, {
  cluster: "",
  wsHost: options.host,
  wsPort: Number(options.port),
  wssPort: Number(options.port),
  forceTLS: options.tls !== "",
  enabledTransports: ["ws", "wss"],
  disableStats: true,
  activityTimeout: Number(options["activity-timeout"]),
  pongTimeout: Number(options["pong-timeout"]),
});
const progress = new Progress(options, () => pusher.disconnect());

pusher.connection.bind("state_change", ({ previous, current }) => {
  say("state", { previous, current });
  if (current === "connected") say("connected", { socket_id: pusher.connection.socket_id });
});
pusher.connection.bind("error", (error) => {
  say("error", error?.error?.data ?? error?.data ?? { message: String(error) });
});
pusher.connection.bind("message", ({ event }) => {
  if (event === "pusher:ping" || event === "pusher:pong") say(event.slice("pusher:".length));
});
for (const topic of options.topics) {
  const channel = pusher.subscribe(topic);
  channel.bind("pusher:subscription_succeeded", () => progress.subscribed(topic));
  channel.bind("pusher:subscription_error", (error) => say("refused", { topic, error }));
  channel.bind_global((event, data) => {
    if (!event.startsWith("pusher:")) progress.event(topic, event, data);
  });
}
